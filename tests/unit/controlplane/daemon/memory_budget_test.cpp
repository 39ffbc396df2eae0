#include "controlplane/daemon/memory_budget.h"

#include <gmock/gmock.h>

#include <regex>

namespace wardline::daemon {
namespace {

using testing::HasSubstr;

constexpr std::uint64_t kMib = 1 << 20;

MemoryNeeds needs_of(std::size_t workers) {
  MemoryNeeds needs;
  needs.of_a_worker = {{"flows_v4", 1'000'000, 100'000'000},
                       {"inspected_flows", 50'000, 400'000'000},
                       {"undecided_flows", 50'000, 200'000'000},
                       {"events", 1000, 300'000}};
  needs.workers = workers;
  needs.buffers = {{"packet buffers of a", 1000, 100 * kMib}, {"DPDK", 1, 50 * kMib}};
  return needs;
}

// The worker's terms as they would be with what the sentence says.
std::uint64_t bytes_with(const MemoryNeeds& needs, const std::string& sentence) {
  std::uint64_t sum = 0;
  for (const auto& term : needs.of_a_worker) {
    std::smatch found;
    const std::regex setting("`" + std::string(term.name) + ": ([0-9]+)`");
    const bool lowered = std::regex_search(sentence, found, setting);
    if (lowered) {
      EXPECT_LT(std::stoull(found[1]), term.count);
    }
    sum += (lowered ? std::stoull(found[1]) : term.count) * term.each();
  }
  return sum;
}

TEST(MemoryBudget, WhatFitsIsNotTalkedAbout) {
  const auto needs = needs_of(2);
  EXPECT_FALSE(why_too_much(needs, {.ram = needs.ram(), .limited_by = "the machine"}));
}

TEST(MemoryBudget, BuffersInHugePagesAreNotCountedTwice) {
  auto needs = needs_of(1);
  const auto plain = needs.ram();
  needs.buffers_in_huge_pages = true;
  EXPECT_EQ(plain - 150 * kMib, needs.ram());
  const MemoryThere there{.huge = 150 * kMib};
  EXPECT_TRUE(buffers_go_to_huge_pages(runtime::HugePages::kAuto, 150 * kMib, there));
  EXPECT_FALSE(buffers_go_to_huge_pages(runtime::HugePages::kAuto, 151 * kMib, there));
  EXPECT_TRUE(buffers_go_to_huge_pages(runtime::HugePages::kOn, 151 * kMib, there)) << "DPDK refuses then";
  EXPECT_FALSE(buffers_go_to_huge_pages(runtime::HugePages::kOff, 1, there));
}

TEST(MemoryBudget, TheSentenceSaysWhatIsNeededWhatIsThereAndWhichKeysToLower) {
  const auto needs = needs_of(2);
  const auto error = why_too_much(needs, {.ram = needs.ram() - 60 * kMib, .limited_by = "the control group /box"});
  ASSERT_TRUE(error);
  EXPECT_EQ("daemon.memory", error->code);
  EXPECT_THAT(error->what, HasSubstr("1742 MiB are needed when all tables are in use (2 workers x 668, packet buffers "
                                     "150, everything else 256), and the control group /box has 1682 MiB left"));
  EXPECT_THAT(error->what, HasSubstr("`inspected_flows: ")) << "the largest";
  EXPECT_THAT(error->what, testing::Not(HasSubstr("`flows_v4: "))) << "one key is enough";
}

class Shortage : public testing::TestWithParam<std::uint64_t> {};

TEST_P(Shortage, WithTheKeysSetAsTheSentenceSaysItFits) {
  const auto needs = needs_of(2);
  const MemoryThere there{.ram = needs.ram() - GetParam() * kMib, .limited_by = "the machine"};
  const auto error = why_too_much(needs, there);
  ASSERT_TRUE(error);
  const auto lowered = bytes_with(needs, error->what);
  EXPECT_LE(needs.ram() - 2 * (needs.worker_bytes() - lowered), there.ram) << error->what;
  EXPECT_GE(lowered, needs.worker_bytes() - GetParam() * kMib / 2 - 3 * kMib) << "and not far too low: " << error->what;
}

INSTANTIATE_TEST_SUITE_P(MiB, Shortage, testing::Values(1, 60, 300, 700, 1100, 1300));

TEST(MemoryBudget, ItSaysSoWhenNoSettingHelps) {
  const auto needs = needs_of(3);
  const auto error = why_too_much(needs, {.ram = 200 * kMib, .limited_by = "the machine"});
  ASSERT_TRUE(error);
  EXPECT_THAT(error->what, HasSubstr("no setting of the tables makes it fit: give it more memory, or lower `workers`"));
}

TEST(MemoryBudget, TheLogHasEveryTermAndTheSums) {
  const auto lines = lines_of(needs_of(2), {.ram = 4096 * kMib, .limited_by = "the machine"});
  EXPECT_THAT(lines, testing::Contains("memory of a worker: 1000000 flows_v4 of 100 bytes, 95.4 MiB"));
  EXPECT_THAT(lines, testing::Contains("memory of the ports: 1000 packet buffers of a of 104857 bytes, 100.0 MiB"));
  EXPECT_THAT(lines, testing::Contains("memory of the ports: DPDK, 50.0 MiB"));
  EXPECT_THAT(lines.back(), HasSubstr("1741.7 MiB of 4096.0 MiB that the machine has left"));
}

}  // namespace
}  // namespace wardline::daemon
