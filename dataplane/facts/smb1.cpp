// SMB1: MS-CIFS 2.2.3.1 (header), 2.2.4.52 (negotiate), 2.2.4.50 and 2.2.4.55 (tree connect).
#include <algorithm>

#include "dataplane/facts/smb.h"
#include "dataplane/packet/cursor.h"

namespace wardline::facts {
namespace {

using Bytes = std::span<const std::byte>;

enum Command : std::uint8_t { kTreeConnect = 0x70, kNegotiate = 0x72, kTreeConnectAndX = 0x75, kNone = 0xff };
// Commands behind which another may stand in the same message.
bool chains(std::uint8_t command) {
  return command == 0x24 || command == 0x2d || command == 0x2e || command == 0x2f || command == 0x73 ||
         command == 0x74 || command == kTreeConnectAndX;
}

constexpr std::size_t kHeader = 32, kMaxChained = 4, kMaxDialects = 32;
constexpr std::uint8_t kReply = 0x80;       // in the flags at 9
constexpr std::uint16_t kUnicode = 0x8000;  // in the flags at 10
constexpr std::byte kTextFollows{0x04}, kDialectFollows{0x02};

struct Block {
  Bytes words, bytes;        // the parameters and the data of a command
  std::size_t bytes_at = 0;  // where `bytes` starts in the message
  bool cut = false;          // not all of `bytes` is there
};

// False if not even the words are there.
bool read_block(Bytes message, std::size_t at, Block& block) {
  if (at >= message.size()) return false;
  packet::Cursor cursor(message.subspan(at));
  block.words = cursor.take(std::size_t{2} * cursor.u8());
  const auto count = cursor.take(2);
  if (cursor.failed()) return false;
  block.bytes_at = message.size() - cursor.left();
  block.cut = le16(count, 0) > cursor.left();
  block.bytes = cursor.rest().first(std::min<std::size_t>(le16(count, 0), cursor.left()));
  return true;
}

// A text that is there up to its NUL; takes it off `bytes`.
bool take_text(Bytes& bytes, std::string_view& text) {
  const auto end = std::ranges::find(bytes, std::byte{0});
  if (end == bytes.end()) return false;
  const auto length = static_cast<std::size_t>(end - bytes.begin());
  text = text_of(bytes.first(length));
  bytes = bytes.subspan(length + 1);
  return true;
}

// A client that also speaks SMB2 says so among its dialects (MS-SMB2, 3.2.4.2.2.1).
void read_dialects(Bytes bytes, FactSet& facts) {
  std::string_view best, dialect;
  for (std::size_t i = 0; i < kMaxDialects && !bytes.empty() && bytes[0] == kDialectFollows; ++i) {
    bytes = bytes.subspan(1);
    if (!take_text(bytes, dialect)) break;
    if (dialect == "SMB 2.???")
      best = "2.1";  // or a later one, which a second negotiation of SMB2 finds out
    else if (dialect == "SMB 2.002")
      best = best == "2.1" ? best : "2.0.2";
    else if (best.empty())
      best = "1";
  }
  if (!best.empty()) facts.add(Fact::kSmbDialect, best);
}

void read_negotiate(const Block& block, bool reply, FactSet& facts) {
  if (!reply) return read_dialects(block.bytes, facts);
  constexpr std::uint16_t kNoDialect = 0xffff;
  if (block.words.size() >= 2 && le16(block.words, 0) != kNoDialect) facts.add(Fact::kSmbDialect, "1");
}

void read_tree_connect(const Block& block, bool unicode, FactSet& facts) {
  auto bytes = block.bytes;
  if (block.cut || bytes.empty() || bytes[0] != kTextFollows) return add_share("", facts);
  bytes = bytes.subspan(1);
  const bool odd = (block.bytes_at + 1) % 2 != 0;
  if (unicode && odd && !bytes.empty()) bytes = bytes.subspan(1);
  add_share((unicode ? text_of_utf16(bytes) : text_of_oem(bytes)).view(), facts);
}

void read_tree_connect_andx(const Block& block, bool unicode, FactSet& facts) {
  if (block.cut || block.words.size() < 8) return add_share("", facts);
  std::size_t skip = le16(block.words, 6);  // the password
  if (unicode && (block.bytes_at + skip) % 2 != 0) ++skip;
  if (skip >= block.bytes.size()) return add_share("", facts);
  const auto path = block.bytes.subspan(skip);
  add_share((unicode ? text_of_utf16(path) : text_of_oem(path)).view(), facts);
}

}  // namespace

void read_smb1_message(Bytes message, FactSet& facts) {
  if (message.size() < kHeader) return;
  const bool reply = (std::to_integer<unsigned>(message[9]) & kReply) != 0;
  const bool unicode = (le16(message, 10) & kUnicode) != 0;
  auto command = std::to_integer<std::uint8_t>(message[4]);
  Block block;
  std::size_t at = kHeader;
  for (std::size_t i = 0; i < kMaxChained && read_block(message, at, block); ++i) {
    if (command == kNegotiate) read_negotiate(block, reply, facts);
    if (command == kTreeConnect && !reply) read_tree_connect(block, unicode, facts);
    if (command == kTreeConnectAndX && !reply) read_tree_connect_andx(block, unicode, facts);
    if (!chains(command) || block.words.size() < 4) return;
    command = std::to_integer<std::uint8_t>(block.words[0]);
    const std::size_t next = le16(block.words, 2);
    if (command == kNone || next <= at) return;
    at = next;
  }
}

}  // namespace wardline::facts
