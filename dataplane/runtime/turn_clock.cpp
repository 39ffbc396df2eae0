#include "dataplane/runtime/turn_clock.h"

#include <rte_cpuflags.h>
#include <rte_cycles.h>

#include <algorithm>

#include "dataplane/runtime/dataplane_runtime.h"

namespace wardline::runtime {

TurnClock::TurnClock() : TurnClock(rte_cpu_get_flag_enabled(RTE_CPUFLAG_INVTSC) == 1) {}

TurnClock::TurnClock(bool even_counter) {
  const std::uint64_t hz = rte_get_tsc_hz();
  if (!even_counter || hz == 0) return;
  ns_per_2_32_cycles_ = static_cast<std::uint64_t>(1e9 / static_cast<double>(hz) * 4294967296.0);
  ask_after_ = hz / 1000;
}

// What was counted may be ahead of the kernel by what the two differ in a millisecond.
Tick TurnClock::ask(std::uint64_t cycle) {
  const Tick counted = from_ + static_cast<Tick>((cycle - from_cycle_) * ns_per_2_32_cycles_ >> 32);
  const bool just_counted = from_ != 0 && cycle - from_cycle_ < 2 * ask_after_;
  const Tick now = DataplaneRuntime::now();
  from_ = just_counted ? std::max(now, counted) : std::max(now, from_);
  from_cycle_ = cycle;
  return from_;
}

}  // namespace wardline::runtime
