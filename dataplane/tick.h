#pragma once
#include <cstdint>

namespace wardline {

// Monotonic time of a burst in nanoseconds. Given to the worker, never asked for by it; a replay passes the capture's.
using Tick = std::uint64_t;

inline constexpr Tick kMicrosecond = 1'000;
inline constexpr Tick kMillisecond = 1'000 * kMicrosecond;
inline constexpr Tick kSecond = 1'000 * kMillisecond;

// The same in units of 2^20 ns (about 1.05 ms), as flow records keep it. It wraps after 52 days, so compare by
// difference (`age`), never by order.
using CoarseTick = std::uint32_t;
constexpr CoarseTick coarse(Tick now) {
  return static_cast<CoarseTick>(now >> 20);
}
constexpr CoarseTick age(CoarseTick now, CoarseTick then) {
  return now - then;
}
constexpr CoarseTick coarse_duration(Tick duration) {
  return static_cast<CoarseTick>(duration >> 20);
}

}  // namespace wardline
