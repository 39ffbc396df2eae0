#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace wardline::alerts {

// Valid UTF-8 in, or made valid: invalid bytes and U+2028/U+2029 (line ends to some readers) become U+FFFD. Cut to
// `max_characters` characters. What devices say of themselves passes here before it reaches a SIEM.
std::string sanitized(std::string_view text, std::size_t max_characters);

// The longest beginning of at most `max_bytes` that ends between two characters.
std::string_view cut(std::string_view text, std::size_t max_bytes);

}  // namespace wardline::alerts
