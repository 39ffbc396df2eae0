#pragma once
#include <cstdint>

namespace wardline {

// Small fields put together in one word, each in full: two records are the same where their words are.

constexpr std::uint64_t in_word(std::uint32_t low, std::uint32_t high) {
  return low | std::uint64_t{high} << 32;
}

constexpr std::uint32_t in_half(std::uint16_t low, std::uint16_t high) {
  return low | std::uint32_t{high} << 16;
}

template <typename Low, typename High>
constexpr std::uint16_t in_quarter(Low low, High high) {
  static_assert(sizeof(Low) == 1 && sizeof(High) == 1);
  return static_cast<std::uint16_t>(static_cast<unsigned>(low) | static_cast<unsigned>(high) << 8);
}

}  // namespace wardline
