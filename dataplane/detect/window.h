#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "dataplane/address.h"
#include "dataplane/tick.h"

namespace wardline::detect {

// Two halves of a window of time, of which the older falls away when the younger is over: so nothing older than the
// window is ever counted, and at least half of it always is. `advance` says how many halves went by.
class Halves {
 public:
  std::uint32_t advance(CoarseTick now, CoarseTick within) {
    const CoarseTick gone = age(now, start_);
    if (2 * std::uint64_t{gone} + 1 < within) [[likely]]  // before its half, whichever way that is rounded
      return 0;
    const CoarseTick half = std::max<CoarseTick>(within / 2, 1);
    if (gone < half) return 0;
    start_ = gone < 2 * half ? start_ + half : now;
    return gone < 2 * half ? 1 : 2;
  }

 private:
  CoarseTick start_ = 0;
};

// How often something happened lately.
class Window {
 public:
  std::uint32_t add(std::uint32_t count, CoarseTick now, CoarseTick within) {
    advance(now, within);
    current_ = count > kMost - current_ ? kMost : current_ + count;
    return current_ + former_;
  }
  void take_back() {  // one of those added lately was none after all
    if (current_ != 0)
      --current_;
    else if (former_ != 0)
      --former_;
  }
  std::uint32_t sum() const { return current_ + former_; }

 private:
  static constexpr std::uint32_t kMost = 0x3fffffff;
  void advance(CoarseTick now, CoarseTick within) {
    const auto gone = halves_.advance(now, within);
    if (gone == 0) return;
    former_ = gone == 1 ? current_ : 0;
    current_ = 0;
  }
  Halves halves_;
  std::uint32_t current_ = 0, former_ = 0;
};

// How many different things were seen lately, by linear counting: each sets one of 256 bits, and from the number of
// bits set follows how many things most likely set them (the mean of the collector's problem). Exact to one or two
// below 40, within a tenth at 256; more than `kMost` is not told apart.
class Distinct {
 public:
  static constexpr std::uint32_t kMost = 500;

  std::uint32_t add(std::uint64_t hash, CoarseTick now, CoarseTick within) {
    if (const auto gone = halves_.advance(now, within); gone != 0) [[unlikely]]
      begin_half(gone);
    const auto place = static_cast<std::uint8_t>(hash >> 56);
    const std::uint32_t bit = 1U << (place % 32);
    auto& word = current_[place / 32];
    if (((word | former_[place / 32]) & bit) == 0) ++set_;
    word |= bit;
    return estimate();
  }
  std::uint32_t estimate() const { return kEstimate[set_]; }

 private:
  [[gnu::noinline]] void begin_half(std::uint32_t gone) {
    former_ = gone == 1 ? current_ : Bits{};
    current_ = {};
    set_ = 0;
    if (gone == 1)
      for (const auto word : former_) set_ = static_cast<std::uint16_t>(set_ + std::popcount(word));
  }
  using Bits = std::array<std::uint32_t, 8>;
  static constexpr auto kEstimate = [] {
    std::array<std::uint16_t, 257> table{};
    double sum = 0;
    for (std::size_t set = 0; set < table.size(); ++set) {
      table[set] = static_cast<std::uint16_t>(std::min(sum + 0.5, double{kMost}));
      sum += set < 256 ? 256.0 / (256.0 - static_cast<double>(set)) : 0.0;
    }
    return table;
  }();
  Halves halves_;
  std::uint16_t set_ = 0;  // bits of either half
  Bits current_{}, former_{};
};

// Spreads the bits of what is counted or looked up; `seed` keeps a sender from choosing what falls together.
constexpr std::uint64_t mix(std::uint64_t value, std::uint64_t seed = 0) {
  value = (value ^ seed) + 0x9e3779b97f4a7c15;
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
  value = (value ^ value >> 27) * 0x94d049bb133111eb;
  return value ^ value >> 31;
}
inline std::array<std::uint64_t, 2> halves_of(const Address& address) {
  std::array<std::uint64_t, 2> halves;
  std::memcpy(halves.data(), address.bytes.data(), sizeof halves);
  return halves;
}
inline std::uint64_t mix(const Address& address, std::uint64_t seed) {
  const auto [upper, lower] = halves_of(address);
  return mix(lower ^ mix(upper, seed), seed);
}

}  // namespace wardline::detect
