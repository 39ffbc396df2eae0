// Behaviour detectors on a worker: raised by frames, told with a name, and acting by the policy.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dataplane/packet/packet_view.h"
#include "dataplane/work/detections.h"
#include "tests/unit/dataplane/work/rig.h"

namespace wardline::test {
namespace {

using detect::Detector;
using enforce::DetectionAction;
using Words = PolicyWords;

constexpr auto kPumpMac = "02:00:00:00:00:10", kTvMac = "02:00:00:00:00:20", kRouter = "02:00:00:00:00:fe",
               kPumpIp = "10.1.0.10", kTvIp = "10.1.0.20", kServer = "10.9.0.1", kStranger = "203.0.113.7";
constexpr SignatureId kNumber = 200;

Words ward() {
  Words words;
  words.infrastructure(
      {{.peer = kServer, .apps = {Words::kBeta}, .port = 53}, {.peer = "broadcast", .apps = {Words::kDhcp}}});
  words.rules(Words::kPump, {{.peer = kServer, .apps = {Words::kAlpha}, .port = 443, .essential = true}});
  words.rules(Words::kTv, {{.peer = "any", .apps = {Words::kBeta, Words::kAlpha, Words::kFtp}},
                           {.peer = "any", .apps = {}, .unclassified = true}});
  words.plain().segments[Words::kWard].mode = enforce::Mode::kEnforce;
  return words;
}

Words with(Detector detector, std::uint32_t count, DetectionAction action = DetectionAction::kAlert) {
  Words words = ward();
  words.plain().detectors[static_cast<std::size_t>(detector)] = {
      .enabled = true, .count = count, .within_seconds = 60, .signature = kNumber};
  auto& actions = words.plain().detection_actions[0];
  actions.resize(kNumber + 1, DetectionAction::kAlert);
  actions[kNumber] = action;
  return words;
}

FrameBuilder syn(std::string_view target, std::uint16_t port, std::uint16_t from = 40000) {
  return frame().from(kTvMac).to(kRouter).ipv4(kTvIp, target).tcp(from, port).flags(packet::kSyn).sequence(77);
}
FrameBuilder refusal(std::string_view source, std::uint16_t port, std::uint16_t to = 40000) {
  return frame().from(kRouter).to(kTvMac).ipv4(source, kTvIp).tcp(port, to).flags(packet::kRst | packet::kAck);
}
std::string_view note_of(const Event& event) {
  return event.note.data();
}

TEST(Behaviour, RefusedPortsOfOnePeerAreAPortScan) {
  Rig rig(with(Detector::kPortScan, 10));
  const SlotId slot = rig.add_device(kTvMac, Words::kTv);
  for (std::uint16_t port = 1; port < 9; ++port) {
    EXPECT_EQ(rig.from_device(syn(kServer, port)), Reason::kNone);
    EXPECT_EQ(rig.from_core(refusal(kServer, port)), Reason::kNone);
  }
  EXPECT_THAT(rig.drain(EventKind::kDetection), testing::IsEmpty());
  for (std::uint16_t port = 9; port < 30; ++port) {
    EXPECT_EQ(rig.from_device(syn(kServer, port)), Reason::kNone) << "an alert drops nothing";
    rig.from_core(refusal(kServer, port));
  }
  const auto told = rig.drain(EventKind::kDetection);
  ASSERT_THAT(told, testing::SizeIs(1)) << "once in its window";
  EXPECT_EQ(told[0].signature, kNumber);
  EXPECT_EQ(told[0].slot, slot);
  EXPECT_NEAR(told[0].count, 10, 1);
}

TEST(Behaviour, WhatNobodyAnswersCountsWhenItEnds) {
  Rig rig(with(Detector::kHostScan, 10));
  rig.add_device(kTvMac, Words::kTv);
  for (int peer = 1; peer < 30; ++peer) rig.from_device(syn("10.8.0." + std::to_string(peer), 445));
  EXPECT_THAT(rig.drain(EventKind::kDetection), testing::IsEmpty());
  for (int i = 0; i < 40; ++i) {
    rig.advance(kSecond);
    rig.idle();
  }
  EXPECT_THAT(rig.drain(EventKind::kDetection), testing::SizeIs(1));
}

TEST(Behaviour, WhatWasRaisedAtAnEndCutsNoOtherFlow) {
  Rig rig(with(Detector::kHostScan, 10, DetectionAction::kCondemn));
  rig.add_device(kTvMac, Words::kTv);
  for (int peer = 1; peer < 30; ++peer) rig.from_device(syn("10.8.0." + std::to_string(peer), 445));
  for (int i = 0; i < 40; ++i) {
    rig.advance(kSecond);
    rig.idle();
  }
  rig.drain();
  EXPECT_EQ(rig.from_device(syn(kServer, 104)), Reason::kNone) << "an image on its way to the archive";
  EXPECT_EQ(rig.from_device(syn(kServer, 104)), Reason::kNone);
}

TEST(Behaviour, WhatWasRaisedAtAnEndQuarantinesAtTheNextPacketWhereThePolicySaysSo) {
  Rig rig(with(Detector::kHostScan, 10, DetectionAction::kQuarantine));
  const SlotId slot = rig.add_device(kTvMac, Words::kTv);
  rig.arm(slot, enforce::Profile::kCutOff, 1);
  for (int peer = 1; peer < 30; ++peer) rig.from_device(syn("10.8.0." + std::to_string(peer), 445));
  for (int i = 0; i < 40; ++i) {
    rig.advance(kSecond);
    rig.idle();
  }
  rig.drain();
  rig.from_device(syn(kServer, 80));
  EXPECT_EQ(rig.slots().word(slot).quarantine, enforce::Profile::kCutOff);
}

TEST(Behaviour, AServerThatIsAskedByManyIsNoScanner) {
  Words words = with(Detector::kHostScan, 5);
  words.rules(Words::kTv, {{.opens = enforce::Opens::kPeer, .peer = "any", .apps = {Words::kAlpha}}});
  Rig rig(std::move(words));
  rig.add_device(kTvMac, Words::kTv);
  for (int peer = 1; peer < 60; ++peer) {
    const auto address = "10.8.0." + std::to_string(peer);
    rig.from_core(frame().from(kRouter).to(kTvMac).ipv4(address, kTvIp).tcp(50000, 104).flags(packet::kSyn));
    rig.from_device(refusal(address, 104));
  }
  while (!rig.worker().finish(rig.now())) rig.drain();
  EXPECT_THAT(rig.drain(EventKind::kDetection), testing::IsEmpty());
}

TEST(Behaviour, MiraisSynIsKnownByItself) {
  Rig rig(with(Detector::kMiraiScan, 1, DetectionAction::kCondemn));
  rig.add_device(kTvMac, Words::kTv);
  EXPECT_EQ(rig.from_device(syn("10.9.0.7", 23).sequence(0x0a090008)), Reason::kNone);
  EXPECT_EQ(rig.from_device(syn("10.9.0.8", 23).sequence(0x0a090008)), Reason::kDetection);
  EXPECT_EQ(rig.from_device(syn("10.9.0.9", 2323).sequence(0x0a090009)), Reason::kDetection) << "each one acts";
  EXPECT_THAT(rig.drain(EventKind::kDetection), testing::SizeIs(1)) << "one is told";
}

TEST(Behaviour, AnEssentialFlowIsOnlyToldOf) {
  Rig rig(with(Detector::kMiraiScan, 1, DetectionAction::kQuarantine));
  const SlotId slot = rig.add_device(kPumpMac, Words::kPump);
  rig.arm(slot, enforce::Profile::kCutOff, 1);
  EXPECT_EQ(rig.from_device(frame()
                                .from(kPumpMac)
                                .to(kRouter)
                                .ipv4(kPumpIp, kServer)
                                .tcp(40000, 443)
                                .flags(packet::kSyn)
                                .sequence(0x0a090001)),
            Reason::kNone);
  EXPECT_THAT(rig.drain(EventKind::kDetection), testing::SizeIs(1));
  EXPECT_EQ(rig.slots().word(slot).quarantine, enforce::Profile::kNone);
}

TEST(Behaviour, MonitoringDropsNothing) {
  Words words = with(Detector::kMiraiScan, 1, DetectionAction::kCondemn);
  words.ward().mode = enforce::Mode::kMonitor;
  Rig rig(std::move(words));
  rig.add_device(kTvMac, Words::kTv);
  EXPECT_EQ(rig.from_device(syn("10.9.0.8", 23).sequence(0x0a090008)), Reason::kNone);
  EXPECT_THAT(rig.drain(EventKind::kDetection), testing::SizeIs(1));
}

TEST(Behaviour, ADefaultPasswordNamesTheAccountAndNeverThePassword) {
  Rig rig(with(Detector::kDefaultPassword, 1));
  rig.add_device(kTvMac, Words::kTv);
  Talk talk(rig, kTvMac, kTvIp, kServer, 41000, 21);
  talk.handshake();
  EXPECT_EQ(talk.peer_says("220 ready\r\n"), Reason::kNone);
  EXPECT_EQ(talk.device_says("USER root\r\n"), Reason::kNone);
  EXPECT_EQ(talk.device_says("PASS xc3511\r\n"), Reason::kNone);
  const auto told = rig.drain(EventKind::kDetection);
  ASSERT_THAT(told, testing::SizeIs(1));
  EXPECT_EQ(note_of(told[0]), "root");
  EXPECT_EQ(std::string_view(told[0].note.data(), told[0].note.size()).find("xc3511"), std::string_view::npos);
}

TEST(Behaviour, PatientDataToAPublicAddressIsAFactWithoutTheData) {
  Rig rig(with(Detector::kClearTextPatientData, 1));
  rig.add_device(kTvMac, Words::kTv);
  const std::string message = "ALPHA\rPID|1||4711||MUSTER^ERIKA\r";
  Talk inside(rig, kTvMac, kTvIp, kServer, 41000, 2575);
  inside.handshake();
  EXPECT_EQ(inside.device_says(message), Reason::kNone);
  EXPECT_THAT(rig.drain(EventKind::kDetection), testing::IsEmpty()) << "to a peer of the house";
  Talk outside(rig, kTvMac, kTvIp, kStranger, 41001, 2575);
  outside.handshake();
  EXPECT_EQ(outside.device_says(message), Reason::kNone);
  const auto told = rig.drain(EventKind::kDetection);
  ASSERT_THAT(told, testing::SizeIs(1));
  EXPECT_EQ(note_of(told[0]), "HL7 PID");
}

TEST(Behaviour, AClaimOfTheGatewaysAddressIsToldAndArpStillPasses) {
  Rig rig(with(Detector::kArpSpoofing, 2));
  rig.add_device(kTvMac, Words::kTv);
  const auto gateway = frame().from(kRouter).to("ff:ff:ff:ff:ff:ff").arp(1, "10.1.0.1", kTvIp);
  const auto claim = frame().from(kTvMac).to(kPumpMac).arp(2, "10.1.0.1", kPumpIp);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(rig.from_core(gateway), Reason::kNone);
    EXPECT_EQ(rig.from_device(claim), Reason::kNone);
  }
  const auto told = rig.drain(EventKind::kDetection);
  ASSERT_THAT(told, testing::SizeIs(1));
  EXPECT_EQ(note_of(told[0]), "10.1.0.1");
  EXPECT_EQ(told[0].device_mac, mac(kTvMac));
}

TEST(Behaviour, ADeviceThatAsksByArpForAWholeNetworkIsAHostScan) {
  Rig rig(with(Detector::kHostScan, 25));
  rig.add_device(kTvMac, Words::kTv);
  const auto ask = [&](int first, int last) {
    for (int i = first; i < last; ++i)
      EXPECT_EQ(
          rig.from_device(frame().from(kTvMac).to("ff:ff:ff:ff:ff:ff").arp(1, kTvIp, "10.1.0." + std::to_string(i))),
          Reason::kNone);
  };
  ask(1, 81);
  EXPECT_THAT(rig.drain(EventKind::kDetection), testing::IsEmpty());
  ask(81, 131);
  const auto told = rig.drain(EventKind::kDetection);
  ASSERT_THAT(told, testing::SizeIs(1));
  EXPECT_EQ(note_of(told[0]), "ARP");
}

TEST(Behaviour, AStationOfTheCoreMayAskForAllAndADeviceForWhoAnswers) {
  Rig rig(with(Detector::kHostScan, 25));
  rig.add_device(kTvMac, Words::kTv);
  for (int i = 1; i < 200; ++i) {
    const auto peer = "10.1.0." + std::to_string(i);
    rig.from_core(frame().from(kRouter).to("ff:ff:ff:ff:ff:ff").arp(1, "10.1.0.254", peer));
    rig.from_device(frame().from(kTvMac).to("ff:ff:ff:ff:ff:ff").arp(1, kTvIp, peer));
    rig.from_core(frame().from(kRouter).to(kTvMac).arp(2, peer, kTvIp));
  }
  EXPECT_THAT(rig.drain(EventKind::kDetection), testing::IsEmpty());
}

FrameBuilder offer(std::string_view sender, std::string_view sender_ip, std::string_view server = {}) {
  std::string message(236, '\0');
  message[0] = 2;
  message += std::string_view("\x63\x82\x53\x63\x35\x01\x02", 7);
  if (!server.empty()) message.append("\x36\x04").append(server);
  message += '\xff';
  return frame().from(sender).to("ff:ff:ff:ff:ff:ff").ipv4(sender_ip, "255.255.255.255").udp(67, 68).payload(message);
}

TEST(Behaviour, AnOfferFromTheDeviceSideIsARogueServer) {
  Rig rig(with(Detector::kRogueDhcpServer, 1));
  rig.add_device(kTvMac, Words::kTv);
  rig.from_core(offer(kRouter, "10.9.0.2"));
  EXPECT_THAT(rig.drain(EventKind::kDetection), testing::IsEmpty()) << "the policy names no servers";
  rig.from_device(offer(kTvMac, kTvIp));
  const auto told = rig.drain(EventKind::kDetection);
  ASSERT_THAT(told, testing::SizeIs(1));
  EXPECT_EQ(note_of(told[0]), kTvIp);
}

TEST(Behaviour, ARelayedOfferIsRightAndAForgedNameOfAServerIsNot) {
  Words words = with(Detector::kRogueDhcpServer, 1);
  words.plain().dhcp_server_set = 1;  // that of kServer, which the infrastructure names first
  Rig rig(std::move(words));
  rig.add_device(kTvMac, Words::kTv);
  constexpr std::string_view kServerBytes("\x0a\x09\x00\x01", 4), kRelayBytes("\x0a\x01\x00\x01", 4);
  rig.from_core(offer(kRouter, "10.1.0.1", kServerBytes));
  rig.from_core(offer(kRouter, kServer, kRelayBytes));
  EXPECT_THAT(rig.drain(EventKind::kDetection), testing::IsEmpty()) << "a relay between, in both ways";
  rig.from_core(offer(kRouter, "10.1.0.1", kRelayBytes));
  EXPECT_THAT(rig.drain(EventKind::kDetection), testing::SizeIs(1)) << "no server at all";
  rig.from_device(offer(kTvMac, kTvIp, kServerBytes));
  EXPECT_THAT(rig.drain(EventKind::kDetection), testing::SizeIs(1)) << "a device that names the server as itself";
}

TEST(Behaviour, ATunnelAndASourceRouteAreTold) {
  Rig tunnel(with(Detector::kIpInIp, 1)), route(with(Detector::kSourceRoute, 1, DetectionAction::kDrop));
  tunnel.add_device(kTvMac, Words::kTv);
  route.add_device(kTvMac, Words::kTv);
  tunnel.from_device(frame().from(kTvMac).to(kRouter).ipv4(kTvIp, kServer).proto(4).payload("E"));
  EXPECT_THAT(tunnel.drain(EventKind::kDetection), testing::SizeIs(1));
  EXPECT_EQ(route.from_device(
                syn(kServer, 80).ipv4_options(to_bytes(std::string_view("\x83\x07\x04\x0a\x09\x00\x01\x00", 8)))),
            Reason::kDetection);
}

TEST(Behaviour, ASynWhoseOptionsContradictThemselvesIsTold) {
  Rig rig(with(Detector::kBrokenTcpOptions, 1));
  rig.add_device(kTvMac, Words::kTv);
  const auto told = [&](std::string_view options) {
    rig.from_device(syn(kServer, 80).tcp_options(to_bytes(options)));
    return rig.drain(EventKind::kDetection).size();
  };
  EXPECT_EQ(told(std::string_view("\x02\x04\x05\xb4\x04\x02\x01\x00", 8)), 0U) << "an honest SYN";
  EXPECT_EQ(told(std::string_view("\x1d\x04\x01\x01", 4)), 0U) << "the shortest authentication option";
  EXPECT_EQ(told(std::string_view("\x1d\x02\x01\x00", 4)), 1U) << "one that is too short";
}

TEST(Behaviour, APeerIsMixedWholeInEitherFamily) {
  WorkerOptions options;
  options.seed = {{1, 2, 3, 4}};
  options.watched = 64;
  const work::Detections detections(options);
  for (const auto* peer : {kServer, kStranger, "fd00::1", "2001:db8::203.0.113.7"})
    EXPECT_EQ(detections.hash_of(address(peer)), detect::mix(address(peer), detections.seed)) << peer;
}

TEST(Behaviour, WithoutDetectorsNothingIsWatched) {
  Rig rig(ward());
  rig.add_device(kTvMac, Words::kTv);
  for (std::uint16_t port = 1; port < 200; ++port) {
    rig.from_device(syn("10.9.0.8", port).sequence(0x0a090008));
    rig.from_core(refusal("10.9.0.8", port));
  }
  EXPECT_THAT(rig.drain(EventKind::kDetection), testing::IsEmpty());
  rig.expect_balanced();
}

}  // namespace
}  // namespace wardline::test
