#include "controlplane/findings/ledger.h"

#include <gtest/gtest.h>

namespace wardline::findings {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const WallTime kStart{hours(500'000)};

Condition a_condition(std::string subject = "10.20.0.7") {
  return {.kind = "duplicate_ip", .subject = std::move(subject), .explanation = "two devices use it"};
}

struct Findings : testing::Test {
  std::optional<Finding> raise(WallTime now, const Condition& condition = a_condition()) {
    return ledger.raise("dev-1", condition, "n-" + std::to_string(++next), now);
  }
  const Finding& only() { return *ledger.all().at(0); }

  Ledger ledger;
  int next = 0;
};

TEST_F(Findings, TheFirstTimeIsToldAndTheNextOnlyCount) {
  const auto first = raise(kStart);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->severity, "high") << "the kind's";
  EXPECT_EQ(first->state, FindingState::kOpen);
  EXPECT_FALSE(raise(kStart + minutes(1)));
  EXPECT_FALSE(raise(kStart + minutes(2)));
  EXPECT_EQ(only().id, first->id);
  EXPECT_EQ(only().count, 3U);
  EXPECT_EQ(only().first_seen, kStart);
  EXPECT_EQ(only().last_seen, kStart + minutes(2));
}

TEST_F(Findings, WithinAMinuteItIsCountedOnce) {
  raise(kStart);
  for (int i = 1; i < 50; ++i) raise(kStart + std::chrono::seconds(i));
  EXPECT_EQ(only().count, 1U);
}

TEST_F(Findings, OneThatIsOverIsToldOnceAndTellsWhenItBeginsAgain) {
  const auto first = raise(kStart);
  const auto over = ledger.resolve("duplicate_ip", "dev-1", "10.20.0.7", kStart + hours(1));
  ASSERT_TRUE(over);
  EXPECT_EQ(over->state, FindingState::kResolved);
  EXPECT_FALSE(ledger.resolve("duplicate_ip", "dev-1", "10.20.0.7", kStart + hours(2)));
  const auto again = raise(kStart + hours(3));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->id, first->id);
  EXPECT_EQ(again->first_seen, kStart);
  EXPECT_EQ(again->count, 2U);
}

TEST_F(Findings, WhatIsNotAmongTheConditionsAnyMoreIsOver) {
  raise(kStart);
  raise(kStart, a_condition("10.20.0.8"));
  const auto any = [](std::string_view, std::string_view) { return true; };
  const auto ended = ledger.settle("dev-1", {a_condition("10.20.0.8")}, any, kStart);
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].subject, "10.20.0.7");
  const auto none = [](std::string_view kind, std::string_view) { return kind == "contradiction"; };
  EXPECT_TRUE(ledger.settle("dev-1", {}, none, kStart).empty()) << "another kind is not its business";
}

TEST_F(Findings, AnAcknowledgementEndsAndTheFindingIsOpenAgain) {
  const auto id = raise(kStart)->id;
  const auto known = ledger.acknowledge(id, "alice", "replaced in March", kStart + hours(2), kStart);
  ASSERT_TRUE(known) << known.error().text();
  EXPECT_EQ(known->state, FindingState::kAcknowledged);
  EXPECT_EQ(known->by, "alice");
  EXPECT_FALSE(raise(kStart + hours(1))) << "it only counts";
  EXPECT_TRUE(ledger.reopen_due(kStart + hours(1)).empty());
  const auto open = ledger.reopen_due(kStart + hours(2));
  ASSERT_EQ(open.size(), 1U);
  EXPECT_EQ(open[0].state, FindingState::kOpen);
  EXPECT_EQ(open[0].note, "");
}

TEST_F(Findings, AnAcknowledgementWithAnEndOutlastsAFindingThatComesAndGoes) {
  const auto id = raise(kStart)->id;
  ASSERT_TRUE(ledger.acknowledge(id, "alice", "a cart", kStart + hours(9), kStart));
  ledger.resolve("duplicate_ip", "dev-1", "10.20.0.7", kStart + hours(1));
  raise(kStart + hours(2));
  EXPECT_EQ(only().state, FindingState::kAcknowledged);
  ledger.resolve("duplicate_ip", "dev-1", "10.20.0.7", kStart + hours(3));
  raise(kStart + hours(10));
  EXPECT_EQ(only().state, FindingState::kOpen);
}

