// ICMP errors, FTP data, TFTP, answers to group queries; frames of no single device; MACs that change.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dataplane/packet/packet_view.h"
#include "tests/unit/dataplane/work/rig.h"

namespace wardline::test {
namespace {

using Words = PolicyWords;
using enforce::Opens;

constexpr auto kTvMac = "02:00:00:00:00:20", kPumpMac = "02:00:00:00:00:10", kTvIp = "10.1.0.20", kPumpIp = "10.1.0.10",
               kServer = "10.9.0.1", kRouter = "02:00:00:00:00:fe", kVirtualRouter = "00:00:5e:00:01:07",
               kInternet = "203.0.113.10";

Words ward() {
  Words words;
  words.rules(Words::kTv, {{.peer = kServer, .apps = {Words::kAlpha}, .port = 80},
                           {.peer = kServer, .apps = {Words::kFtp}, .port = 21},
                           {.peer = kServer, .apps = {Words::kTftp}, .port = 69},
                           {.peer = "multicast", .apps = {Words::kAlpha}, .port = 1900}});
  words.rules(Words::kPump, {{.peer = kServer, .apps = {Words::kAlpha}, .port = 80}});
  return words;
}

class Related : public testing::Test {
 protected:
  Related() { tv_ = rig_.add_device(kTvMac, Words::kTv); }
  Rig rig_{ward()};
  SlotId tv_;
};

TEST_F(Related, IcmpTooBigForAnAllowedFlowPassesAndForNoneIsDropped) {
  Talk talk(rig_, kTvMac, kTvIp, kServer, 40000, 80);
  talk.handshake().device_says("ALPHA");
  const auto quoting = [](const FrameBuilder& inner) {
    return frame().from(kRouter).to(kTvMac).ipv4("10.9.0.254", kTvIp).icmp(3, 4, 1400).quoting(inner);
  };
  EXPECT_EQ(rig_.from_core(quoting(talk.device_segment(0, "large"))), Reason::kNone);
  EXPECT_EQ(rig_.from_core(quoting(frame().ipv4(kTvIp, kInternet).tcp(40000, 443))), Reason::kNoRule);
}

TEST_F(Related, FtpDataInheritsItsControlChannelsRule) {
  Talk control(rig_, kTvMac, kTvIp, kServer, 40000, 21);
  control.handshake();
  EXPECT_EQ(control.peer_says("220 ready\r\n"), Reason::kNone);
  EXPECT_EQ(Talk(rig_, kTvMac, kTvIp, kServer, 40001, 30000).syn(), Reason::kNoRule) << "not announced yet";
  EXPECT_EQ(control.device_says("PASV\r\n"), Reason::kNone);
  EXPECT_EQ(control.peer_says("227 Entering Passive Mode (10,9,0,1,117,48)\r\n"), Reason::kNone);
  Talk data(rig_, kTvMac, kTvIp, kServer, 40002, 30000);
  data.handshake();
  EXPECT_EQ(data.peer_says("file"), Reason::kNone);
  EXPECT_EQ(Talk(rig_, kTvMac, kTvIp, kServer, 40003, 30000).syn(), Reason::kNoRule)
      << "one connection an announcement";
}

TEST_F(Related, ActiveFtpDataIsOpenedByTheServer) {
  Talk control(rig_, kTvMac, kTvIp, kServer, 40000, 21);
  control.handshake();
  control.peer_says("220 ready\r\n");
  EXPECT_EQ(Talk(rig_, kTvMac, kTvIp, kServer, 50000, 20, false).syn(), Reason::kNoRule);
  EXPECT_EQ(control.device_says("PORT 10,1,0,20,195,81\r\n"), Reason::kNone);
  EXPECT_EQ(Talk(rig_, kTvMac, kTvIp, kServer, 50001, 20, false).syn(), Reason::kNone);
}

TEST_F(Related, ATftpServerAnswersFromANewPort) {
  const std::string request(
      "\x00\x01"
      "config.bin"
      "\x00"
      "octet"
      "\x00",
      19);
  EXPECT_EQ(rig_.from_device(frame().from(kTvMac).to(kRouter).ipv4(kTvIp, kServer).udp(5000, 69).payload(request)),
            Reason::kNone);
  const auto data = frame().from(kRouter).to(kTvMac).ipv4(kServer, kTvIp).udp(61000, 5000).payload("data");
  EXPECT_EQ(rig_.from_core(data), Reason::kNone);
  EXPECT_EQ(rig_.from_device(frame().from(kTvMac).to(kRouter).ipv4(kTvIp, kServer).udp(5000, 61000).payload("ack")),
            Reason::kNone);
}

TEST_F(Related, AnswersToAGroupQueryPassForAWhile) {
  const auto answer = [](std::uint16_t port) {
    return frame().from(kRouter).to(kTvMac).ipv4("10.9.0.77", kTvIp).udp(1900, port).payload("here");
  };
  EXPECT_EQ(rig_.from_core(answer(5001)), Reason::kNoRule);
  EXPECT_EQ(rig_.from_device(frame()
                                 .from(kTvMac)
                                 .to("01:00:5e:7f:ff:fa")
                                 .ipv4(kTvIp, "239.255.255.250")
                                 .udp(5000, 1900)
                                 .payload("ALPHA who is there")),
            Reason::kNone);
  EXPECT_EQ(rig_.from_core(answer(5000)), Reason::kNone);
  rig_.advance(60 * kSecond);
  rig_.idle();
  EXPECT_EQ(rig_.from_core(frame().from(kRouter).to(kTvMac).ipv4("10.9.0.78", kTvIp).udp(1900, 5000).payload("late")),
            Reason::kNoRule);
}

TEST_F(Related, GroupFramesOutboundAreJudgedByTheirSender) {
  EXPECT_EQ(rig_.from_device(frame()
                                 .from(kTvMac)
                                 .to("01:00:5e:7f:ff:fa")
                                 .ipv4(kTvIp, "239.255.255.250")
                                 .udp(5000, 1900)
                                 .payload("BETA is not allowed")),
            Reason::kAppMismatch);
  EXPECT_EQ(rig_.from_core(frame()
                               .from(kRouter)
                               .to("01:00:5e:7f:ff:fa")
                               .ipv4(kServer, "239.255.255.250")
                               .udp(5000, 1900)
                               .payload("inbound follows the segment")),
            Reason::kNone);
}

TEST_F(Related, LinkControlArpAndListedEthertypesPass) {
  EXPECT_EQ(rig_.from_device(frame().from(kTvMac).to("01:80:c2:00:00:0e").ethertype(0x88cc).payload("lldp")),
            Reason::kNone);
  EXPECT_EQ(rig_.from_core(frame().from(kRouter).to("01:80:c2:00:00:00").llc(0x42, 0x42, 3).payload("stp")),
            Reason::kNone);
  EXPECT_EQ(rig_.from_device(frame().from(kTvMac).to("ff:ff:ff:ff:ff:ff").arp(1, kTvIp, kServer)), Reason::kNone);
  EXPECT_EQ(rig_.from_device(frame().from(kTvMac).to("01:1b:19:00:00:00").ethertype(0x88f7).payload("ptp")),
            Reason::kNone);
}

TEST_F(Related, ADatagramToAnUnknownMacFollowsTheFailureTable) {
  EXPECT_EQ(
      rig_.from_core(frame().from(kRouter).to("02:00:00:00:00:99").ipv4(kServer, "10.1.0.99").udp(1, 2).payload("x")),
      Reason::kNone);
  EXPECT_EQ(rig_.worker().counters().failures[static_cast<std::size_t>(Reason::kUnknownDestination)].read(), 1U);
  Words strict = ward();
  strict.plain().on_failure[static_cast<std::size_t>(Reason::kUnknownDestination)] = enforce::FailureAction::kDrop;
  strict.ward().unidentified_mode = enforce::Mode::kEnforce;
  rig_.publish(strict);
  EXPECT_EQ(
      rig_.from_core(frame().from(kRouter).to("02:00:00:00:00:98").ipv4(kServer, "10.1.0.98").udp(1, 2).payload("x")),
      Reason::kUnknownDestination);
}

TEST_F(Related, MalformedFramesAreDroppedAndCutOnesToo) {
  auto cut = frame().from(kTvMac).to(kRouter).ipv4(kTvIp, kServer).tcp(1, 2).bytes();
  cut.resize(30);
  EXPECT_EQ(rig_.one(cut, Side::kDevice), Reason::kMalformed);
}

TEST_F(Related, AVirtualRouterMacChangeInMidFlowChangesNothing) {
  Talk talk(rig_, kTvMac, kTvIp, kServer, 40000, 80);
  talk.handshake().device_says("ALPHA");
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(rig_.from_device(talk.device_segment(0, "").to(i % 2 != 0 ? kRouter : kVirtualRouter)), Reason::kNone);
    EXPECT_EQ(rig_.from_core(talk.peer_segment(0, "").from(i % 2 != 0 ? kVirtualRouter : kRouter)), Reason::kNone);
  }
  EXPECT_EQ(rig_.worker().counters().of(Tally::kFlowsCreated), 1U);
  EXPECT_EQ(rig_.worker().counters().of(Tally::kFlowsRedecided), 0U);
}

TEST_F(Related, ADeviceThatTeamsTwoNicsHasOneFlow) {
  constexpr auto kSecondNic = "02:00:00:00:00:21";
  ASSERT_TRUE(rig_.slots().bind_mac(Words::kWard, mac(kSecondNic), tv_));
  Talk talk(rig_, kTvMac, kTvIp, kServer, 40000, 80);
  talk.handshake().device_says("ALPHA");
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(rig_.from_device(talk.device_segment(0, "").from(i % 2 != 0 ? kTvMac : kSecondNic)), Reason::kNone);
  EXPECT_EQ(rig_.worker().counters().of(Tally::kFlowsCreated), 1U);
}

TEST_F(Related, AnotherDeviceWithTheSameAddressesHasARecordOfItsOwn) {
  rig_.add_device(kPumpMac, Words::kPump);
  Talk first(rig_, kTvMac, kTvIp, kServer, 40000, 80);
  first.handshake().device_says("ALPHA");
  EXPECT_EQ(rig_.from_device(first.device_segment(0, "forged").from(kPumpMac)), Reason::kNone) << "its own rule fits";
  EXPECT_EQ(rig_.worker().counters().of(Tally::kFlowsCreated), 2U);
  EXPECT_EQ(first.device_says("still there"), Reason::kNone);
  EXPECT_EQ(rig_.worker().counters().of(Tally::kFlowsCreated), 2U) << "the first is not evicted";
}

TEST_F(Related, DhcpFromZeroAddressesOfManyDevicesKeepsNoRecord) {
  const std::string discover("\x01\x01\x06\x00", 4);
  for (int i = 0; i < 200; ++i) {
    Mac source{{2, 1, 0, 0, static_cast<std::uint8_t>(i / 256), static_cast<std::uint8_t>(i)}};
    EXPECT_EQ(rig_.from_device(frame()
                                   .from(source)
                                   .to(Mac{{255, 255, 255, 255, 255, 255}})
                                   .ipv4("0.0.0.0", "255.255.255.255")
                                   .udp(68, 67)
                                   .payload(discover)),
              Reason::kNone);
  }
  EXPECT_EQ(rig_.worker().flows_in_use(), 0U);
}

TEST_F(Related, AHairpinIsJudgedTwiceEachTimeForItsOwnDevice) {
  // Pump to TV by a router on a stick: out by the pump's pass, back in by the TV's. Only the pump's class allows it.
  Words words;
  words.rules(Words::kPump, {{.peer = kTvIp, .apps = {Words::kAlpha}, .port = 80}});
  Rig rig(words);
  rig.add_device(kPumpMac, Words::kPump);
  rig.add_device(kTvMac, Words::kTv);
  const auto syn = frame().ipv4(kPumpIp, kTvIp).tcp(40000, 80).flags(packet::kSyn);
  EXPECT_EQ(rig.from_device(FrameBuilder(syn).from(kPumpMac).to(kRouter)), Reason::kNone);
  EXPECT_EQ(rig.from_core(FrameBuilder(syn).from(kRouter).to(kTvMac)), Reason::kNoRule);
  EXPECT_EQ(rig.worker().counters().of(Tally::kFlowsCreated), 2U);
}

TEST_F(Related, ARequestByOnePairOfABundleAndItsReplyByAnotherAreOneFlow) {
  Talk talk(rig_, kTvMac, kTvIp, kServer, 40000, 80);
  talk.handshake();
  EXPECT_EQ(rig_.one(talk.device_segment(0, "ALPHA").bytes(), Side::kDevice, 0), Reason::kNone);
  EXPECT_EQ(rig_.one(talk.peer_segment(0, "answer").bytes(), Side::kCore, 1), Reason::kNone);
  EXPECT_EQ(rig_.worker().counters().of(Tally::kFlowsCreated), 1U);
}

TEST_F(Related, AForgedFarEndSourceOnTheDeviceLegDoesNotTouchTheFlow) {
  Talk talk(rig_, kTvMac, kTvIp, kServer, 40000, 80);
  talk.handshake().device_says("ALPHA");
  rig_.add_device(kPumpMac, Words::kPump);
  // The pump pretends to be the server and speaks to the TV: another pass, judged as the pump's own traffic.
  EXPECT_EQ(rig_.from_device(frame().from(kPumpMac).to(kTvMac).ipv4(kServer, kTvIp).tcp(80, 40000).flags(packet::kRst)),
            Reason::kNoRule);
  EXPECT_EQ(talk.device_says("still there"), Reason::kNone);
}

TEST_F(Related, BatchesOfOneAndOfThirtyTwoAgree) {
  Rig single(ward()), bulk(ward());
  for (auto* rig : {&single, &bulk}) rig->add_device(kTvMac, Words::kTv);
  std::vector<std::pair<Bytes, Side>> frames;
  for (std::uint16_t i = 0; i < 32; ++i)
    frames.emplace_back(frame()
                            .from(kTvMac)
                            .to(kRouter)
                            .ipv4(kTvIp, kServer)
                            .udp(static_cast<std::uint16_t>(4000 + i % 5), i % 3 == 0 ? 80 : 81)
                            .payload(i % 2 == 0 ? "ALPHA" : "BETA")
                            .bytes(),
                        Side::kDevice);
  std::vector<Reason> one_by_one;
  for (const auto& [bytes, side] : frames) one_by_one.push_back(single.one(bytes, side));
  EXPECT_EQ(bulk.burst(frames), one_by_one);
}

TEST_F(Related, IdleFlowsExpireWithAFinalRecord) {
  Talk(rig_, kTvMac, kTvIp, kServer, 40000, 80).handshake();
  ASSERT_EQ(rig_.worker().flows_in_use(), 1U);
  for (int i = 0; i < 5000 && rig_.worker().flows_in_use() != 0; ++i) {
    rig_.advance(kSecond);
    rig_.idle();
  }
  EXPECT_EQ(rig_.worker().flows_in_use(), 0U);
  const auto flows = rig_.drain(EventKind::kFlow);
  ASSERT_FALSE(flows.empty());
  EXPECT_TRUE(flows.back().final);
}

TEST_F(Related, ARejectTellsTheSenderWithinTheBudget) {
  Words words = ward();
  words.device_class(Words::kTv).on_violation = enforce::OnViolation::kReject;
  rig_.publish(words);
  for (std::uint16_t port = 1; port < 50; ++port)
    Talk(rig_, kTvMac, kTvIp, kServer, 40000, static_cast<std::uint16_t>(port + 5000)).syn();
  EXPECT_EQ(rig_.created().size(), rig_.worker().counters().of(Tally::kRejectsSent));
  EXPECT_GE(rig_.created().size(), 10U);
  EXPECT_LE(rig_.created().size(), 12U) << "ten a second";
  const auto& reset = rig_.created().front();
  const auto view = packet::parse(std::span(reset.bytes).first(reset.length));
  EXPECT_EQ(view.tcp_flags, packet::kRst | packet::kAck);
  EXPECT_EQ(view.target, address(kTvIp));
  EXPECT_TRUE(packet::checksum_holds(view, std::span(reset.bytes).first(reset.length)));
}

}  // namespace
}  // namespace wardline::test
