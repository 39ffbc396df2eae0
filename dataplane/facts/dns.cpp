#include <cstddef>
#include <cstdint>

#include "dataplane/facts/readers.h"
#include "dataplane/facts/wire_text.h"
#include "dataplane/packet/cursor.h"

// DNS (RFC 1035), also of mDNS and LLMNR. An answer repeats the question, so that a rule on names holds for both.
namespace wardline::facts {
namespace {

using Bytes = std::span<const std::byte>;

constexpr std::size_t kHeader = 12, kMaxName = 255, kMaxJumps = 16;

// As master files write it (RFC 1035, 5.1): a dot inside a label, and what cannot be printed, as \DDD.
void put_label(Bytes label, WireText& text) {
  if (!text.empty()) text.put('.');
  for (const char letter : text_of(label)) {
    const auto code = static_cast<unsigned char>(letter);
    if (code > 0x20 && code < 0x7f && letter != '.' && letter != '\\') {
      text.put(lower(letter));
      continue;
    }
    text.put('\\');
    text.put(static_cast<char>('0' + code / 100));
    text.put(static_cast<char>('0' + code / 10 % 10));
    text.put(static_cast<char>('0' + code % 10));
  }
}

// Receivers differ in which pointers they follow; here all are, a few times, and the length of the name is bounded too.
bool read_name(Bytes message, std::size_t at, WireText& text) {
  std::size_t length = 0;
  for (std::size_t jumps = 0; jumps <= kMaxJumps;) {
    packet::Cursor cursor(message.subspan(at));
    const std::size_t head = cursor.u8();
    if (head >= 0xc0) {
      at = (head & 0x3f) << 8 | cursor.u8();
      if (cursor.failed() || at >= message.size()) return false;
      ++jumps;
      continue;
    }
    const auto label = cursor.take(head);
    if (cursor.failed() || head > 63 || (length += head + 1) > kMaxName) return false;
    if (head == 0) return true;
    put_label(label, text);
    at += head + 1;
  }
  return false;
}

}  // namespace

void read_dns(Bytes bytes, bool, FactSet& facts) {
  packet::Cursor cursor(bytes);
  const auto header = cursor.take<kHeader>();
  if (cursor.failed() || header.u16<4>() != 1) return;  // questions: no server answers more than one
  WireText name;
  if (!read_name(bytes, kHeader, name)) return;
  facts.add(Fact::kDnsName, name.empty() ? "." : name.view());
}

void read_dns_tcp(Bytes bytes, bool from_client, FactSet& facts) {
  packet::Cursor cursor(bytes);
  const std::size_t length = cursor.u16();
  if (length <= cursor.left()) return read_dns(cursor.take(length), from_client, facts);
  read_dns(cursor.rest(), from_client, facts);  // the question may be there before the rest is
}

}  // namespace wardline::facts