TEST_F(Findings, AnAcknowledgementWithoutAnEndIsOverWithTheFinding) {
  const auto id = raise(kStart)->id;
  ASSERT_TRUE(ledger.acknowledge(id, "alice", "known", std::nullopt, kStart));
  EXPECT_TRUE(ledger.reopen_due(kStart + hours(9'999)).empty());
  ledger.resolve("duplicate_ip", "dev-1", "10.20.0.7", kStart + hours(1));
  raise(kStart + hours(2));
  EXPECT_EQ(only().state, FindingState::kOpen);
  EXPECT_EQ(only().by, "");
}

TEST_F(Findings, WhatCannotBeAcknowledgedIsAnError) {
  const auto id = raise(kStart)->id;
  EXPECT_EQ(ledger.acknowledge("n-99", "alice", "x", std::nullopt, kStart).error().code, "finding.unknown");
  EXPECT_EQ(ledger.acknowledge(id, "alice", "x", kStart, kStart).error().code, "finding.until");
  ledger.resolve("duplicate_ip", "dev-1", "10.20.0.7", kStart);
  EXPECT_EQ(ledger.acknowledge(id, "alice", "x", std::nullopt, kStart).error().code, "finding.resolved");
}

TEST_F(Findings, ADeviceThatMakesUpFindingsPushesOutItsOwnThatAreOver) {
  raise(kStart, a_condition("stays"));
  for (int i = 0; i < 500; ++i) {
    const auto subject = "made-up-" + std::to_string(i);
    EXPECT_TRUE(raise(kStart + minutes(i), a_condition(subject)));
    ledger.resolve("duplicate_ip", "dev-1", subject, kStart + minutes(i));
  }
  EXPECT_EQ(ledger.all().size(), Ledger::kMostOfDevice);
  EXPECT_TRUE(ledger.is_open("duplicate_ip", "dev-1", "stays"));
  EXPECT_EQ(ledger.refused(), 0U);
}

TEST_F(Findings, OpenOnesGiveWayToNobody) {
  for (int i = 0; i < 100; ++i) raise(kStart, a_condition("open-" + std::to_string(i)));
  EXPECT_EQ(ledger.all().size(), Ledger::kMostOfDevice);
  EXPECT_EQ(ledger.refused(), 100 - Ledger::kMostOfDevice);
  EXPECT_TRUE(ledger.raise("dev-2", a_condition(), "n-x", kStart)) << "another device has room of its own";
}

TEST_F(Findings, WhatNobodySawForLongIsOver) {
  raise(kStart);
  EXPECT_TRUE(ledger.resolve_unseen("duplicate_ip", hours(1), kStart + minutes(59)).empty());
  EXPECT_EQ(ledger.resolve_unseen("duplicate_ip", hours(1), kStart + hours(1)).size(), 1U);
}

TEST_F(Findings, OnesThatAreOverAreForgottenAfterTheirTime) {
  raise(kStart);
  raise(kStart, a_condition("open"));
  ledger.resolve("duplicate_ip", "dev-1", "10.20.0.7", kStart);
  ledger.forget_old(kStart + hours(24));
  EXPECT_EQ(ledger.all().size(), 2U);
  ledger.forget_old(kStart + Ledger::kResolvedKept);
  ASSERT_EQ(ledger.all().size(), 1U);
  EXPECT_EQ(only().subject, "open");
  EXPECT_EQ(ledger.take_removed(), std::vector<std::string>{"n-1"});
}

TEST_F(Findings, WhatChangedIsSavedOnceAndAllOfItAfterAFailure) {
  raise(kStart);
  raise(kStart, a_condition("other"));
  EXPECT_EQ(ledger.take_unsaved().size(), 2U);
  EXPECT_TRUE(ledger.take_unsaved().empty());
  raise(kStart + minutes(1));
  EXPECT_EQ(ledger.take_unsaved().size(), 1U);
  ledger.unsaved_all();
  EXPECT_EQ(ledger.take_unsaved().size(), 2U);
  ledger.forget_device("dev-1");
  EXPECT_EQ(ledger.take_removed().size(), 2U);
}

}  // namespace
}  // namespace wardline::findings
