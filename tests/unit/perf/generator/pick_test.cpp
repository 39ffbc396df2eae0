#include "perf/generator/pick.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

namespace wardline::perf {
namespace {

constexpr std::uint32_t kDevices = 50, kRounds = 20, kFlows = kDevices * kRounds;

template <typename Pick>
std::vector<std::uint32_t> counts_of(std::uint32_t bursts) {
  const Pick pick(kDevices, kRounds);
  Random random(7);
  Burst::Each<std::uint32_t> places, rounds;
  std::vector<std::uint32_t> counts(kFlows);
  for (std::uint32_t n = 0; n < bursts; ++n) {
    pick.next(random, places, rounds);
    for (std::size_t i = 0; i < Burst::kMost; ++i) ++counts.at(rounds[i] * kDevices + places[i]);
  }
  return counts;
}

TEST(UniformPick, ChoosesEveryFlowAlike) {
  const auto counts = counts_of<UniformPick>(20'000);  // 640 a flow, with a standard deviation of 25
  for (const auto count : counts) EXPECT_NEAR(count, 640, 6 * 25.3);
}

TEST(ZipfPick, ChoosesFlowsByTheirRank) {
  constexpr std::uint32_t kBursts = 20'000;
  const auto counts = counts_of<ZipfPick>(kBursts);
  double total = 0;
  for (std::uint32_t rank = 1; rank <= kFlows; ++rank) total += 1.0 / rank;
  for (const std::uint32_t rank : {1U, 2U, 3U, 10U, 50U}) {
    const double wanted = kBursts * Burst::kMost / total / rank;
    EXPECT_NEAR(counts[rank - 1], wanted, wanted * 0.1) << "rank " << rank;
  }
  const double wanted_tail = kBursts * Burst::kMost / total * (std::log(1000.0) - std::log(500.0));
  EXPECT_NEAR(std::accumulate(counts.begin() + 500, counts.end(), 0.0), wanted_tail, wanted_tail * 0.1);
}

}  // namespace
}  // namespace wardline::perf
