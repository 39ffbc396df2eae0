#include "dataplane/runtime/turn_clock.h"

#include <gtest/gtest.h>
#include <rte_cycles.h>

#include "dataplane/runtime/dataplane_runtime.h"

namespace wardline::runtime {
namespace {

TEST(TurnClock, FollowsTheKernelsClockAndNeverRunsBackwards) {
  for (const bool even : {true, false}) {
    TurnClock clock(even);
    Tick last = 0;
    const Tick end = DataplaneRuntime::now() + 20 * kMillisecond;
    for (Tick now = 0; now < end; last = now) {
      const Tick before = DataplaneRuntime::now();
      now = clock.at(rte_rdtsc());
      const Tick after = DataplaneRuntime::now();
      ASSERT_GE(now, last);
      ASSERT_GE(now + kMillisecond, before) << "even " << even;
      ASSERT_LE(now, after + kMillisecond) << "even " << even;
    }
  }
}

TEST(TurnClock, AsksTheKernelAfterAPause) {
  TurnClock clock(true);
  const auto cycle = rte_rdtsc();
  const Tick began = clock.at(cycle);
  EXPECT_EQ(clock.at(cycle), began);
  const Tick later = clock.at(cycle + 10 * rte_get_tsc_hz());  // as if it had been stopped for ten seconds
  EXPECT_LT(later - began, kSecond) << "the kernel knows of no such pause";
}

}  // namespace
}  // namespace wardline::runtime
