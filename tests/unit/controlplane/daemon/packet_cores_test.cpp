#include "controlplane/daemon/packet_cores.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace wardline {
namespace {

// What a thread may run on after it, and a thread that it starts, left these cores.
std::vector<unsigned> left_after(const std::vector<unsigned>& packet_cores) {
  std::vector<unsigned> left;
  std::thread([&] {
    leave_packet_cores(packet_cores);
    std::thread([&] {
      cpu_set_t cores;
      if (sched_getaffinity(0, sizeof cores, &cores) != 0) return;
      for (unsigned core = 0; core < CPU_SETSIZE; ++core)
        if (CPU_ISSET(core, &cores)) left.push_back(core);
    }).join();
  }).join();
  return left;
}

TEST(PacketCores, AreLeftByTheThreadAndByThoseItStarts) {
  const auto all = left_after({});
  if (all.size() < 2) GTEST_SKIP() << "one core";
  EXPECT_EQ(left_after({all[0]}), std::vector<unsigned>(all.begin() + 1, all.end()));
}

TEST(PacketCores, AreSharedWhereNoOtherIsLeft) {
  const auto all = left_after({});
  EXPECT_EQ(left_after(all), all);
  EXPECT_EQ(left_after({1'000'000}), all) << "a core that no machine has";
}

}  // namespace
}  // namespace wardline
