// What a device's class may do, seen from both legs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dataplane/packet/packet_view.h"
#include "tests/unit/dataplane/work/rig.h"

namespace wardline::test {
namespace {

using enforce::AppState;
using enforce::Opens;
using enforce::Profile;
using enforce::Step;
using enforce::Verdict;
using Words = PolicyWords;

constexpr auto kPumpMac = "02:00:00:00:00:10", kTvMac = "02:00:00:00:00:20", kPumpIp = "10.1.0.10", kTvIp = "10.1.0.20",
               kServer = "10.9.0.1", kInternet = "203.0.113.10";

Words ward() {
  Words words;
  words.infrastructure({{.peer = "10.9.0.53", .apps = {Words::kBeta}, .port = 53, .living = true},
                        {.peer = "broadcast", .apps = {Words::kDhcp}, .port = 67, .living = true}});
  words.rules(Words::kPump, {{.peer = kServer, .apps = {Words::kAlpha}, .port = 443, .essential = true},
                             {.peer = kServer, .apps = {Words::kBeta}, .port = 80},
                             {.opens = Opens::kPeer, .peer = kServer, .apps = {Words::kAlpha}, .port = 22}});
  words.rules(Words::kTv, {{.peer = kServer, .apps = {Words::kBeta}, .port = 80}});
  return words;
}

TEST(ClassRules, WhatTheClassMayDoPassesBothWaysAndIsProvedByItsPayload) {
  Rig rig(ward());
  rig.add_device(kPumpMac, Words::kPump);
  Talk talk(rig, kPumpMac, kPumpIp, kServer, 40000, 443);
  talk.handshake();
  EXPECT_EQ(talk.device_says("ALPHA hello"), Reason::kNone);
  EXPECT_EQ(talk.peer_says("welcome"), Reason::kNone);
  rig.worker().finish(rig.now());
  const auto flows = rig.drain(EventKind::kFlow);
  ASSERT_EQ(flows.size(), 1U);
  EXPECT_EQ(flows[0].app, Words::kAlpha);
  EXPECT_EQ(flows[0].app_state, AppState::kProved);
  EXPECT_EQ(flows[0].verdict, Verdict::kAllow);
  EXPECT_EQ(flows[0].step, Step::kKeepAlive);
  EXPECT_EQ(flows[0].packets_from_device + flows[0].packets_to_device, 5U);
}

TEST(ClassRules, ARuleThatNamesTheWideApplicationTakesItsKinds) {
  auto words = ward();
  words.plain().apps.resize(Words::kAppCount);
  words.plain().apps[Words::kAlpha].carriers = {Words::kFtp, Words::kBeta};
  Rig rig(words);
  rig.add_device(kTvMac, Words::kTv);
  Talk talk(rig, kTvMac, kTvIp, kServer, 40000, 80);
  talk.handshake();
  EXPECT_EQ(talk.device_says("ALPHA hello"), Reason::kNone) << "the rule names beta, and alpha is a kind of it";
  rig.worker().finish(rig.now());
  const auto flows = rig.drain(EventKind::kFlow);
  ASSERT_EQ(flows.size(), 1U);
  EXPECT_EQ(flows[0].app, Words::kAlpha);
  EXPECT_EQ(flows[0].verdict, Verdict::kAllow);
}

TEST(ClassRules, WhatNoRuleAllowsIsBlockedAtItsFirstPacketAndRecordedOnce) {
  Rig rig(ward());
  rig.add_device(kTvMac, Words::kTv);
  Talk talk(rig, kTvMac, kTvIp, kInternet, 40000, 443);
  EXPECT_EQ(talk.syn(), Reason::kNoRule);
  EXPECT_EQ(talk.syn(), Reason::kNoRule);
  const auto violations = rig.drain(EventKind::kViolation);
  ASSERT_EQ(violations.size(), 1U);
  EXPECT_EQ(violations[0].verdict, Verdict::kBlock);
  EXPECT_TRUE(violations[0].applied_drop);
  EXPECT_EQ(violations[0].peer_port, 443);
}

TEST(ClassRules, InMonitorModeTheSameFlowGoesOnAndIsRecordedAsWouldBlock) {
  Words words = ward();
  words.ward().mode = enforce::Mode::kMonitor;
  Rig rig(words);
  rig.add_device(kTvMac, Words::kTv);
  Talk talk(rig, kTvMac, kTvIp, kInternet, 40000, 443);
  talk.handshake();
  EXPECT_EQ(talk.device_says("ALPHA"), Reason::kNone);
  const auto violations = rig.drain(EventKind::kViolation);
  ASSERT_EQ(violations.size(), 1U);
  EXPECT_EQ(violations[0].verdict, Verdict::kWouldBlock);
  EXPECT_FALSE(violations[0].applied_drop);
  rig.worker().finish(rig.now());
  EXPECT_EQ(rig.drain(EventKind::kFlow).at(0).app, Words::kAlpha) << "what is forwarded is still classified";
}

TEST(ClassRules, AnApplicationOnAnothersPortIsWhatItIs) {
  Rig rig(ward());
  rig.add_device(kTvMac, Words::kTv);
  Talk talk(rig, kTvMac, kTvIp, kServer, 40000, 80);
  talk.handshake();
  EXPECT_EQ(talk.device_says("ALPHA on the port of beta"), Reason::kAppMismatch);
  EXPECT_EQ(talk.peer_says("answer"), Reason::kAppMismatch) << "a block holds in both directions";
}

TEST(ClassRules, InAnEssentialFlowAnotherApplicationAlertsAndNeverDrops) {
  Rig rig(ward());
  rig.add_device(kPumpMac, Words::kPump);
  Talk talk(rig, kPumpMac, kPumpIp, kServer, 40000, 443);
  talk.handshake();
  EXPECT_EQ(talk.device_says("BETA where alpha belongs"), Reason::kNone);
  EXPECT_EQ(talk.peer_says("answer"), Reason::kNone);
  const auto violations = rig.drain(EventKind::kViolation);
  ASSERT_EQ(violations.size(), 1U);
  EXPECT_EQ(violations[0].reason, Reason::kAppMismatch);
  EXPECT_EQ(violations[0].verdict, Verdict::kWouldBlock);
  EXPECT_TRUE(violations[0].essential);
}

TEST(ClassRules, OnlyTheSideThatARuleNamesMayOpen) {
  Rig rig(ward());
  rig.add_device(kPumpMac, Words::kPump);
  EXPECT_EQ(Talk(rig, kPumpMac, kPumpIp, kServer, 22, 50000, false).syn(), Reason::kNone);
  EXPECT_EQ(Talk(rig, kPumpMac, kPumpIp, kServer, 40001, 22).syn(), Reason::kNoRule);
}

TEST(ClassRules, AnUnidentifiedDeviceMayDoWhatAnExpectedClassMayDo) {
  Words words = ward();
  words.expects({Words::kPump});
  words.ward().unidentified_mode = enforce::Mode::kEnforce;
  Rig rig(words);
  Talk talk(rig, kPumpMac, kPumpIp, kServer, 40000, 443);
  talk.handshake();
  EXPECT_EQ(talk.device_says("ALPHA hello"), Reason::kNone);
  EXPECT_EQ(Talk(rig, kPumpMac, kPumpIp, kInternet, 40001, 443).syn(), Reason::kNoRule);
  EXPECT_THAT(rig.drain(EventKind::kDeviceSeen), testing::SizeIs(1));
}

TEST(ClassRules, AnUnknownDeviceIsAnnouncedWithANewFlowOnceASecond) {
  Rig rig(ward());
  const auto announced = [&](std::uint16_t port) {
    EXPECT_EQ(Talk(rig, kTvMac, kTvIp, kInternet, port, 443).syn(), Reason::kNone);
    return rig.drain(EventKind::kDeviceSeen).size();
  };
  EXPECT_EQ(announced(40000), 1U);
  EXPECT_EQ(announced(40001), 0U);
  rig.advance(kSecond);
  EXPECT_EQ(announced(40002), 1U);
}

TEST(ClassRules, AnUnknownDeviceOfOneLongFlowIsAnnouncedWhenItIsAskedFor) {
  Rig rig(ward());
  Talk talk(rig, kTvMac, kTvIp, kInternet, 40000, 443);
  talk.handshake();
  EXPECT_THAT(rig.drain(EventKind::kDeviceSeen), testing::SizeIs(1));
  rig.advance(kSecond);
  EXPECT_EQ(talk.device_says("more"), Reason::kNone);
  EXPECT_THAT(rig.drain(EventKind::kDeviceSeen), testing::IsEmpty());
  rig.slots().update(Words::kWard, [](enforce::SlotWord&) { return true; });  // its segment's pseudo-slot
  EXPECT_EQ(talk.device_says("and more"), Reason::kNone);
  EXPECT_THAT(rig.drain(EventKind::kDeviceSeen), testing::SizeIs(1));

  rig.advance(kSecond);
  rig.slots().update(Words::kWard, [](enforce::SlotWord&) { return true; });
  EXPECT_EQ(talk.peer_says("polled"), Reason::kNone);
  EXPECT_THAT(rig.drain(EventKind::kDeviceSeen), testing::IsEmpty()) << "another MAC than its own may be the next hop";
}

TEST(ClassRules, AnEmptyInventoryUnderClinicalTrafficLosesNothing) {
  Rig rig(ward());  // `unidentified:` is monitor as shipped
  for (std::uint16_t port = 1; port < 200; ++port)
    EXPECT_EQ(rig.from_device(frame()
                                  .from(kPumpMac)
                                  .to("02:00:00:00:00:fe")
                                  .ipv4(kPumpIp, kInternet)
                                  .tcp(static_cast<std::uint16_t>(30000 + port), port)
                                  .flags(packet::kAck)
                                  .payload("in the middle")),
              Reason::kNone);
  EXPECT_EQ(rig.worker().counters().dropped_total(), 0U);
}

TEST(ClassRules, TwoPacketsOfOneNewFlowInOneBurstAreOneFlow) {
  Rig rig(ward());
  rig.add_device(kTvMac, Words::kTv);
  const auto datagram = frame().from(kTvMac).to("02:00:00:00:00:fe").ipv4(kTvIp, kServer).udp(4000, 80).payload("BETA");
  EXPECT_THAT(rig.burst({{datagram.bytes(), Side::kDevice}, {datagram.bytes(), Side::kDevice}}),
              testing::Each(Reason::kNone));
  EXPECT_EQ(rig.worker().counters().of(Tally::kFlowsCreated), 1U);
}

TEST(ClassRules, AFlowDecidedBeforeItsDeviceWasKnownIsDecidedAgainWhenItIs) {
  Rig rig(ward());
  Talk talk(rig, kTvMac, kTvIp, kInternet, 40000, 443);
  talk.handshake();
  EXPECT_EQ(talk.device_says("anything"), Reason::kNone) << "unidentified: monitored";
  rig.add_device(kTvMac, Words::kTv);
  EXPECT_EQ(talk.device_says("anything"), Reason::kNoRule);
}

TEST(ClassRules, AReloadDecidesExistingFlowsAnewAndLosesNoneThatBothPoliciesAllow) {
  Rig rig(ward());
  rig.add_device(kPumpMac, Words::kPump);
  Talk kept(rig, kPumpMac, kPumpIp, kServer, 40000, 443), cut(rig, kPumpMac, kPumpIp, kServer, 40001, 80);
  kept.handshake().device_says("ALPHA");
  cut.handshake().device_says("BETA");
  Words next;
  next.rules(Words::kPump, {{.peer = kServer, .apps = {Words::kAlpha}, .port = 443, .essential = true}});
  rig.publish(next);
  EXPECT_EQ(kept.device_says("more"), Reason::kNone);
  EXPECT_EQ(cut.device_says("more"), Reason::kNoRule);
  EXPECT_EQ(rig.worker().counters().of(Tally::kFlowsRedecided), 2U);
}

}  // namespace
}  // namespace wardline::test
