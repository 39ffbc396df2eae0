#include "dataplane/runtime/start_advice.h"

#include <gmock/gmock.h>

namespace wardline::runtime {
namespace {

using testing::HasSubstr;
using testing::Not;

KernelFacts card() {
  KernelFacts facts;
  facts.name = "eth1";
  facts.driver = "ixgbe";
  facts.up = facts.carrier = true;
  facts.mtu = 1500;
  return facts;
}

std::string advice(LegPlan::Kind kind, const KernelFacts& facts, const KernelFacts* peer = nullptr) {
  LegPlan plan;
  plan.kind = kind;
  std::string text;
  for (const auto& notice : advice_for_leg(plan, facts, peer)) text += notice.text + "\n";
  return text;
}

TEST(StartAdvice, AGoodPortOnAfXdpHasNothingToSay) {
  EXPECT_EQ("", advice(LegPlan::Kind::kAfXdp, card()));
}

TEST(StartAdvice, NamesAMissingLink) {
  auto facts = card();
  facts.carrier = false;
  EXPECT_THAT(advice(LegPlan::Kind::kAfXdp, facts), HasSubstr("there is no link"));
}

TEST(StartAdvice, NamesOffloadsThatMergeFramesOrTakeTagsOff) {
  auto facts = card();
  facts.gro = facts.rx_vlan = true;
  EXPECT_THAT(advice(LegPlan::Kind::kAfXdp, facts), HasSubstr("ethtool -K eth1 gro off"));
  EXPECT_THAT(advice(LegPlan::Kind::kAfXdp, facts), HasSubstr("ethtool -K eth1 rxvlan off"));
  EXPECT_THAT(advice(LegPlan::Kind::kAfPacket, facts), Not(HasSubstr("rxvlan"))) << "af_packet puts the tag back";
}

TEST(StartAdvice, SaysThatAfPacketLosesTheKindOfAnOuterTag) {
  EXPECT_THAT(advice(LegPlan::Kind::kAfPacket, card()), HasSubstr("0x88A8"));
}

TEST(StartAdvice, TellsTheCommandForAPeerThatLeavesWorkToACard) {
  auto facts = card(), peer = card();
  facts.driver = peer.driver = "veth";
  peer.name = "ward0";
  peer.tx_checksum = peer.tx_vlan = true;
  EXPECT_THAT(advice(LegPlan::Kind::kAfXdp, facts, &peer),
              HasSubstr("`ethtool -K ward0 tx off txvlan off tx-vlan-stag-hw-insert off`"));
  EXPECT_THAT(advice(LegPlan::Kind::kAfPacket, facts, &peer), HasSubstr("`ethtool -K ward0 tx off`"));
  peer.tx_checksum = peer.tx_vlan = false;
  EXPECT_EQ("", advice(LegPlan::Kind::kAfXdp, facts, &peer));
  EXPECT_THAT(advice(LegPlan::Kind::kAfXdp, facts), HasSubstr("another network namespace"));
}

TEST(StartAdvice, NamesMtusThatDiffer) {
  LegPlan device, core;
  device.mtu = 1500;
  core.mtu = 9000;
  const auto notices = advice_for_pair("east", device, core);
  ASSERT_EQ(1u, notices.size());
  EXPECT_THAT(notices[0].line(), HasSubstr("east: the MTUs of its legs differ: 1500 on the device leg, 9000"));
  core.mtu = 1500;
  EXPECT_TRUE(advice_for_pair("east", device, core).empty());
}

}  // namespace
}  // namespace wardline::runtime
