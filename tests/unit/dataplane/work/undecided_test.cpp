// What passes before the application is known, and what ends the question.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dataplane/packet/packet_view.h"
#include "tests/unit/dataplane/work/rig.h"

namespace wardline::test {
namespace {

using enforce::AppState;
using enforce::Verdict;
using Words = PolicyWords;

constexpr auto kPumpMac = "02:00:00:00:00:10", kTvMac = "02:00:00:00:00:20", kPumpIp = "10.1.0.10", kTvIp = "10.1.0.20",
               kServer = "10.9.0.1";

Words ward() {
  Words words;
  words.rules(Words::kPump, {{.peer = kServer, .apps = {Words::kAlpha}, .port = 443}});
  words.rules(Words::kTv,
              {{.peer = kServer, .apps = {Words::kAlpha}, .port = 80},
               {.peer = kServer, .apps = {}, .port = 81, .proto = packet::kProtoTcp, .unclassified = true}});
  return words;
}

TEST(Undecided, TheSegmentThatClosesTheHoleIsJudgedWithTheWholePrefix) {
  Rig rig(ward());
  rig.add_device(kTvMac, Words::kTv);
  Talk talk(rig, kTvMac, kTvIp, kServer, 40000, 80);
  talk.handshake();
  EXPECT_EQ(rig.from_device(talk.device_segment(2, "TA in two parts")), Reason::kNone) << "ahead of a hole";
  EXPECT_EQ(rig.from_device(talk.device_segment(0, "BE")), Reason::kAppMismatch) << "now it reads BETA";
}

TEST(Undecided, ASegmentThatContradictsForwardedBytesIsDropped) {
  Rig rig(ward());
  rig.add_device(kTvMac, Words::kTv);
  Talk talk(rig, kTvMac, kTvIp, kServer, 40000, 80);
  talk.handshake();
  EXPECT_EQ(rig.from_device(talk.device_segment(0, "AL")), Reason::kNone);
  EXPECT_EQ(rig.from_device(talk.device_segment(0, "BETA")), Reason::kContradiction);
  EXPECT_EQ(rig.from_device(talk.device_segment(0, "AL")), Reason::kNone) << "a true retransmission passes";
  EXPECT_EQ(rig.from_device(talk.device_segment(2, "PHA")), Reason::kNone);
  rig.worker().finish(rig.now());
  EXPECT_EQ(rig.drain(EventKind::kFlow).at(0).app, Words::kAlpha);
}

TEST(Undecided, ADroppedSegmentDoesNotCountAsSeen) {
  Rig rig(ward());
  rig.add_device(kTvMac, Words::kTv);
  Talk talk(rig, kTvMac, kTvIp, kServer, 40000, 80);
  talk.handshake();
  EXPECT_EQ(rig.from_device(talk.device_segment(0, "BETA")), Reason::kAppMismatch);
  EXPECT_EQ(rig.from_device(talk.device_segment(0, "ALPHA")), Reason::kAppMismatch) << "condemned by what it was";
}

TEST(Undecided, AClassOfCriticalityNoneIsStoppedAtTheLimit) {
  Rig rig(ward());
  rig.add_device(kTvMac, Words::kTv);
  Talk talk(rig, kTvMac, kTvIp, kServer, 40000, 80);
  talk.handshake();
  int passed = 0;
  for (int i = 0; i < 40; ++i) passed += talk.device_says("z") == Reason::kNone ? 1 : 0;
  EXPECT_EQ(passed, 16) << "16 packets each way, as shipped";
  EXPECT_EQ(rig.drain(EventKind::kViolation).at(0).reason, Reason::kUndecidedLimit);
}

TEST(Undecided, ALifeCriticalClassKeepsTheBenefitOfTheDoubt) {
  Rig rig(ward());
  rig.add_device(kPumpMac, Words::kPump);
  Talk talk(rig, kPumpMac, kPumpIp, kServer, 40000, 443);
  talk.handshake();
  for (int i = 0; i < 40; ++i) EXPECT_EQ(talk.device_says("z"), Reason::kNone);
  rig.worker().finish(rig.now());
  EXPECT_EQ(rig.drain(EventKind::kFlow).at(0).app_state, AppState::kPortOnly);
}

TEST(Undecided, BytesThatARuleAllowsAsUnclassifiedDoNotCount) {
  Rig rig(ward());
  rig.add_device(kTvMac, Words::kTv);
  Talk talk(rig, kTvMac, kTvIp, kServer, 40000, 81);
  talk.handshake();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(talk.device_says("z"), Reason::kNone);
  rig.worker().finish(rig.now());
  EXPECT_EQ(rig.drain(EventKind::kFlow).at(0).app_state, AppState::kOpaque);
}

TEST(Undecided, AThousandFreshFlowsAreNoTunnel) {
  Rig rig(ward());
  rig.add_device(kTvMac, Words::kTv);
  std::uint64_t passed_bytes = 0;
  for (std::uint16_t port = 0; port < 1000; ++port) {
    const auto datagram = frame()
                              .from(kTvMac)
                              .to("02:00:00:00:00:fe")
                              .ipv4(kTvIp, kServer)
                              .udp(static_cast<std::uint16_t>(20000 + port), 80)
                              .payload(std::string(1000, 'z'));
    if (rig.from_device(datagram) == Reason::kNone) passed_bytes += 1000;
  }
  EXPECT_LE(passed_bytes, 65536U);
  EXPECT_GE(passed_bytes, 60000U);
}

TEST(Undecided, AThousandFreshConnectionsAreNoTunnel) {
  auto options = Rig::small();
  options.undecided = 1024;
  Rig rig(ward(), options);
  rig.add_device(kTvMac, Words::kTv);
  std::uint64_t passed_bytes = 0;
  for (std::uint16_t port = 0; port < 1000; ++port) {
    Talk talk(rig, kTvMac, kTvIp, kServer, static_cast<std::uint16_t>(20000 + port), 80);
    talk.handshake();
    for (int i = 0; i < 2; ++i)
      if (talk.device_says(std::string(1000, 'z')) == Reason::kNone) passed_bytes += 1000;
  }
  EXPECT_LE(passed_bytes, 2 * 65536U) << "two windows of ten seconds, of two million bytes";
  EXPECT_GE(passed_bytes, 60000U);
}

TEST(Undecided, ServerFirstProtocolsAreProvedByTheServer) {
  Rig rig(ward());
  rig.add_device(kTvMac, Words::kTv);
  Talk talk(rig, kTvMac, kTvIp, kServer, 40000, 80);
  talk.handshake();
  EXPECT_EQ(talk.peer_says("ALPHA ready"), Reason::kNone);
  for (int i = 0; i < 30; ++i) EXPECT_EQ(talk.device_says("z"), Reason::kNone);
}

TEST(Undecided, AnExhaustedPoolFollowsTheFailureTableAndIsCounted) {
  auto options = Rig::small();
  options.undecided = 2;
  Rig rig(ward(), options);
  rig.add_device(kPumpMac, Words::kPump);
  for (std::uint16_t port = 1; port < 6; ++port) {
    Talk talk(rig, kPumpMac, kPumpIp, kServer, static_cast<std::uint16_t>(40000 + port), 443);
    talk.handshake();
    EXPECT_EQ(talk.device_says("z"), Reason::kNone);
  }
  EXPECT_EQ(rig.worker().counters().failures[static_cast<std::size_t>(Reason::kBufferPoolExhausted)].read(), 3U);
}

TEST(Undecided, ADetectionCondemnsATcpFlowAndCountsNothingTwice) {
  Rig rig(ward());
  rig.add_device(kTvMac, Words::kTv);
  Talk talk(rig, kTvMac, kTvIp, kServer, 40000, 80);
  talk.handshake();
  EXPECT_EQ(talk.device_says("ALPHA with EVIL"), Reason::kDetection);
  EXPECT_EQ(talk.device_says("innocent"), Reason::kDetection);
  EXPECT_EQ(talk.peer_says("answer"), Reason::kDetection);
  Words next = ward();
  rig.publish(next);
  EXPECT_EQ(talk.device_says("innocent"), Reason::kDetection) << "until it ends, whatever the policy";
}

TEST(Undecided, OfDatagramsOnlyTheOneWithTheDetectionIsDropped) {
  Words words = ward();
  words.plain().detection_actions[0][Words::kEvil] = enforce::DetectionAction::kDrop;
  Rig rig(words);
  rig.add_device(kTvMac, Words::kTv);
  const auto say = [&](std::string_view text) {
    return rig.from_device(
        frame().from(kTvMac).to("02:00:00:00:00:fe").ipv4(kTvIp, kServer).udp(4000, 80).payload(text));
  };
  EXPECT_EQ(say("z EVIL"), Reason::kDetection);
  EXPECT_EQ(say("ALPHA"), Reason::kNone);
}

TEST(Midstream, AFlowInTheMiddleIsDirectedByTheRuleThatFitsAndNeverDroppedForIt) {
  Rig rig(ward());
  rig.add_device(kPumpMac, Words::kPump);
  Talk talk(rig, kPumpMac, kPumpIp, kServer, 40000, 443);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(talk.peer_says("bytes from the middle"), Reason::kNone);
    EXPECT_EQ(talk.device_says("bytes from the middle"), Reason::kNone);
  }
  rig.worker().finish(rig.now());
  const auto flow = rig.drain(EventKind::kFlow).at(0);
  EXPECT_EQ(flow.app_state, AppState::kMidstream);
  EXPECT_EQ(flow.opened_by, flow::OpenedBy::kDevice);
  EXPECT_TRUE(flow.guessed);
}

TEST(Midstream, BytesThatLookLikeAnotherGreetingRefuteNothing) {
  Rig rig(ward());
  rig.add_device(kTvMac, Words::kTv);
  Talk talk(rig, kTvMac, kTvIp, kServer, 40000, 80);
  EXPECT_EQ(talk.device_says("BETA by chance"), Reason::kNone);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(talk.device_says("more"), Reason::kNone);
}

TEST(Midstream, AGuessedDirectionNeverCountsTowardQuarantine) {
  Rig rig(ward());
  const SlotId slot = rig.add_device(kTvMac, Words::kTv);
  rig.arm(slot, enforce::Profile::kContain, 2);
  for (std::uint16_t port = 1; port < 20; ++port)
    EXPECT_EQ(rig.from_device(frame()
                                  .from(kTvMac)
                                  .to("02:00:00:00:00:fe")
                                  .ipv4(kTvIp, kServer)
                                  .tcp(40000, static_cast<std::uint16_t>(port + 2000))
                                  .flags(packet::kAck)),
              Reason::kNoRule);
  EXPECT_EQ(rig.slots().word(slot).quarantine, enforce::Profile::kNone);
}

TEST(PerMessage, AModbusWriteCondemnsAReadOnlyFlowAtAnyDepth) {
  Words words;
  words.rules(
      Words::kTv,
      {{.peer = kServer, .apps = {Words::kModbus}, .port = 502, .when = {{facts::Fact::kModbusAccess, {"read"}}}}});
  Rig rig(words);
  rig.add_device(kTvMac, Words::kTv);
  Talk talk(rig, kTvMac, kTvIp, kServer, 40000, 502);
  talk.handshake();
  const std::string read("\x00\x01\x00\x00\x00\x06\x01\x03\x00\x00\x00\x02", 12);
  const std::string write("\x00\x02\x00\x00\x00\x06\x01\x06\x00\x00\x00\x02", 12);
  for (int i = 0; i < 400; ++i) ASSERT_EQ(talk.device_says(read), Reason::kNone) << i;
  EXPECT_EQ(talk.device_says(read.substr(0, 5)), Reason::kNone) << "a message may come in parts";
  EXPECT_EQ(talk.device_says(read.substr(5)), Reason::kNone);
  EXPECT_EQ(talk.device_says(read + write), Reason::kCondition) << "two messages in one segment";
  EXPECT_EQ(talk.device_says(read), Reason::kCondition) << "the flow is condemned";
}

}  // namespace
}  // namespace wardline::test
