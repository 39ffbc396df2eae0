// Faults that reviews found: ways around the policy, and working flows that were cut.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dataplane/packet/packet_view.h"
#include "tests/unit/dataplane/work/rig.h"

namespace wardline::test {
namespace {

using enforce::FailureAction;
using enforce::Opens;
using enforce::Profile;
using Words = PolicyWords;

constexpr auto kPumpMac = "02:00:00:00:00:10", kTvMac = "02:00:00:00:00:20", kRouter = "02:00:00:00:00:fe",
               kPumpIp = "10.1.0.10", kTvIp = "10.1.0.20", kServer = "10.9.0.1", kInternet = "203.0.113.10";

Words ward() {
  Words words;
  words.rules(Words::kPump, {{.peer = kServer, .apps = {Words::kAlpha}, .port = 443},
                             {.peer = kServer, .apps = {Words::kFtp}, .port = 21, .essential = true},
                             {.peer = kServer, .apps = {Words::kPing}, .proto = packet::kProtoIcmp}});
  words.rules(Words::kTv, {{.peer = kServer, .apps = {Words::kAlpha}, .port = 80},
                           {.peer = kServer, .apps = {Words::kFtp}, .port = 21},
                           {.peer = "multicast", .apps = {Words::kAlpha}, .port = 1900}});
  return words;
}

FrameBuilder from_tv(std::string_view target) {
  return frame().from(kTvMac).to(kRouter).ipv4(kTvIp, target);
}
FrameBuilder to_tv(std::string_view source) {
  return frame().from(kRouter).to(kTvMac).ipv4(source, kTvIp);
}

class Faults : public testing::Test {
 protected:
  Faults() {
    tv_ = rig_.add_device(kTvMac, Words::kTv);
    pump_ = rig_.add_device(kPumpMac, Words::kPump);
  }
  Rig rig_{ward()};
  SlotId tv_, pump_;
};

TEST_F(Faults, AGroupQueryLetsAnswersInAndNothingOut) {
  EXPECT_EQ(rig_.from_device(frame()
                                 .from(kTvMac)
                                 .to("01:00:5e:7f:ff:fa")
                                 .ipv4(kTvIp, "239.255.255.250")
                                 .udp(5000, 1900)
                                 .payload("ALPHA who is there")),
            Reason::kNone);
  EXPECT_EQ(rig_.from_device(from_tv(kInternet).udp(5000, 4444).payload("secrets")), Reason::kNoRule);
}

TEST_F(Faults, AnAnnouncedDataConnectionIsOpenedByTheSideThatWasTold) {
  Talk control(rig_, kTvMac, kTvIp, kServer, 40000, 21);
  control.handshake();
  control.peer_says("220 ready\r\n");
  EXPECT_EQ(control.device_says("PORT 10,1,0,20,195,81\r\n"), Reason::kNone);
  EXPECT_EQ(Talk(rig_, kTvMac, kTvIp, kServer, 50001, 22).syn(), Reason::kNoRule)
      << "the device itself opens nothing by it";
  EXPECT_EQ(control.peer_says("227 Entering Passive Mode (10,9,0,1,0,22)\r\n"), Reason::kNone);
  EXPECT_EQ(Talk(rig_, kTvMac, kTvIp, kServer, 40002, 22).syn(), Reason::kNoRule)
      << "no data connection to a system port";
}

TEST_F(Faults, AnIcmpErrorGoesToWhoSentThePacketThatItQuotes) {
  Talk talk(rig_, kTvMac, kTvIp, kServer, 40000, 80);
  talk.handshake().device_says("ALPHA");
  const auto quoted = talk.peer_segment(0, "from the server");
  EXPECT_EQ(rig_.from_device(from_tv(kServer).icmp(3, 3).quoting(quoted)), Reason::kNone);
  EXPECT_EQ(rig_.from_device(from_tv(kInternet).icmp(3, 3).quoting(quoted)), Reason::kNoRule) << "a tunnel";
}

TEST_F(Faults, AnIcmpErrorOfAnotherDeviceDoesNotBorrowAFlow) {
  Talk talk(rig_, kTvMac, kTvIp, kServer, 40000, 80);
  talk.handshake().device_says("ALPHA");
  EXPECT_EQ(rig_.from_device(frame()
                                 .from(kPumpMac)
                                 .to(kRouter)
                                 .ipv4(kPumpIp, kServer)
                                 .icmp(3, 3)
                                 .quoting(talk.peer_segment(0, "to the TV"))),
            Reason::kNoRule);
}

TEST_F(Faults, AScanFromTheCoreQuarantinesNobody) {
  rig_.arm(tv_, Profile::kIsolate, 3);
  for (std::uint16_t port = 100; port < 120; ++port) {
    EXPECT_EQ(rig_.from_core(to_tv(kServer).tcp(50000, port).flags(packet::kSyn)), Reason::kNoRule);
    EXPECT_EQ(rig_.from_core(to_tv(kInternet).tcp(port, 50000).flags(packet::kSyn | packet::kAck)), Reason::kNoRule);
  }
  EXPECT_EQ(rig_.slots().word(tv_).quarantine, Profile::kNone);
}

TEST_F(Faults, WhatThePeerSendsIsNotCountedAgainstTheDevice) {
  rig_.arm(pump_, Profile::kContain, 1, true);
  Talk talk(rig_, kPumpMac, kPumpIp, kServer, 40000, 443);
  talk.handshake();
  EXPECT_EQ(talk.peer_says("EVIL"), Reason::kDetection);
  EXPECT_EQ(rig_.slots().word(pump_).quarantine, Profile::kNone);
  Talk own(rig_, kPumpMac, kPumpIp, kServer, 40001, 443);
  own.handshake();
  EXPECT_EQ(own.device_says("EVIL"), Reason::kDetection);
  EXPECT_EQ(rig_.slots().word(pump_).quarantine, Profile::kContain);
}

TEST_F(Faults, LargePacketsKeepTheBenefitOfTheDoubtLikeSmallOnes) {
  Talk talk(rig_, kPumpMac, kPumpIp, kServer, 40000, 443);
  talk.handshake();
  for (int i = 0; i < 40; ++i) EXPECT_EQ(talk.device_says(std::string(500, 'z')), Reason::kNone) << i;
  Talk tv(rig_, kTvMac, kTvIp, kServer, 40000, 80);
  tv.handshake();
  int passed = 0;
  for (int i = 0; i < 40; ++i) passed += tv.device_says(std::string(500, 'z')) == Reason::kNone ? 1 : 0;
  EXPECT_LT(passed, 8) << "a class of criticality none is stopped";
}

TEST_F(Faults, FirstFragmentsThatNeverBecomeWholeAreJudgedByTheirPorts) {
  const std::string part(64, 'z');
  rig_.from_device(from_tv(kInternet).udp(5000, 4444).payload(part).fragment(0, true));
  rig_.from_device(from_tv(kServer).udp(5000, 80).payload(part).fragment(0, true));
  rig_.from_core(to_tv(kServer).udp(80, 5000).payload(part).fragment(0, true));
  rig_.advance(2 * kSecond);
  rig_.idle();
  EXPECT_THAT(rig_.released(), testing::SizeIs(2));
  EXPECT_EQ(rig_.worker().counters().dropped[static_cast<std::size_t>(Reason::kNoRule)].read(), 1U);
}

TEST_F(Faults, ABlockThatWasOnlyAWouldBeBlockIsToldWhenItDrops) {
  Words words = ward();
  words.ward().mode = enforce::Mode::kMonitor;
  rig_.publish(words);
  Talk talk(rig_, kTvMac, kTvIp, kInternet, 40000, 443);
  talk.handshake();
  EXPECT_THAT(rig_.drain(EventKind::kViolation), testing::SizeIs(1));
  words.ward().mode = enforce::Mode::kEnforce;
  rig_.publish(words);
  EXPECT_EQ(talk.device_says("on"), Reason::kNoRule);
  const auto told = rig_.drain(EventKind::kViolation);
  ASSERT_THAT(told, testing::SizeIs(1));
  EXPECT_TRUE(told[0].applied_drop);
}

TEST_F(Faults, ADropOfTheFailureTableHasARecordAndMonitorOnlyWatches) {
  auto options = Rig::small();
  options.undecided = 0;
  Words words = ward();
  words.plain().on_failure[static_cast<std::size_t>(Reason::kBufferPoolExhausted)] = FailureAction::kDrop;
  Rig rig(words, options);
  rig.add_device(kPumpMac, Words::kPump);
  Talk talk(rig, kPumpMac, kPumpIp, kServer, 40000, 443);
  talk.syn();
  EXPECT_EQ(talk.device_says("z"), Reason::kBufferPoolExhausted);
  ASSERT_THAT(rig.drain(EventKind::kViolation), testing::SizeIs(1));
  words.ward().mode = enforce::Mode::kMonitor;
  rig.publish(words);
  EXPECT_EQ(talk.device_says("z"), Reason::kNone);
}

TEST_F(Faults, HolesWithoutEndAreNoTunnel) {
  Talk talk(rig_, kTvMac, kTvIp, kServer, 40000, 80);
  talk.handshake();
  int passed = 0;
  for (std::uint32_t i = 0; i < 200; ++i)
    passed += rig_.from_device(talk.device_segment(2 + i * 4, "zz")) == Reason::kNone ? 1 : 0;
  EXPECT_LE(passed, 16);
  Talk before(rig_, kTvMac, kTvIp, kServer, 40001, 80);
  before.handshake();
  passed = 0;
  for (std::uint32_t i = 0; i < 200; ++i)
    passed += rig_.from_device(before.device_segment(-500U, "bytes before the first")) == Reason::kNone ? 1 : 0;
  EXPECT_LE(passed, 16);
}

TEST_F(Faults, ARestartedClientOnItsOldPortIsHeard) {
  const auto pump = [&] { return frame().from(kPumpMac).to(kRouter).ipv4(kPumpIp, kServer).tcp(40000, 443); };
  const auto server = [&] { return frame().from(kRouter).to(kPumpMac).ipv4(kServer, kPumpIp).tcp(443, 40000); };
  const auto answer = static_cast<std::uint8_t>(packet::kSyn | packet::kAck);
  EXPECT_EQ(rig_.from_device(pump().flags(packet::kSyn).sequence(100)), Reason::kNone);
  EXPECT_EQ(rig_.from_core(server().flags(answer).sequence(7000).acknowledgement(101)), Reason::kNone);
  EXPECT_EQ(rig_.from_device(pump().flags(packet::kSyn).sequence(900100)), Reason::kNone);
  EXPECT_EQ(rig_.from_core(server().flags(answer).sequence(50000).acknowledgement(900101)), Reason::kNone);
  EXPECT_EQ(rig_.from_core(server().sequence(50001).payload("hello")), Reason::kNone);
  EXPECT_EQ(rig_.from_device(pump().sequence(900101).payload("ALPHA")), Reason::kNone);
  rig_.worker().finish(rig_.now());
  EXPECT_EQ(rig_.drain(EventKind::kFlow).at(0).app, Words::kAlpha);
}

TEST_F(Faults, AnEchoReplySeenFirstAfterAStartIsAnAnswer) {
  EXPECT_EQ(rig_.from_core(frame().from(kRouter).to(kPumpMac).ipv4(kServer, kPumpIp).echo_reply(7, 1)), Reason::kNone);
  EXPECT_EQ(rig_.from_device(frame().from(kPumpMac).to(kRouter).ipv4(kPumpIp, kServer).echo_request(7, 2)),
            Reason::kNone);
  EXPECT_EQ(rig_.from_core(frame().from(kRouter).to(kPumpMac).ipv4(kServer, kPumpIp).echo_request(8, 1)),
            Reason::kNoRule);
}

TEST_F(Faults, AnUnheardOfIcmp6TypeIsNoNeighbourDiscovery) {
  const auto say = [&](std::uint8_t type) {
    return rig_.from_device(
        frame().from(kTvMac).to(kRouter).ipv6("2001:db8::20", "2001:db8:ffff::1").icmp(type, 0).payload("x"));
  };
  EXPECT_EQ(say(135), Reason::kNone);
  EXPECT_EQ(say(200), Reason::kNoRule);
}

TEST_F(Faults, AQuarantinedDeviceHasNoOtherEthertypes) {
  const auto say = [&](std::uint16_t type) {
    return rig_.from_device(frame().from(kTvMac).to(kRouter).ethertype(type).payload("tunnel"));
  };
  EXPECT_EQ(say(0x9999), Reason::kNone);
  rig_.quarantine(tv_, Profile::kContain);
  EXPECT_EQ(say(0x9999), Reason::kQuarantine);
  EXPECT_EQ(say(0x88f7), Reason::kNone) << "listed: the site lives on it";
  rig_.quarantine(tv_, Profile::kIsolate);
  EXPECT_EQ(say(0x88f7), Reason::kQuarantine);
}

TEST_F(Faults, TheRecordsOfALongFlowAddUpToItsPackets) {
  auto options = Rig::small();
  options.flow_report_seconds = 10;
  Rig rig(ward(), options);
  rig.add_device(kTvMac, Words::kTv);
  Talk talk(rig, kTvMac, kTvIp, kServer, 40000, 80);
  talk.handshake().device_says("ALPHA");
  for (int i = 0; i < 60; ++i) {
    talk.device_says("more");
    rig.advance(kSecond);
    rig.idle();
  }
  rig.worker().finish(rig.now());
  std::uint64_t from = 0, to = 0;
  const auto flows = rig.drain(EventKind::kFlow);
  for (const auto& flow : flows) from += flow.packets_from_device, to += flow.packets_to_device;
  EXPECT_GT(flows.size(), 3U);
  EXPECT_EQ(from, 63U);
  EXPECT_EQ(to, 1U);
}

TEST_F(Faults, AFlowThatSpeaksNowAndThenIsReportedOnceAPeriod) {
  auto options = Rig::small();
  options.flow_report_seconds = 60;
  Rig rig(ward(), options);
  rig.add_device(kTvMac, Words::kTv);
  // A datagram each 7 s: the last one before a report is older than a tick.
  for (int tenth = 0; tenth < 2550; ++tenth) {
    if (tenth % 70 == 0) rig.from_device(from_tv(kServer).udp(1000, 4000).payload("ALPHA"));
    rig.advance(100 * kMillisecond);
    rig.idle();
  }
  EXPECT_EQ(rig.drain(EventKind::kFlow).size(), 4U);
  rig.worker().finish(rig.now());
  EXPECT_EQ(rig.drain(EventKind::kFlow).size(), 1U);
}

TEST_F(Faults, ARushOfConnectionsLeavesNoRecordThatNeverExpires) {
  auto options = Rig::small();
  options.flows_v4 = 64;
  options.flows_v6 = 1;
  Rig rig(ward(), options);
  rig.add_device(kTvMac, Words::kTv);
  for (std::uint16_t i = 0; i < 400; ++i) {
    const auto port = static_cast<std::uint16_t>(i % 2 == 0 ? 40000 : 41000 + i);
    rig.from_device(from_tv(kServer).tcp(port, 80).flags(packet::kSyn));
    rig.from_device(from_tv(kServer).tcp(port, 80).flags(packet::kRst));
  }
  for (int i = 0; i < 200; ++i) {
    rig.advance(kSecond);
    rig.idle();
  }
  EXPECT_EQ(rig.worker().flows_in_use(), 0U);
}

TEST_F(Faults, ARuleNumberOfAFormerPolicyIsNotToldAsOneOfTheNew) {
  Talk control(rig_, kTvMac, kTvIp, kServer, 40000, 21);
  control.handshake();
  control.peer_says("220 ready\r\n");
  control.peer_says("227 Entering Passive Mode (10,9,0,1,117,48)\r\n");
  control.peer_says("227 Entering Passive Mode (10,9,0,1,117,49)\r\n");
  Talk data(rig_, kTvMac, kTvIp, kServer, 40002, 30000), later(rig_, kTvMac, kTvIp, kServer, 40003, 30001);
  data.handshake();
  Words next;
  next.rules(Words::kTv, {{.peer = kServer, .apps = {Words::kFtp}, .port = 21}});
  rig_.publish(next);
  EXPECT_EQ(data.peer_says("file"), Reason::kNone);
  EXPECT_EQ(later.syn(), Reason::kNone);
  rig_.worker().finish(rig_.now());
  int related = 0;
  for (const auto& flow : rig_.drain(EventKind::kFlow))
    if (flow.step == enforce::Step::kRelated) {
      ++related;
      EXPECT_EQ(flow.rule, kNoRule);
    }
  EXPECT_EQ(related, 2);
}

TEST_F(Faults, ContainKeepsTheDataConnectionsOfAnEssentialFlow) {
  Talk control(rig_, kPumpMac, kPumpIp, kServer, 40000, 21);
  control.handshake();
  control.peer_says("220 ready\r\n");
  control.peer_says("227 Entering Passive Mode (10,9,0,1,117,48)\r\n");
  Talk data(rig_, kPumpMac, kPumpIp, kServer, 40002, 30000);
  data.handshake();
  rig_.quarantine(pump_, Profile::kContain);
  EXPECT_EQ(data.peer_says("file"), Reason::kNone);
  rig_.quarantine(pump_, Profile::kCutOff);
  EXPECT_EQ(data.peer_says("file"), Reason::kQuarantine);
}

TEST_F(Faults, KeepAlivesAndJoinedRetransmissionsPassInAFlowOfMessages) {
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
  for (int i = 0; i < 3; ++i) ASSERT_EQ(talk.device_says(read), Reason::kNone);
  EXPECT_EQ(rig.from_device(talk.device_segment(-24U, read + read)), Reason::kNone) << "two segments sent again as one";
  EXPECT_EQ(rig.from_device(talk.device_segment(-12U, read + write)), Reason::kCondition)
      << "and what follows is judged";
  Talk second(rig, kTvMac, kTvIp, kServer, 40001, 502);
  second.handshake();
  for (int i = 0; i < 3; ++i) ASSERT_EQ(second.device_says(read), Reason::kNone);
  EXPECT_EQ(rig.from_device(second.device_segment(-1U, "!")), Reason::kContradiction) << "not acknowledged yet";
  EXPECT_EQ(second.peer_says(""), Reason::kNone);
  EXPECT_EQ(rig.from_device(second.device_segment(-1U, "!")), Reason::kNone) << "a keep-alive";
}

TEST_F(Faults, AKeepAliveOfAFlowThatIsNotKnownYetPasses) {
  Talk talk(rig_, kPumpMac, kPumpIp, kServer, 40000, 443);
  talk.handshake();
  EXPECT_EQ(talk.device_says("ab"), Reason::kNone);
  EXPECT_EQ(rig_.from_device(talk.device_segment(-1U, "!")), Reason::kContradiction) << "not acknowledged yet";
  EXPECT_EQ(talk.peer_says(""), Reason::kNone);
  EXPECT_EQ(rig_.from_device(talk.device_segment(-1U, "!")), Reason::kNone);
  EXPECT_EQ(rig_.from_device(talk.device_segment(-1U, "!more")), Reason::kContradiction);
}

TEST_F(Faults, AFlowOfMessagesThatWasInterruptedIsOneInTheMiddle) {
  Words words;
  words.rules(
      Words::kTv,
      {{.peer = kServer, .apps = {Words::kModbus}, .port = 502, .when = {{facts::Fact::kModbusAccess, {"read"}}}}});
  words.plain().on_failure[static_cast<std::size_t>(Reason::kMidstream)] = FailureAction::kDrop;
  Rig rig(words);
  const SlotId tv = rig.add_device(kTvMac, Words::kTv);
  Talk talk(rig, kTvMac, kTvIp, kServer, 40000, 502);
  talk.handshake();
  EXPECT_EQ(talk.device_says(std::string("\x00\x01\x00\x00\x00\x06\x01\x03\x00\x00\x00\x02", 12)), Reason::kNone);
  rig.quarantine(tv, Profile::kContain);
  EXPECT_EQ(talk.device_says("x"), Reason::kQuarantine);
  rig.quarantine(tv, Profile::kNone);
  EXPECT_EQ(talk.device_says(std::string("\x00\x02\x00\x00\x00\x06\x01\x06\x00\x00\x00\x02", 12)), Reason::kMidstream);
}

TEST_F(Faults, AnEpochThatMovesBeforeTheAnswerDoesNotLoseTheEvidence) {
  EXPECT_EQ(rig_.from_device(from_tv(kServer).udp(5000, 80).payload("ALPHA")), Reason::kNone);
  Words same = ward();
  rig_.publish(same);
  EXPECT_EQ(rig_.from_core(to_tv(kServer).udp(80, 5000).payload("answer")), Reason::kNone);
  EXPECT_THAT(rig_.drain(EventKind::kSpeaks), testing::SizeIs(1));
}

TEST_F(Faults, CutOffKeepsNoLinkControlFrames) {
  const auto lldp = frame().from(kTvMac).to("01:80:c2:00:00:0e").ethertype(0x88cc).payload("lldp");
  EXPECT_EQ(rig_.from_device(lldp), Reason::kNone);
  rig_.quarantine(tv_, Profile::kCutOff);
  EXPECT_EQ(rig_.from_device(lldp), Reason::kQuarantine);
}

}  // namespace
}  // namespace wardline::test
