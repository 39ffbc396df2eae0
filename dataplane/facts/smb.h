#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "dataplane/facts/fact.h"
#include "dataplane/facts/wire_text.h"

// Parts of the reader of SMB. All numbers are little-endian, and offsets count from the message's first byte.
namespace wardline::facts {

// `message` starts at the protocol's mark and ends where it ends, or where what is there ends.
void read_smb1_message(std::span<const std::byte> message, FactSet& facts);
void read_smb2_message(std::span<const std::byte> message, FactSet& facts);

// A little-endian field; `at` must lie inside.
inline std::uint16_t le16(std::span<const std::byte> bytes, std::size_t at) {
  return static_cast<std::uint16_t>(std::to_integer<unsigned>(bytes[at]) | std::to_integer<unsigned>(bytes[at + 1])
                                                                               << 8);
}
inline std::uint32_t le32(std::span<const std::byte> bytes, std::size_t at) {
  return le16(bytes, at) | std::uint32_t{le16(bytes, at + 2)} << 16;
}

// Lower case, up to a NUL or the end.
WireText text_of_utf16(std::span<const std::byte> bytes);
WireText text_of_oem(std::span<const std::byte> bytes);

// The share's name in a path such as \\server\share.
void add_share(std::string_view path, FactSet& facts);

}  // namespace wardline::facts
