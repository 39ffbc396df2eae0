#pragma once
#include <cstdint>

namespace wardline {

struct Product {
  std::uint64_t low, high;
};

// 64 x 64 -> 128 bits: the step of our keyed hashes. Worth nothing without a secret in both operands, since a sender
// could otherwise choose what collides.
inline Product multiply(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = Wide{a} * b;
  return {static_cast<std::uint64_t>(product), static_cast<std::uint64_t>(product >> 64)};
}

// The halves folded together.
inline std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  const auto product = multiply(a, b);
  return product.low ^ product.high;
}

}  // namespace wardline
