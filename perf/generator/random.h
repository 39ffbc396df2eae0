#pragma once
#include <cstdint>

namespace wardline::perf {

// A small generator of pseudo-random numbers (SplitMix64): the same seed gives the same traffic. The nth number needs
// no other, so that many can be made at once.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  static std::uint64_t at(std::uint64_t state, std::uint64_t n) {
    std::uint64_t mixed = state + n * 0x9e3779b97f4a7c15;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31);
  }

  std::uint64_t next() { return at(skip(1), 1); }

  // Goes on by n numbers; the state from which at() gives them.
  std::uint64_t skip(std::uint64_t n) {
    const std::uint64_t before = state_;
    state_ += n * 0x9e3779b97f4a7c15;
    return before;
  }

 private:
  std::uint64_t state_;
};

}  // namespace wardline::perf
