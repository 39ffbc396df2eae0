#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "dataplane/address.h"

namespace wardline::related {

// The first bytes of a payload as text. Bytes above 127 and NULs may be in it.
inline std::string_view text_of(std::span<const std::byte> payload, std::size_t most) {
  return {reinterpret_cast<const char*>(payload.data()), payload.size() < most ? payload.size() : most};
}

// Takes what stands before `mark` off the front, and the mark; all that is left if there is none.
std::string_view take_until(std::string_view& rest, char mark);
// A line without its end, CRLF or LF.
std::string_view take_line(std::string_view& rest);
// Takes a number off the front; nothing if there is none or it is above `limit`.
std::optional<std::uint32_t> take_number(std::string_view& rest, std::uint32_t limit);
std::string_view trimmed(std::string_view text);
// `upper` must be in capitals.
bool starts_caseless(std::string_view text, std::string_view upper);
// "10.1.2.3" or "fd00::1".
std::optional<Address> address_of(std::string_view text);

}  // namespace wardline::related
