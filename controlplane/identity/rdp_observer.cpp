#include <algorithm>
#include <cstdint>
#include <string>

#include "controlplane/identity/little_endian.h"
#include "controlplane/identity/observers.h"
#include "controlplane/identity/tpkt.h"
#include "controlplane/identity/utf16_text.h"

namespace wardline::identity {
namespace {

using packet::Cursor;

constexpr std::string_view kConnectInitial = "\x7f\x65";  // BER tag of MCS (T.125)
constexpr std::string_view kClientKey = "Duca";           // of the user data of a GCC conference (MS-RDPBCGR 2.2.1.3)
constexpr int kMaxBlocks = 16;

// Client core data (2.2.1.3.2), behind its header.
void tell_core(Bytes data, Observations& out) {
  Cursor in(data);
  in.skip(4 + 2 + 2 + 2 + 2 + 4);  // version, width, height, depth, key sequence, keyboard
  const auto build = little32(in);
  const auto name = in.take(32);
  if (in.failed()) return;
  tell(out, "rdp", "rdp.client_name", utf8_of_utf16(name, ByteOrder::kLittle));
  tell(out, "rdp", "rdp.client_build", std::to_string(build));
}

// Blocks of settings behind the client's key and a length in PER (one byte, or two of which the first has its high bit
// set): little-endian type and length with this header, then data.
void read_settings(Bytes user_data, Observations& out) {
  constexpr std::uint16_t kClientCore = 0xc001, kHeader = 4;
  const auto key = as_text(user_data).find(kClientKey);
  if (key == std::string_view::npos) return;
  Cursor in(user_data.subspan(key + kClientKey.size()));
  if ((in.u8() & 0x80) != 0) in.skip(1);
  for (int i = 0; i < kMaxBlocks && in.left() > 0; ++i) {
    const auto type = little16(in), length = little16(in);
    if (length < kHeader) return;
    const auto data = in.take(length - kHeader);
    if (type == kClientCore) return tell_core(data, out);
  }
}

}  // namespace

// The connection request before it holds a cookie with a user's name, which is never read. Behind TLS there is nothing
// to read.
void observe_rdp(Bytes payload, const Speech& speech, Observations& out) {
  if (!speech.by_client) return;
  for_each_tpkt(payload, [&](Bytes data) {
    if (as_text(data).starts_with(kConnectInitial)) read_settings(data, out);
  });
}

}  // namespace wardline::identity
