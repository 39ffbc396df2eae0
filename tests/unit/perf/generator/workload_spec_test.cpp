#include "perf/generator/workload_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wardline::perf {
namespace {

using testing::HasSubstr;

std::string fault_of(std::string_view text) {
  const auto spec = parse_spec(text);
  return spec ? "none" : spec.error();
}

TEST(WorkloadSpec, HasADefaultForEveryKey) {
  const auto spec = parse_spec("udp");
  ASSERT_TRUE(spec);
  EXPECT_EQ(spec->flows, 1000U);
  EXPECT_EQ(spec->size, 64U);
  EXPECT_EQ(spec->pick, Pick::kUniform);
}

TEST(WorkloadSpec, TakesKeysInAnyOrder) {
  const auto spec = parse_spec("udp:size=128;pick=zipf;flows=10000000;devices=500;vlan=7");
  ASSERT_TRUE(spec);
  EXPECT_EQ(spec->flows, 10'000'000U);
  EXPECT_EQ(spec->devices, 500U);
  EXPECT_EQ(spec->size, 128U);
  EXPECT_EQ(spec->vlan, 7U);
  EXPECT_EQ(spec->pick, Pick::kZipf);
}

TEST(WorkloadSpec, IsAFileWhenItIsAPath) {
  const auto spec = parse_spec("/tmp/hospital.workload");
  ASSERT_TRUE(spec);
  EXPECT_EQ(spec->kind, Kind::kFile);
}

TEST(WorkloadSpec, SaysWhatIsWrong) {
  EXPECT_THAT(fault_of("tcp"), HasSubstr("'tcp' is neither udp"));
  EXPECT_THAT(fault_of("udp:flows=many"), HasSubstr("flows is a number from 1 to 100000000, found 'many'"));
  EXPECT_THAT(fault_of("udp:flow=5"), HasSubstr("no key 'flow'"));
  EXPECT_THAT(fault_of("udp:size=63"), HasSubstr("64 to 1518"));
  EXPECT_THAT(fault_of("udp:pick=pareto"), HasSubstr("uniform or zipf"));
  EXPECT_THAT(fault_of("udp:peers=3"), HasSubstr("power of two"));
  EXPECT_THAT(fault_of("udp:flows=1500"), HasSubstr("1500 is none of 1000"));
  EXPECT_THAT(fault_of("udp:flows=1000000;devices=10;peers=1"), HasSubstr("ports for 640000 flows"));
}

}  // namespace
}  // namespace wardline::perf
