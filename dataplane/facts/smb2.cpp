// SMB2 and SMB3: MS-SMB2 2.2.1 (header), 2.2.3 and 2.2.4 (negotiate), 2.2.9 (tree connect).
#include <algorithm>

#include "dataplane/facts/smb.h"

namespace wardline::facts {
namespace {

using Bytes = std::span<const std::byte>;

enum Command : std::uint16_t { kNegotiate = 0, kTreeConnect = 3 };

constexpr std::size_t kHeader = 64, kMaxCompounded = 8, kMaxDialects = 16;
constexpr std::uint32_t kReply = 1;

std::string_view dialect_text(std::uint16_t dialect) {
  switch (dialect) {
    case 0x0202:
      return "2.0.2";
    case 0x0210:
      return "2.1";
    case 0x0300:
      return "3.0";
    case 0x0302:
      return "3.0.2";
    case 0x0311:
      return "3.1.1";
    default:  // among them 0x02ff, the answer to "SMB 2.???": a second negotiation finds the dialect
      return {};
  }
}

void add_dialect(std::uint16_t dialect, FactSet& facts) {
  const auto text = dialect_text(dialect);
  if (!text.empty()) facts.add(Fact::kSmbDialect, text);
}

void read_negotiate_request(Bytes body, FactSet& facts) {
  constexpr std::size_t kFixed = 36;
  if (body.size() < kFixed) return;
  const std::size_t count = std::min<std::size_t>({le16(body, 2), (body.size() - kFixed) / 2, kMaxDialects});
  std::uint16_t highest = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto dialect = le16(body, kFixed + 2 * i);
    if (!dialect_text(dialect).empty()) highest = std::max(highest, dialect);
  }
  add_dialect(highest, facts);
}

void read_tree_connect(Bytes message, FactSet& facts) {
  const auto body = message.subspan(kHeader);
  if (body.size() < 8) return add_share("", facts);
  const std::size_t at = le16(body, 4), length = le16(body, 6);
  if (at < kHeader + 8 || at + length > message.size()) return add_share("", facts);
  add_share(text_of_utf16(message.subspan(at, length)).view(), facts);
}

void read_one(Bytes message, FactSet& facts) {
  const auto command = le16(message, 12);
  const bool reply = (le32(message, 16) & kReply) != 0;
  const auto body = message.subspan(kHeader);
  if (command == kTreeConnect && !reply) read_tree_connect(message, facts);
  if (command != kNegotiate) return;
  const bool success = le32(message, 8) == 0;
  if (!reply) read_negotiate_request(body, facts);
  if (reply && success && body.size() >= 6) add_dialect(le16(body, 4), facts);
}

}  // namespace

void read_smb2_message(Bytes message, FactSet& facts) {
  for (std::size_t i = 0; i < kMaxCompounded && message.size() >= kHeader; ++i) {
    read_one(message, facts);
    const std::size_t next = le32(message, 20);  // command of the same message; each has a whole header
    if (next < kHeader || next >= message.size()) return;
    message = message.subspan(next);
  }
}

}  // namespace wardline::facts
