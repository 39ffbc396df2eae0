#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dataplane/facts/readers.h"

namespace wardline::facts {

using Octets = std::vector<std::byte>;

// Bytes for the wire, in network order.
class Wire {
 public:
  Wire& u8(unsigned value) { return octets.push_back(static_cast<std::byte>(value)), *this; }
  Wire& u16(unsigned value) { return u8(value >> 8 & 0xff).u8(value & 0xff); }
  Wire& u24(std::size_t value) { return u8(value >> 16 & 0xff).u16(value & 0xffff); }
  Wire& u32(std::uint32_t value) { return u16(value >> 16).u16(value & 0xffff); }
  Wire& le16(unsigned value) { return u8(value & 0xff).u8(value >> 8 & 0xff); }
  Wire& le32(std::uint32_t value) { return le16(value & 0xffff).le16(value >> 16); }
  Wire& text(std::string_view text) {
    for (const char letter : text) u8(static_cast<unsigned char>(letter));
    return *this;
  }
  Wire& utf16(std::u16string_view text) {
    for (const char16_t unit : text) le16(unit);
    return *this;
  }
  Wire& zeros(std::size_t count) { return octets.insert(octets.end(), count, std::byte{0}), *this; }
  Wire& raw(std::span<const std::byte> bytes) { return octets.insert(octets.end(), bytes.begin(), bytes.end()), *this; }
  // With their length before them, in one byte or two.
  Wire& short_vector(std::span<const std::byte> bytes) { return u8(static_cast<unsigned>(bytes.size())).raw(bytes); }
  Wire& long_vector(std::span<const std::byte> bytes) { return u16(static_cast<unsigned>(bytes.size())).raw(bytes); }
  operator std::span<const std::byte>() const { return octets; }

  Octets octets;
};

inline Octets from_hex(std::string_view hex) {
  Octets octets;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    octets.push_back(static_cast<std::byte>(std::stoul(std::string(hex.substr(i, 2)), nullptr, 16)));
  return octets;
}

// All values of one fact, in the order in which they were read.
inline std::vector<std::string> values(const FactSet& facts, Fact fact) {
  std::vector<std::string> found;
  for (const FactValue& value : facts.values())
    if (value.fact == fact) found.emplace_back(value.view());
  return found;
}
// The only value; "" for none, "(several)" for more.
inline std::string value(const FactSet& facts, Fact fact) {
  const auto found = values(facts, fact);
  return found.empty() ? "" : found.size() == 1 ? found[0] : "(several)";
}

using ReaderFunction = void(std::span<const std::byte>, bool, FactSet&);
inline FactSet read(ReaderFunction* reader, std::span<const std::byte> bytes, bool from_client = true) {
  FactSet facts;
  reader(bytes, from_client, facts);
  return facts;
}

}  // namespace wardline::facts
