#include "dataplane/runtime/leg_plan.h"

#include <gmock/gmock.h>

#include "dataplane/runtime/distribution.h"

namespace wardline::runtime {
namespace {

using testing::HasSubstr;

KernelFacts veth(std::uint32_t mtu = 1500) {
  KernelFacts facts;
  facts.name = "wire0";
  facts.driver = "veth";
  facts.mtu = mtu;
  facts.up = facts.carrier = true;
  return facts;
}

Result<LegPlan> plan(const std::string& spec, std::optional<KernelFacts> facts = {},
                     DriverChoice driver = DriverChoice::kAuto, std::uint16_t workers = 1) {
  return plan_leg({.spec = spec, .driver = driver}, {}, workers, 7, facts);
}

TEST(LegPlan, AKernelInterfaceIsDrivenByAfXdpWhereThatWorks) {
  const auto leg = plan("wire0", veth());
  ASSERT_TRUE(leg);
  EXPECT_EQ("net_af_xdp7,iface=wire0,start_queue=0,queue_count=1", leg->devargs);
  EXPECT_EQ(1514u, leg->send_limit);
  EXPECT_TRUE(leg->notices.empty());
}

TEST(LegPlan, ALargerMtuThanAfXdpCarriesGoesToAfPacketWithASentence) {
  EXPECT_EQ("af_xdp", plan("wire0", veth(kAfXdpLargestMtu))->driver);
  const auto leg = plan("wire0", veth(kAfXdpLargestMtu + 1));
  ASSERT_TRUE(leg);
  EXPECT_EQ("af_packet", leg->driver);
  ASSERT_EQ(1u, leg->notices.size());
  EXPECT_THAT(leg->notices[0].text, HasSubstr("MTU here is 3435"));
}

TEST(LegPlan, AfXdpAskedForByNameIsRefusedWhereItWouldLoseFrames) {
  const auto large = plan("wire0", veth(9000), DriverChoice::kAfXdp);
  ASSERT_FALSE(large);
  EXPECT_THAT(large.error().text(), HasSubstr("the MTU here is 9000"));
  auto queues = veth();
  queues.rx_queues = 4;
  const auto many = plan("wire0", queues, DriverChoice::kAfXdp);
  ASSERT_FALSE(many);
  EXPECT_THAT(many.error().text(), HasSubstr("numtxqueues 1 numrxqueues 1"));
  EXPECT_EQ("af_packet", plan("wire0", queues)->driver);
}

class RingFrames : public testing::TestWithParam<std::uint32_t> {};

TEST_P(RingFrames, HoldAFullFrameWithTwoTagsAndTellTheNextLargerOneApart) {
  const auto mtu = GetParam();
  const auto leg = plan("wire0", veth(mtu), DriverChoice::kAfPacket);
  ASSERT_TRUE(leg);
  const auto frame = af_packet_frame_size(mtu);
  EXPECT_TRUE(std::has_single_bit(frame));
  EXPECT_GT(leg->cut_at, mtu + 14 + 8);
  EXPECT_LE(leg->cut_at, frame - 66) << "the kernel cuts at frame size less 66 or 62";
  EXPECT_GE(leg->buffer_room, frame - 32 + 128) << "the driver refuses smaller buffers";
}

INSTANTIATE_TEST_SUITE_P(Mtus, RingFrames,
                         testing::Values(576, 1500, 1508, 1943, 1944, 1945, 3434, 3990, 9000, 16000, 32000));

TEST(LegPlan, TellsTheKindsOfPortsApart) {
  EXPECT_TRUE(is_pci_address("0000:03:00.0"));
  EXPECT_TRUE(is_pci_address("3b:00.1"));
  EXPECT_FALSE(is_pci_address("eth1"));
  EXPECT_FALSE(is_pci_address("0000:03:00:0"));
  EXPECT_EQ(LegPlan::Kind::kPci, plan("0000:03:00.0")->kind);
  const auto pcap = plan("net_pcap0,rx_pcap=a.pcap,tx_pcap=b.pcap");
  EXPECT_EQ("net_pcap", pcap->driver);
  EXPECT_EQ("net_pcap0", pcap->port_name);
  const auto none = plan("eth7");
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().text(), HasSubstr("eth7: the kernel has no interface of this name"));
}

TEST(LegPlan, EveryPortTakesSeveralWorkersAndHasBuffersForWhatWaitsInTheirQueues) {
  constexpr std::uint32_t kBothWays = 2 * (Distribution::kPlaces - 1);
  for (const auto driver : {DriverChoice::kAfXdp, DriverChoice::kAfPacket})
    EXPECT_GE(plan("wire0", veth(), driver, 3)->buffers, plan("wire0", veth(), driver)->buffers + 2 * kBothWays);
  for (const auto* spec : {"net_null0", "0000:03:00.0"})
    EXPECT_GE(plan(spec, {}, DriverChoice::kAuto, 3)->buffers,
              plan(spec, {}, DriverChoice::kAuto)->buffers + 2 * kBothWays);
}

TEST(LegPlan, MemoryFollowsTheBuffers) {
  const auto small = *plan("wire0", veth(), DriverChoice::kAfPacket);
  const auto large = *plan("wire0", veth(9000), DriverChoice::kAfPacket);
  EXPECT_LT(memory_for({small, small}), memory_for({large, large}));
  EXPECT_GE(memory_for({large}), 64 + (large.buffers * 16512ull >> 20));
  EXPECT_EQ(memory_for({large}) + 5, memory_for({large}, 5 << 20));
}

}  // namespace
}  // namespace wardline::runtime
