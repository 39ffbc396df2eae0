// Messages of SMB behind their NetBIOS session (RFC 1002, 4.3) or direct TCP (MS-SMB2, 2.1) headers.
#include "dataplane/facts/smb.h"

#include <algorithm>

#include "dataplane/facts/readers.h"
#include "dataplane/packet/cursor.h"

namespace wardline::facts {
namespace {

constexpr std::size_t kMaxMessages = 16;
constexpr std::uint32_t kMarkSmb1 = 0xff534d42, kMarkSmb2 = 0xfe534d42;  // sealed and compressed ones are not read

}  // namespace

WireText text_of_utf16(std::span<const std::byte> bytes) {
  WireText text;
  for (std::size_t at = 0; at + 2 <= bytes.size(); at += 2) {
    char32_t unit = le16(bytes, at);
    if (unit == 0) break;
    if (unit >= 0xd800 && unit < 0xdc00 && at + 4 <= bytes.size()) {
      const char32_t low = le16(bytes, at + 2);
      if (low >= 0xdc00 && low < 0xe000) {
        unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
        at += 2;
      }
    }
    text.put_lower(unit);
  }
  return text;
}

// Which code page a client uses beyond ASCII is not said anywhere.
WireText text_of_oem(std::span<const std::byte> bytes) {
  WireText text;
  for (const auto byte : bytes) {
    if (byte == std::byte{0}) break;
    text.put_lower(byte < std::byte{0x80} ? std::to_integer<char32_t>(byte) : U'\ufffd');
  }
  return text;
}

// A path that is not there, wherever the message says that it lies, gives an empty share, so that no rule lists it.
void add_share(std::string_view path, FactSet& facts) {
  while (path.ends_with('\\') || path.ends_with('/')) path.remove_suffix(1);
  facts.add(Fact::kSmbShare, path.substr(path.find_last_of("\\/") + 1));  // npos + 1 is 0
}

void read_smb(std::span<const std::byte> bytes, bool, FactSet& facts) {
  packet::Cursor cursor(bytes);
  for (std::size_t i = 0; i < kMaxMessages && cursor.left() >= 8; ++i) {
    const auto header = cursor.u32();  // of a message: a zero byte and its length
    const auto message = cursor.take(std::min<std::size_t>(header & 0xffffff, cursor.left()));
    if (header >> 24 != 0) continue;  // a session request or the like
    const auto mark = packet::Cursor(message).u32();
    if (mark == kMarkSmb1) read_smb1_message(message, facts);
    if (mark == kMarkSmb2) read_smb2_message(message, facts);
  }
}

}  // namespace wardline::facts
