#pragma once
#include <cstdint>

#include "dataplane/tick.h"

namespace wardline::runtime {

// The monotonic clock by the cycle counter that a lane reads anyway: asked of the kernel once in a millisecond, counted
// on between. Never runs backwards. Where the counter does not run evenly (no invariant TSC) the kernel is asked each
// time. Owner: one thread.
class TurnClock {
 public:
  TurnClock();
  explicit TurnClock(bool even_counter);

  // `cycle`: the counter now.
  Tick at(std::uint64_t cycle) {
    const std::uint64_t passed = cycle - from_cycle_;
    if (passed >= ask_after_) [[unlikely]]
      return ask(cycle);
    return from_ + static_cast<Tick>(passed * ns_per_2_32_cycles_ >> 32);
  }

 private:
  Tick ask(std::uint64_t cycle);

  std::uint64_t ns_per_2_32_cycles_ = 0, ask_after_ = 0;  // 0: each time
  std::uint64_t from_cycle_ = 0;
  Tick from_ = 0;
};

}  // namespace wardline::runtime
