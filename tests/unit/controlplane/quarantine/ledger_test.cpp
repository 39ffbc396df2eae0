#include "controlplane/quarantine/ledger.h"

#include <gtest/gtest.h>

namespace wardline::quarantine {
namespace {

using enforce::Criticality;
using enforce::Profile;

const WallTime kNow{std::chrono::seconds(1'700'000'000)};

Ledger::Request request(Profile profile, Criticality criticality, std::string by = "alice") {
  return {.device_id = "dev-1",
          .profile = profile,
          .criticality = criticality,
          .by = std::move(by),
          .reason = "test",
          .until = std::nullopt};
}

TEST(Ledger, APersonsContainIsActiveAtOnceOnAnyClass) {
  for (const auto criticality : {Criticality::kNone, Criticality::kLifeCritical}) {
    Ledger ledger;
    const auto made = ledger.add(request(Profile::kContain, criticality), kNow);
    ASSERT_TRUE(made);
    EXPECT_EQ(made->state, QuarantineState::kActive);
    EXPECT_NE(ledger.active("dev-1"), nullptr);
  }
}

TEST(Ledger, IsolatingALifeCriticalDeviceWaitsForASecondUser) {
  Ledger ledger;
  const auto made = ledger.add(request(Profile::kIsolate, Criticality::kLifeCritical), kNow);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->state, QuarantineState::kPending);
  EXPECT_EQ(ledger.active("dev-1"), nullptr);

  const auto same = ledger.approve(made->id, "alice", "hash", Criticality::kLifeCritical, kNow);
  ASSERT_FALSE(same);
  EXPECT_EQ(same.error().code, "quarantine.same-user");

  const auto second = ledger.approve(made->id, "bob", "hash", Criticality::kLifeCritical, kNow);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->state, QuarantineState::kActive);
  EXPECT_EQ(second->approvals.size(), 2u);
}

TEST(Ledger, AnAutomaticPendingOneAboveContainOnALifeCriticalDeviceNeedsTwoApprovals) {
  Ledger ledger;
  const auto asked = ledger.ask(request(Profile::kIsolate, Criticality::kLifeCritical, std::string(kAutomatic)), kNow);
  ASSERT_TRUE(asked);
  const auto first = ledger.approve(asked->id, "alice", "hash", Criticality::kLifeCritical, kNow);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->state, QuarantineState::kPending);
  EXPECT_EQ(ledger.approve(asked->id, "bob", "hash", Criticality::kLifeCritical, kNow)->state,
            QuarantineState::kActive);
}

TEST(Ledger, APendingContainNeedsOneApproval) {
  Ledger ledger;
  const auto asked = ledger.ask(request(Profile::kContain, Criticality::kCareCritical, std::string(kAutomatic)), kNow);
  ASSERT_TRUE(asked);
  EXPECT_EQ(ledger.approve(asked->id, "alice", "hash", Criticality::kCareCritical, kNow)->state,
            QuarantineState::kActive);
}

TEST(Ledger, AThresholdReachedAgainAsksNobodyTwice) {
  Ledger ledger;
  ASSERT_TRUE(ledger.ask(request(Profile::kContain, Criticality::kNone, std::string(kAutomatic)), kNow));
  EXPECT_FALSE(ledger.ask(request(Profile::kContain, Criticality::kNone, std::string(kAutomatic)), kNow));
}

TEST(Ledger, RejectedAndReleasedOnesAreOver) {
  Ledger ledger;
  const auto asked = ledger.ask(request(Profile::kContain, Criticality::kNone), kNow);
  EXPECT_EQ(ledger.reject(asked->id, kNow)->state, QuarantineState::kRejected);
  EXPECT_FALSE(ledger.approve(asked->id, "bob", "", Criticality::kNone, kNow));
  const auto made = ledger.add(request(Profile::kContain, Criticality::kNone), kNow);
  EXPECT_EQ(ledger.release("dev-1", kNow)->id, made->id);
  EXPECT_FALSE(ledger.release("dev-1", kNow));
}

TEST(Ledger, ADeviceHasOneQuarantineAtATime) {
  Ledger ledger;
  ASSERT_TRUE(ledger.add(request(Profile::kContain, Criticality::kNone), kNow));
  EXPECT_EQ(ledger.add(request(Profile::kContain, Criticality::kNone), kNow).error().code, "quarantine.exists");
  const auto stronger = ledger.add(request(Profile::kIsolate, Criticality::kNone), kNow);
  ASSERT_TRUE(stronger);
  EXPECT_EQ(ledger.active("dev-1")->id, stronger->id);
}

TEST(Ledger, ContainIsNotLiftedWhileAStrongerOneWaitsForASecondUser) {
  Ledger ledger;
  ASSERT_TRUE(ledger.add(request(Profile::kContain, Criticality::kLifeCritical), kNow));
  EXPECT_EQ(ledger.add(request(Profile::kCutOff, Criticality::kLifeCritical), kNow).error().code,
            "quarantine.two-users");
  EXPECT_NE(ledger.active("dev-1"), nullptr);
}

TEST(Ledger, WhatHasAnEndExpiresAndNothingElse) {
  Ledger ledger;
  auto with_end = request(Profile::kContain, Criticality::kNone);
  with_end.until = kNow + std::chrono::seconds(60);
  ASSERT_TRUE(ledger.add(with_end, kNow));
  auto endless = request(Profile::kContain, Criticality::kNone);
  endless.device_id = "dev-2";
  ASSERT_TRUE(ledger.add(endless, kNow));
  EXPECT_TRUE(ledger.expire(kNow + std::chrono::seconds(59)).empty());
  const auto expired = ledger.expire(kNow + std::chrono::seconds(60));
  ASSERT_EQ(expired.size(), 1u);
  EXPECT_EQ(expired[0].device_id, "dev-1");
  EXPECT_EQ(expired[0].state, QuarantineState::kExpired);
  EXPECT_NE(ledger.active("dev-2"), nullptr);
}

TEST(Ledger, IdsGoOnAfterARestart) {
  Ledger former;
  const auto old = former.add(request(Profile::kContain, Criticality::kNone), kNow);
  Ledger next;
  next.restore(*old);
  auto other = request(Profile::kContain, Criticality::kNone);
  other.device_id = "dev-2";
  EXPECT_NE(next.add(other, kNow)->id, old->id);
  EXPECT_NE(next.active("dev-1"), nullptr);
}

}  // namespace
}  // namespace wardline::quarantine
