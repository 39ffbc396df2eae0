#include <fmt/format.h>

#include <algorithm>

#include "controlplane/identity/observers.h"
#include "dataplane/packet/cursor.h"

namespace wardline::identity {
namespace {

// BER (X.690, 8.1) as SNMP uses it: one byte of tag, definite lengths.
constexpr std::uint8_t kInteger = 0x02, kOctets = 0x04, kObjectId = 0x06, kSequence = 0x30, kGetResponse = 0xa2;
constexpr int kMaxBindings = 64;
constexpr std::size_t kMaxObjectId = 128;  // sub-identifiers (RFC 2578, 3.5)

struct Head {
  std::uint8_t tag;
  std::size_t length;
};

Head read_head(packet::Cursor& in) {
  constexpr std::uint8_t kLong = 0x80, kMaxLengthBytes = 4;
  const auto tag = in.u8();
  std::size_t length = in.u8();
  if (length < kLong) return {tag, length};
  const auto bytes = length & 0x7f;
  if (bytes == 0 || bytes > kMaxLengthBytes) in.skip(in.left() + 1);
  length = 0;
  for (const auto byte : in.take(bytes)) length = length << 8 | std::to_integer<std::size_t>(byte);
  return {tag, length};
}

// A value of that tag, whole; a failed cursor otherwise.
Bytes take_value(packet::Cursor& in, std::uint8_t tag) {
  const auto head = read_head(in);
  if (head.tag != tag) in.skip(in.left() + 1);
  return in.take(head.length);
}

// What is inside of a construct, as far as it is there: the datagram may be longer than the copy of it.
packet::Cursor enter(packet::Cursor& in, std::uint8_t tag) {
  const auto head = read_head(in);
  if (head.tag != tag) in.skip(in.left() + 1);
  return packet::Cursor(in.take(std::min(head.length, in.left())));
}

// The system group (RFC 3418, 2): 1.3.6.1.2.1.1.N.0, of which N is looked up.
constexpr std::string_view kSystem{"\x2b\x06\x01\x02\x01\x01", 6};
struct Scalar {
  char number;
  std::uint8_t tag;
  std::string_view attribute;
};
constexpr Scalar kScalars[] = {{1, kOctets, "snmp.description"},
                               {2, kObjectId, "snmp.object_id"},
                               {5, kOctets, "snmp.name"},
                               {6, kOctets, "snmp.location"}};

// X.690, 8.19. Empty when a sub-identifier is cut off or beyond 32 bits.
std::string dotted_object_id(Bytes encoded) {
  std::string text;
  std::uint64_t number = 0;
  std::size_t count = 0;
  bool whole = false;
  for (const auto byte : encoded) {
    number = number << 7 | (std::to_integer<std::uint64_t>(byte) & 0x7f);
    whole = (std::to_integer<std::uint8_t>(byte) & 0x80) == 0;
    if (number > UINT32_MAX || count == kMaxObjectId) return {};
    if (!whole) continue;
    // The first two arcs share a sub-identifier.
    const auto first = std::min<std::uint64_t>(number / 40, 2);
    text += count == 0 ? fmt::format("{}.{}", first, number - 40 * first) : fmt::format(".{}", number);
    ++count;
    number = 0;
  }
  return whole ? text : std::string{};
}

void tell_binding(std::string_view name, const Head& value_head, Bytes value, Observations& out) {
  if (name.size() != kSystem.size() + 2 || !name.starts_with(kSystem) || name.back() != 0) return;
  const auto known = std::ranges::find(kScalars, name[kSystem.size()], &Scalar::number);
  if (known == std::end(kScalars) || known->tag != value_head.tag) return;
  tell(out, "snmp", known->attribute, known->tag == kObjectId ? dotted_object_id(value) : std::string(as_text(value)));
}

}  // namespace

// The community is a password in the clear (RFC 1157, 3.2.5): it is passed over.
void observe_snmp(Bytes payload, const Speech&, Observations& out) {
  packet::Cursor datagram(payload);
  auto message = enter(datagram, kSequence);
  const auto version = as_text(take_value(message, kInteger));
  take_value(message, kOctets);
  auto pdu = enter(message, kGetResponse);
  take_value(pdu, kInteger);  // of the request
  const auto error = as_text(take_value(pdu, kInteger));
  take_value(pdu, kInteger);  // which binding is wrong
  auto bindings = enter(pdu, kSequence);
  constexpr std::string_view kVersion1{"\0", 1}, kVersion2c{"\1", 1}, kNoError{"\0", 1};
  if (pdu.failed() || message.failed() || error != kNoError || (version != kVersion1 && version != kVersion2c)) return;
  for (int i = 0; i < kMaxBindings && bindings.left() > 0; ++i) {
    auto binding = enter(bindings, kSequence);
    const auto name = as_text(take_value(binding, kObjectId));
    const auto head = read_head(binding);
    const auto value = binding.take(head.length);
    if (bindings.failed() || binding.failed()) return;
    tell_binding(name, head, value, out);
  }
}

}  // namespace wardline::identity
