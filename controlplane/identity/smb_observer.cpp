// SMB: its dialect, and what the set-up of a session tells of the machine. MS-SMB2 2.2.1, 2.2.5 and 2.2.6; MS-CIFS
// 2.2.3.1 and 2.2.4.53; MS-SMB 2.2.4.6. Messages stand behind headers of NetBIOS (RFC 1002, 4.3) or direct TCP.
#include <algorithm>
#include <bit>
#include <cstdint>

#include "controlplane/identity/little_endian.h"
#include "controlplane/identity/ntlm.h"
#include "controlplane/identity/observers.h"
#include "controlplane/identity/utf16_text.h"
#include "dataplane/facts/readers.h"

namespace wardline::identity {
namespace {

using packet::Cursor;

constexpr std::size_t kMaxMessages = 16;
constexpr std::uint32_t kMarkSmb1 = 0xff534d42, kMarkSmb2 = 0xfe534d42;

struct Told {
  std::string dialect, os;
  NtlmSpeaker ntlm;
};

void keep(NtlmSpeaker told, NtlmSpeaker& kept) {
  if (!told.hostname.empty()) kept.hostname = std::move(told.hostname);
  if (!told.domain.empty()) kept.domain = std::move(told.domain);
  if (!told.os.empty()) kept.os = std::move(told.os);
}

// Takes a text up to its NUL off `in`; what has no NUL is cut off.
std::string take_text(Cursor& in, bool unicode) {
  const auto rest = in.rest();
  const std::size_t unit = unicode ? 2 : 1;
  for (std::size_t at = 0; at + unit <= rest.size(); at += unit) {
    if (rest[at] != std::byte{0} || rest[at + unit - 1] != std::byte{0}) continue;
    const auto text = in.take(at);
    in.skip(unit);
    return unicode ? utf8_of_utf16(text, ByteOrder::kLittle) : std::string(as_text(text));
  }
  in.skip(rest.size() + 1);
  return {};
}

void read_texts(Cursor in, bool unicode, bool with_domain, Told& told) {
  auto os = take_text(in, unicode);
  const auto program = take_text(in, unicode);
  if (!program.empty() && program != os) os.append(os.empty() ? "" : ", ").append(program);
  if (!os.empty()) told.os = std::move(os);
  if (with_domain) keep({.hostname = {}, .domain = take_text(in, unicode), .os = {}}, told.ntlm);
}

// SESSION_SETUP_ANDX. What stands before the texts depends on who speaks and on the count of words: a request with 12
// has a token, one with 13 two passwords and an account; an answer with 4 has a token, one with 3 none.
void read_session_setup_1(Bytes message, bool reply, Told& told) {
  constexpr std::uint16_t kUnicode = 0x8000;
  Cursor in(message);
  in.skip(10);
  const bool unicode = (little16(in) & kUnicode) != 0;
  in.skip(20);
  const std::size_t words = in.u8();
  Cursor parameters(in.take(2 * words));
  const std::size_t count = little16(in), at = message.size() - in.left();
  in.limit(count);  // another command may follow
  const bool token = words == (reply ? 4 : 12), plain = words == (reply ? 3 : 13);
  if (in.failed() || (!token && !plain)) return;
  parameters.skip(reply ? 6 : 14);
  if (token) keep(read_ntlm(in.take(little16(parameters))), told.ntlm);
  const bool account = plain && !reply;
  if (account) {
    const std::size_t oem_password = little16(parameters), unicode_password = little16(parameters);
    in.skip(oem_password + unicode_password);
  }
  // In Unicode texts begin at an even byte of the message.
  if (unicode && (at + count - in.left()) % 2 != 0) in.skip(1);
  if (account) take_text(in, unicode), take_text(in, unicode);  // the name and its domain
  read_texts(in, unicode, plain && reply, told);
}

void read_session_setup_2(Bytes message, bool reply, Told& told) {
  Cursor in(message);
  in.skip(64 + (reply ? 4 : 12));
  const std::size_t offset = little16(in), length = little16(in);
  if (in.failed() || offset > message.size() || length > message.size() - offset) return;
  keep(read_ntlm(message.subspan(offset, length)), told.ntlm);
}

// `message` is whole.
void read_message(Bytes message, bool reply, Told& told) {
  constexpr std::uint8_t kSetup1 = 0x73;
  constexpr std::uint16_t kSetup2 = 0x0001;
  Cursor in(message);
  const auto mark = in.u32();
  if (mark == kMarkSmb1 && in.u8() == kSetup1) read_session_setup_1(message, reply, told);
  in.skip(8);  // of SMB2: size of the header, credits, status
  if (mark == kMarkSmb2 && little16(in) == kSetup2) read_session_setup_2(message, reply, told);
}

void read_dialect(Bytes framed, bool by_client, Told& told) {
  facts::FactSet found;
  facts::read_smb(framed, by_client, found);
  for (const auto& value : found.values())
    if (value.fact == facts::Fact::kSmbDialect) told.dialect = value.view();
}

}  // namespace

// A message that is cut off is not read: half a list of dialects would name an old one.
void observe_smb(Bytes payload, const Speech& speech, Observations& out) {
  Told told;
  Cursor in(payload);
  for (std::size_t i = 0; i < kMaxMessages && in.left() > 0; ++i) {
    const auto from = in.rest();
    const auto header = in.u32();  // a zero byte of messages, and the length
    const auto message = in.take(header & 0xffffff);
    if (in.failed()) break;
    if (header >> 24 != 0) continue;
    read_dialect(from.first(4 + message.size()), speech.by_client, told);
    read_message(message, !speech.by_client, told);
  }
  tell(out, "smb", "smb.dialect", told.dialect);
  tell(out, "smb", "smb.os", told.os.empty() ? told.ntlm.os : told.os);
  tell(out, "smb", "smb.hostname", told.ntlm.hostname);
  tell(out, "smb", "smb.domain", told.ntlm.domain);
}

}  // namespace wardline::identity
