// That probes come as often from who polls all the time as from who polls now and then, and say something.
#include "perf/generator/core_width.h"

#include <gtest/gtest.h>

#include <chrono>

namespace wardline::perf {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

// Probes a second of who does `work` between polls.
template <typename Work>
double probes_a_second(ProbeCounters& shown, Work work) {
  CoreWidth core(shown);
  const auto begin = Clock::now();
  while (Clock::now() - begin < 50ms)
    for (int i = 0; i < 64; ++i) {
      core.poll();
      work();
    }
  return static_cast<double>(shown.probes) / std::chrono::duration<double>(Clock::now() - begin).count();
}

void expect_probes(const ProbeCounters& shown, double a_second) {
  // Of a counter of 1 to 5 GHz a quarter of a million cycles are 50 to 250 us, met by half or twice. A machine with
  // other work to do may lose most of them.
  EXPECT_GT(a_second, 200);
  EXPECT_LT(a_second, 80'000);
  const auto cycles = shown.cycles / shown.probes;  // eight additions a cycle of a clock twice as fast, and slow ones
  EXPECT_GT(cycles, 100U);
  EXPECT_LT(cycles, 4'096U);
}

TEST(CoreWidth, ProbesWhoPollsAllTheTime) {
  ProbeCounters shown{};
  const auto often = probes_a_second(shown, [] {});
  expect_probes(shown, often);
}

TEST(CoreWidth, ProbesWhoPollsNowAndThen) {
  ProbeCounters shown{};
  const auto often = probes_a_second(shown, [] {
    const auto begin = Clock::now();
    while (Clock::now() - begin < 10us) {
    }
  });
  expect_probes(shown, often);
}

}  // namespace
}  // namespace wardline::perf
