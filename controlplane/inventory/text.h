#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace wardline::inventory {

inline constexpr std::size_t kMaxText = 256;  // bytes of one value from the wire, escapes included

// Text from the wire, made fit for records, logs and pages: valid UTF-8 in at most `max_bytes`, without leading and
// trailing blanks and NULs. What is no UTF-8 becomes "\xff"; control characters, line separators and marks that turn
// the direction of writing become "\u202e", so a host name can neither start a new log line nor hide its end. Text
// that was cut ends with an ellipsis.
std::string clean_text(std::string_view raw, std::size_t max_bytes = kMaxText);

}  // namespace wardline::inventory
