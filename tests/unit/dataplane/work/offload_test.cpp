// Which flows a worker offers to a card, and what it makes of what the card tells.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dataplane/offload/manager.h"
#include "tests/unit/dataplane/offload/fake_card.h"
#include "tests/unit/dataplane/work/rig.h"

namespace wardline::test {
namespace {

using offload::FakeCard;
using offload::OffloadManager;
using Words = PolicyWords;

constexpr auto kTvMac = "02:00:00:00:00:20", kTvIp = "10.1.0.20", kServer = "10.9.0.1";

Words ward() {
  Words words;
  words.rules(Words::kTv, {{.peer = kServer, .apps = {Words::kAlpha, Words::kBeta}, .port = 80}});
  words.plain().apps[Words::kAlpha].bulk = true;  // as images are
  return words;
}

WorkerOptions offering() {
  auto options = Rig::small();
  options.offload = true;
  return options;
}

class OffloadTest : public testing::Test {
 protected:
  OffloadTest() { manager.allow(rig.publisher().current()->epoch); }

  Talk talk(std::string_view greeting, std::uint16_t port = 40000) {
    Talk talk(rig, kTvMac, kTvIp, kServer, port, 80);
    talk.handshake();
    EXPECT_EQ(talk.device_says(greeting), Reason::kNone);
    return talk;
  }
  Talk answered() {
    Talk both = talk("ALPHA");
    EXPECT_EQ(both.peer_says("yes"), Reason::kNone);
    return both;
  }
  // The card forwards so many frames each way, and the manager asks it.
  void card_forwards(std::uint64_t frames, std::uint64_t bytes) {
    for (const auto& [rule, what] : card.rules) {
      card.moved[rule].packets += frames;
      card.moved[rule].bytes += bytes;
    }
    for (int turn = 0; turn < 100; ++turn) manager.turn();
  }
  void pass(Tick time) {
    for (Tick passed = 0; passed < time; passed += kSecond) {
      rig.advance(kSecond);
      rig.idle();
    }
  }

  Rig rig{ward(), offering()};
  SlotId tv = rig.add_device(kTvMac, Words::kTv);
  FakeCard card;
  OffloadManager manager{card, rig.slots(), {rig.worker().offload_ledger()}};
};

TEST_F(OffloadTest, ABulkFlowIsOfferedOnceItIsProvedAndAllowed) {
  Talk connection(rig, kTvMac, kTvIp, kServer, 40000, 80);
  connection.handshake();
  manager.turn();
  EXPECT_TRUE(card.rules.empty()) << "nobody knows what it is";
  connection.device_says("ALPHA");
  manager.turn();
  ASSERT_EQ(2u, card.rules.size());
  const auto& flow = card.rules.begin()->second.first;
  EXPECT_EQ(mac(kTvMac), flow.device_mac);
  EXPECT_EQ(address(kTvIp), flow.device);
  EXPECT_EQ(address(kServer), flow.peer);
  EXPECT_EQ(40000, flow.device_port);
  EXPECT_EQ(80, flow.peer_port);
  EXPECT_EQ(tv, flow.device_slot);
  EXPECT_FALSE(flow.v6);
}

TEST_F(OffloadTest, AFlowOfAnApplicationThatIsLookedIntoIsNot) {
  talk("BETA").peer_says("yes");
  manager.turn();
  EXPECT_EQ(0u, manager.counts().offered);
}

TEST_F(OffloadTest, ABlockedFlowIsNot) {
  Talk connection(rig, kTvMac, kTvIp, "10.9.0.2", 40000, 80);
  connection.syn();
  connection.device_says("ALPHA");
  manager.turn();
  EXPECT_EQ(0u, manager.counts().offered);
}

TEST_F(OffloadTest, AFlowThatTheCardForwardsIsNotIdleAndItsReportsAreWhole) {
  answered();
  manager.turn();
  rig.drain();
  for (int hour = 0; hour < 3; ++hour) {  // its time-out is an hour
    card_forwards(1000, 1'500'000);
    pass(3000 * kSecond);
  }
  EXPECT_EQ(1u, rig.worker().flows_in_use());
  EXPECT_EQ(2u, card.rules.size());
  pass(2 * 3600 * kSecond);
  EXPECT_EQ(0u, rig.worker().flows_in_use()) << "and ends when nothing moves";
  manager.turn();
  EXPECT_TRUE(card.rules.empty());
  std::uint64_t packets = 0, bytes = 0;
  for (const auto& event : rig.drain(EventKind::kFlow))
    packets += event.packets_to_device, bytes += event.bytes_to_device;
  EXPECT_EQ(3000u + 2, packets) << "and the SYN-ACK and the answer, which the worker saw";
  EXPECT_GE(bytes, 4'500'000u);
}

TEST_F(OffloadTest, MoreThanARecordCanCountIsToldInParts) {
  answered();
  manager.turn();
  rig.drain();
  card_forwards(4'000'000, 6'000'000'000);
  pass(2 * 3600 * kSecond);
  std::uint64_t bytes = 0;
  for (const auto& event : rig.drain(EventKind::kFlow)) bytes += event.bytes_from_device;
  EXPECT_GE(bytes, 6'000'000'000u);
  EXPECT_LT(bytes, 6'000'001'000u);
}

TEST_F(OffloadTest, AQuarantineTakesItBackAndTheNextPacketIsJudged) {
  Talk connection = answered();
  manager.turn();
  rig.quarantine(tv, enforce::Profile::kIsolate);
  manager.turn();
  EXPECT_TRUE(card.rules.empty());
  EXPECT_EQ(Reason::kQuarantine, connection.device_says("more"));
  manager.turn();
  EXPECT_TRUE(card.rules.empty()) << "what is blocked is not offered";
}

TEST_F(OffloadTest, UnderANewPolicyItIsOfferedAnew) {
  Talk connection = answered();
  manager.turn();
  auto words = ward();
  manager.hold();
  EXPECT_TRUE(card.rules.empty());
  rig.publish(words);
  EXPECT_EQ(Reason::kNone, connection.device_says("more"));  // a worker is quicker than allow()
  manager.allow(rig.publisher().current()->epoch);
  manager.turn();
  EXPECT_EQ(2u, card.rules.size());
}

TEST(OffloadOff, ThereIsNoLedger) {
  Rig rig(ward());
  EXPECT_EQ(nullptr, rig.worker().offload_ledger());
}

}  // namespace
}  // namespace wardline::test
