#pragma once
#include <cstdint>

namespace wardline {

// 64 x 64 -> 128 bits, halves folded together: the step of our keyed hashes. Worth nothing without a secret in at least
// one operand, since a sender could otherwise choose what collides.
inline std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = Wide{a} * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace wardline
