#include "controlplane/daemon/memory_there.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace wardline::daemon {
namespace {

namespace fs = std::filesystem;

class MemoryThereTest : public testing::Test {
 protected:
  MemoryThereTest() {
    put("proc/meminfo",
        "MemTotal:  8000000 kB\nMemAvailable:  4000000 kB\nHugePages_Free:  10\nHugepagesize:  2048 kB\n");
  }
  ~MemoryThereTest() override { fs::remove_all(root); }
  void put(const fs::path& path, const std::string& text) const {
    fs::create_directories((root / path).parent_path());
    std::ofstream(root / path) << text;
  }
  fs::path root = fs::temp_directory_path() / ("wardline-memory-" + std::to_string(getpid()));
};

TEST_F(MemoryThereTest, IsTheMachinesWithoutControlGroups) {
  put("sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
  const auto there = memory_there(root);
  EXPECT_EQ(4'000'000ull << 10, there.ram);
  EXPECT_EQ("the machine", there.limited_by);
  EXPECT_EQ(20ull << 20, there.huge);
  EXPECT_TRUE(there.transparent_huge_pages);
  put("sys/kernel/mm/transparent_hugepage/enabled", "always madvise [never]\n");
  EXPECT_FALSE(memory_there(root).transparent_huge_pages);
}

TEST_F(MemoryThereTest, IsWhatTheTightestGroupLeavesAndItsPageCacheCountsAsFree) {
  put("proc/self/cgroup", "0::/system.slice/wardline.service\n");
  put("sys/fs/cgroup/system.slice/wardline.service/memory.max", "max\n");
  put("sys/fs/cgroup/system.slice/wardline.service/memory.current", "5000\n");
  put("sys/fs/cgroup/system.slice/memory.max", "1000000\n");
  put("sys/fs/cgroup/system.slice/memory.current", "700000\n");
  put("sys/fs/cgroup/system.slice/memory.stat", "anon 600000\nfile 100000\n");
  const auto there = memory_there(root);
  EXPECT_EQ(400'000u, there.ram);
  EXPECT_EQ("the control group /system.slice", there.limited_by);
}

TEST_F(MemoryThereTest, ReadsVersionOneToo) {
  put("proc/self/cgroup", "5:cpu:/x\n4:memory:/box\n");
  put("sys/fs/cgroup/memory/box/memory.limit_in_bytes", "1000\n");
  put("sys/fs/cgroup/memory/box/memory.usage_in_bytes", "4000\n");
  EXPECT_EQ(0u, memory_there(root).ram) << "more is used than the limit allows";
}

}  // namespace
}  // namespace wardline::daemon
