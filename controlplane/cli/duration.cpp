#include "controlplane/cli/duration.h"

#include <charconv>

namespace wardline::cli {

std::optional<std::uint64_t> seconds_of(std::string_view text) {
  constexpr std::uint64_t kMost = 366ull * 86'400;
  std::uint64_t count = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || rest + 1 != text.data() + text.size() || count == 0 || count > kMost) return std::nullopt;
  std::uint64_t unit = 0;
  switch (*rest) {
    case 's':
      unit = 1;
      break;
    case 'm':
      unit = 60;
      break;
    case 'h':
      unit = 3600;
      break;
    case 'd':
      unit = 86'400;
      break;
    default:
      return std::nullopt;
  }
  return count * unit <= kMost ? std::optional(count * unit) : std::nullopt;
}

}  // namespace wardline::cli
