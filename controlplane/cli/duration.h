#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace wardline::cli {

// "90s", "30m", "4h", "7d" in seconds; the unit is required. Nothing for 0, for more than a year and for other text.
std::optional<std::uint64_t> seconds_of(std::string_view text);

}  // namespace wardline::cli
