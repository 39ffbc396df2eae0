#include "controlplane/quarantine/arming.h"

#include <gtest/gtest.h>

#include "controlplane/quarantine/breaker.h"
#include "controlplane/quarantine/threshold.h"

namespace wardline::quarantine {
namespace {

using enforce::Criticality;
using enforce::Mode;
using enforce::Profile;

policy::Policy policy_with(enforce::DeviceClass traits) {
  policy::Policy policy;
  traits.defined = true;
  policy.plain.classes = {enforce::DeviceClass{}, traits};
  return policy;
}

enforce::DeviceClass scanner() {
  enforce::DeviceClass traits;
  traits.quarantine_after = 5;
  traits.quarantine_within_seconds = 30;
  traits.counts_detections_only = false;
  traits.profile = Profile::kIsolate;
  return traits;
}

TEST(Arming, AnEnforcedClassWithAThresholdIsArmed) {
  const auto arming = arming_of(policy_with(scanner()), 1, Mode::kEnforce, {});
  EXPECT_EQ(arming.profile, Profile::kIsolate);
  EXPECT_EQ(arming.threshold, 5);
  EXPECT_EQ(arming.within_seconds, 30);
  EXPECT_FALSE(arming.detections_only);
}

TEST(Arming, NothingIsArmedInMonitorModeOrUnderAHoldOrABreaker) {
  const auto policy = policy_with(scanner());
  EXPECT_EQ(arming_of(policy, 1, Mode::kMonitor, {}), Arming{});
  EXPECT_EQ(arming_of(policy, 1, Mode::kEnforce, {.held = true, .breaker = false}), Arming{});
  EXPECT_EQ(arming_of(policy, 1, Mode::kEnforce, {.held = false, .breaker = true}), Arming{});
}

TEST(Arming, ALifeCriticalClassIsNeverArmedAboveContainAndCountsDetectionsOnly) {
  auto traits = scanner();
  traits.criticality = Criticality::kLifeCritical;
  const auto arming = arming_of(policy_with(traits), 1, Mode::kEnforce, {});
  EXPECT_EQ(arming.profile, Profile::kContain);
  EXPECT_TRUE(arming.detections_only);
}

TEST(Arming, WhatHangsOnADeviceMayWeighMoreThanItsClass) {
  const auto arming = arming_of(policy_with(scanner()), 1, Mode::kEnforce, {.inherited = Criticality::kLifeCritical});
  EXPECT_EQ(arming.profile, Profile::kContain);
  EXPECT_TRUE(arming.detections_only);
}

TEST(Arming, ApprovalRequiredLeavesTheSlotUnarmedButKeepsTheThreshold) {
  auto traits = scanner();
  traits.approval_required = true;
  const auto arming = arming_of(policy_with(traits), 1, Mode::kEnforce, {});
  EXPECT_EQ(arming.profile, Profile::kNone);
  EXPECT_TRUE(arming.asks_person);
  EXPECT_EQ(arming.threshold, 5);
}

TEST(Arming, AnUnknownClassNumberArmsNothing) {
  EXPECT_EQ(arming_of(policy_with(scanner()), 77, Mode::kEnforce, {}), Arming{});
}

Event violation(std::uint32_t peer, std::uint16_t port, Tick time) {
  Event event;
  event.kind = EventKind::kViolation;
  event.peer_ip = Address::v4(peer);
  event.peer_port = port;
  event.opened_by = flow::OpenedBy::kDevice;
  event.time = time;
  return event;
}

TEST(Threshold, CountsDistinctViolationsOnly) {
  Threshold threshold;
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(threshold.add(violation(1, 80, kSecond), 2, 60));
  EXPECT_TRUE(threshold.add(violation(1, 81, kSecond), 2, 60));
}

TEST(Threshold, ForgetsWhatLiesOutsideTheWindow) {
  Threshold threshold;
  EXPECT_FALSE(threshold.add(violation(1, 80, 1000 * kSecond), 2, 60));
  EXPECT_FALSE(threshold.add(violation(1, 81, 1100 * kSecond), 2, 60));
  EXPECT_TRUE(threshold.add(violation(1, 82, 1110 * kSecond), 2, 60));
}

TEST(Breaker, OpensAtAShareAndNeverForAFew) {
  Breaker breaker({.share = 0.2, .at_least = 3, .window = 3600 * kSecond});
  breaker.add("smart-tv", "rooms", kSecond);
  breaker.add("smart-tv", "rooms", kSecond);
  EXPECT_FALSE(breaker.open(Breaker::Scope::kClass, "smart-tv", 4, kSecond)) << "two are too few";
  breaker.add("smart-tv", "rooms", kSecond);
  EXPECT_TRUE(breaker.open(Breaker::Scope::kClass, "smart-tv", 4, kSecond));
  EXPECT_FALSE(breaker.open(Breaker::Scope::kClass, "smart-tv", 100, kSecond)) << "three of a hundred";
  EXPECT_FALSE(breaker.open(Breaker::Scope::kClass, "ip-camera", 4, kSecond)) << "another class";
  EXPECT_TRUE(breaker.open(Breaker::Scope::kSegment, "rooms", 4, kSecond));
}

TEST(Breaker, ClosesWhenTheWindowHasPassed) {
  Breaker breaker({.share = 0.2, .at_least = 1, .window = 10 * kSecond});
  breaker.add("smart-tv", "rooms", kSecond);
  EXPECT_TRUE(breaker.open(Breaker::Scope::kSite, "", 2, 11 * kSecond));
  EXPECT_FALSE(breaker.open(Breaker::Scope::kSite, "", 2, 12 * kSecond));
}

}  // namespace
}  // namespace wardline::quarantine
