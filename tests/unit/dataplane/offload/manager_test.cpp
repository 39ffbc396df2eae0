#include "dataplane/offload/manager.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <thread>

#include "tests/unit/dataplane/offload/fake_card.h"

namespace wardline::offload {
namespace {

constexpr std::uint32_t kPolicy = 7;

class ManagerTest : public testing::Test {
 protected:
  ManagerTest() { manager.allow(kPolicy); }

  static enforce::SlotIdentity identity() {
    enforce::SlotIdentity identity;
    identity.segment = 1;
    identity.mac = Mac{{2, 0, 0, 0, 0, 1}};
    return identity;
  }
  OffloadFlow flow(std::uint64_t number) const {
    OffloadFlow flow;
    flow.flow = number;
    flow.device_slot = pump;
    flow.policy_epoch = kPolicy;
    flow.device_epoch = slots->epoch(pump);
    return flow;
  }
  void quarantine() const {
    slots->update(pump, [](enforce::SlotWord& word) {
      word.quarantine = enforce::Profile::kContain;
      return true;
    });
  }

  std::unique_ptr<enforce::DeviceSlots> slots = std::move(*enforce::DeviceSlots::open("", 64));
  SlotId pump = slots->allocate(identity());
  FakeCard card;
  OffloadLedger ledger;
  OffloadManager manager{card, *slots, {&ledger}, 8};
};

TEST_F(ManagerTest, KeepsARuleEachWayWhileTheFlowLives) {
  EXPECT_TRUE(ledger.offer(flow(1)));
  manager.turn();
  ASSERT_EQ(2u, card.rules.size());
  EXPECT_NE(card.rules.begin()->second.second, card.rules.rbegin()->second.second);
  manager.turn();
  EXPECT_EQ(2u, card.rules.size());
  ledger.end(1);
  manager.turn();
  EXPECT_TRUE(card.rules.empty());
  EXPECT_EQ(0u, manager.counts().flows);
  EXPECT_EQ(0u, manager.counts().flushed) << "it ended by itself";
}

TEST_F(ManagerTest, AQuarantineTakesTheRulesAway) {
  ledger.offer(flow(1));
  manager.turn();
  const auto former = flow(2);
  quarantine();
  manager.turn();
  EXPECT_TRUE(card.rules.empty());
  EXPECT_EQ(1u, manager.counts().flushed);
  ledger.offer(former);
  manager.turn();
  EXPECT_TRUE(card.rules.empty()) << "decided before the quarantine";
  EXPECT_TRUE(ledger.offer(flow(1))) << "and decided anew";
  manager.turn();
  EXPECT_EQ(2u, card.rules.size());
}

TEST_F(ManagerTest, NoRuleOutlivesThePolicyThatItWasDecidedUnder) {
  ledger.offer(flow(1));
  manager.turn();
  manager.hold();
  EXPECT_TRUE(card.rules.empty()) << "when hold() returns";
  ledger.offer(flow(2));
  manager.turn();
  EXPECT_TRUE(card.rules.empty()) << "nothing is taken meanwhile";
  manager.allow(kPolicy + 1);
  ledger.offer(flow(3));
  manager.turn();
  EXPECT_TRUE(card.rules.empty()) << "a worker that was late";
  auto fresh = flow(1);
  fresh.policy_epoch = kPolicy + 1;
  ledger.offer(fresh);
  manager.turn();
  EXPECT_EQ(2u, card.rules.size());
}

TEST_F(ManagerTest, AFlowHasBothRulesOrNone) {
  card.room = 1;
  ledger.offer(flow(1));
  manager.turn();
  EXPECT_TRUE(card.rules.empty());
  EXPECT_EQ(1u, manager.counts().refused);
}

TEST_F(ManagerTest, TakesNoMoreFlowsThanItMay) {
  for (std::uint64_t number = 1; number <= 12; ++number) ASSERT_TRUE(ledger.offer(flow(number)));
  manager.turn();
  EXPECT_EQ(8u, manager.counts().flows);
  EXPECT_EQ(4u, manager.counts().refused);
}

TEST_F(ManagerTest, TheSameOfferTwiceIsOneFlow) {
  ledger.offer(flow(1));
  ledger.offer(flow(1));
  manager.turn();
  ledger.offer(flow(1));
  manager.turn();
  EXPECT_EQ(2u, card.rules.size());
}

TEST_F(ManagerTest, WhatTheRulesMovedReachesTheWorkerOnce) {
  ledger.offer(flow(1));
  manager.turn();
  for (const auto& [rule, what] : card.rules)
    card.moved[rule] = what.second == Side::kDevice ? Traffic{10, 15'000} : Traffic{5, 300};
  ledger.end(2);
  for (int turn = 0; turn < 100; ++turn) manager.turn();
  const auto moved = ledger.take(1);
  EXPECT_EQ(10u, moved[0].packets);
  EXPECT_EQ(15'000u, moved[0].bytes);
  EXPECT_EQ(5u, moved[1].packets);
  EXPECT_EQ(0u, ledger.take(1)[0].packets) << "once";
}

TEST_F(ManagerTest, TheLastCountsAreReadBeforeTheRulesGo) {
  ledger.offer(flow(1));
  manager.turn();
  card.moved[card.rules.begin()->first] = {3, 200};
  quarantine();
  manager.turn();
  const auto moved = ledger.take(1);
  EXPECT_EQ(3u, moved[0].packets + moved[1].packets);
}

TEST(OffloadLedger, TwoFlowsThatMeetInAPlaceAreOneOffer) {
  OffloadLedger ledger;
  OffloadFlow flow;
  std::mt19937_64 numbers(3);
  std::size_t offers = 0;
  for (bool taken = true; taken && offers < OffloadLedger::kOffers; ++offers) {
    flow.flow = numbers();
    taken = ledger.offer(flow);
  }
  ASSERT_LT(offers, OffloadLedger::kOffers) << "none met";
  EXPECT_FALSE(ledger.has(flow.flow));
  EXPECT_FALSE(ledger.wants(flow));
}

TEST_F(ManagerTest, ItsThreadFlushesWithoutAnybodysHelp) {
  manager.start();
  ledger.offer(flow(1));
  const auto soon = [&](std::uint64_t flows) {
    for (int i = 0; i < 500 && manager.counts().flows != flows; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return manager.counts().flows == flows;
  };
  EXPECT_TRUE(soon(1));
  quarantine();
  EXPECT_TRUE(soon(0));
}

}  // namespace
}  // namespace wardline::offload
