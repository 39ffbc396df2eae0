// Scans, floods, guessed passwords and even intervals, each at its number and not before.
#include <gtest/gtest.h>

#include "dataplane/detect/connections.h"
#include "dataplane/packet/packet_view.h"
#include "tests/unit/dataplane/detect/settings.h"

namespace wardline::detect {
namespace {

Connection to(std::uint64_t peer, std::uint16_t port, std::uint8_t proto = packet::kProtoTcp) {
  return {.peer = mix(peer, 3),
          .proto = proto,
          .device_port = 40000,
          .peer_port = port,
          .by_device = true,
          .syn = proto == packet::kProtoTcp,
          .stranger = false};
}

// Which detectors were raised.
struct Trial {
  explicit Trial(Settings given) : settings(std::move(given)) {}
  bool failed_flow(const Connection& flow, CoarseTick now = kStart) {
    Alarms alarms;
    detect::failed(watched, settings, flow, now, alarms);
    return !alarms.empty();
  }
  bool open(const Connection& flow, CoarseTick now = kStart) {
    Alarms alarms;
    detect::opened(watched, settings, flow, now, alarms);
    return !alarms.empty();
  }
  bool end(const Connection& flow, const Outcome& outcome, CoarseTick now = kStart) {
    Alarms alarms;
    detect::ended(watched, settings, flow, outcome, now, alarms);
    return !alarms.empty();
  }
  Settings settings;
  Watched watched;
};

TEST(PortScan, IsRaisedAtItsNumberOfPortsOfOnePeer) {
  Trial trial(only(Detector::kPortScan, 10, 60));
  int first = 0;
  for (std::uint16_t port = 1; port <= 20 && first == 0; ++port)
    if (trial.failed_flow(to(1, port))) first = port;
  EXPECT_NEAR(first, 10, 1) << "counted by a sketch";
}

TEST(PortScan, OnePortAgainAndAgainIsNone) {
  Trial trial(only(Detector::kPortScan, 10, 60));
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(trial.failed_flow(to(1, 443)));
}

TEST(PortScan, SlowerThanItsWindowIsNone) {
  Trial trial(only(Detector::kPortScan, 10, 60));
  for (std::uint16_t port = 1; port < 100; ++port)
    EXPECT_FALSE(trial.failed_flow(to(1, port), kStart + seconds(port * 10U)));
}

TEST(PortScan, WhatAnswersAtEndIsNone) {
  Trial trial(only(Detector::kPortScan, 10, 60));
  for (std::uint16_t port = 1; port < 100; ++port)
    EXPECT_FALSE(trial.end(to(1, port), {.answered = true, .lived = 10, .from_device = 900, .to_device = 900}));
}

TEST(PortScan, ServicesThatAnswerAGroupQuestionAreNone) {
  Trial trial(only(Detector::kPortScan, 10, 60));
  for (std::uint16_t port = 50000; port < 50100; ++port) {
    auto flow = to(1, port, packet::kProtoUdp);
    flow.device_port = 1900;
    EXPECT_FALSE(trial.failed_flow(flow));
  }
}

TEST(HostScan, IsRaisedAtItsNumberOfPeersOfOnePort) {
  Trial trial(only(Detector::kHostScan, 12, 60));
  int first = 0;
  for (int peer = 1; peer <= 20 && first == 0; ++peer)
    if (trial.failed_flow(to(static_cast<std::uint64_t>(peer), 443))) first = peer;
  EXPECT_NEAR(first, 12, 1);
}

// The peer, by number, at which a scan of one service is told; 0: none of fifty.
int peers_until_told(std::uint16_t port, std::uint8_t proto) {
  Trial trial(only(Detector::kHostScan, 24, 60));
  for (int peer = 1; peer <= 50; ++peer)
    if (trial.failed_flow(to(static_cast<std::uint64_t>(peer), port, proto))) return peer;
  return 0;
}

TEST(HostScan, PeersAtThePortsOfWormsCountThreefoldAndEchoesTwofold) {
  for (const std::uint16_t port : {22, 23, 139, 445, 2323, 3389, 5555})
    EXPECT_EQ(peers_until_told(port, packet::kProtoTcp), 8) << port;
  EXPECT_NEAR(peers_until_told(0, packet::kProtoIcmp), 12, 1);
  EXPECT_NEAR(peers_until_told(0, packet::kProtoIcmp6), 12, 1);
  EXPECT_NEAR(peers_until_told(104, packet::kProtoTcp), 24, 2);
  EXPECT_NEAR(peers_until_told(445, packet::kProtoUdp), 24, 2);
}

TEST(HostScan, AFewServersThatMovedAreNoneHoweverOftenTheyAreAsked) {
  Trial trial(only(Detector::kHostScan, 24, 60));
  for (unsigned again = 0; again < 100; ++again)
    for (std::uint64_t peer = 1; peer <= 7; ++peer) EXPECT_FALSE(trial.failed_flow(to(peer, 445)));
}

TEST(HostScan, ADeviceThatIsScannedIsNoScanner) {
  Trial trial(only(Detector::kHostScan, 5, 60));
  for (std::uint64_t peer = 1; peer < 50; ++peer) {
    auto flow = to(peer, 445);
    flow.by_device = false;
    EXPECT_FALSE(trial.failed_flow(flow));
  }
}

TEST(HostScan, EchoesCountByPeerWhateverTheirIdentifier) {
  Trial trial(only(Detector::kHostScan, 12, 60));
  bool raised = false;
  for (std::uint16_t peer = 1; peer <= 20; ++peer) raised |= trial.failed_flow(to(peer, peer, packet::kProtoIcmp));
  EXPECT_TRUE(raised);
}

TEST(SlowScan, AddsUpOverItsLongWindow) {
  Trial trial(only(Detector::kSlowScan, 30, 7200));
  bool raised = false;
  for (std::uint16_t i = 0; i < 40; ++i)
    raised |= trial.failed_flow(to(i % 7, static_cast<std::uint16_t>(i + 1)), kStart + seconds(i * 60U));
  EXPECT_TRUE(raised);
}

TEST(SynFlood, CountsWhatIsNotAnswered) {
  Trial trial(only(Detector::kSynFlood, 100, 10));
  for (int i = 0; i < 500; ++i) {
    EXPECT_FALSE(trial.open(to(1, 80)));
    detect::answered(trial.watched, to(1, 80));
  }
  for (int i = 0; i < 99; ++i) EXPECT_FALSE(trial.open(to(1, 80)));
  EXPECT_TRUE(trial.open(to(1, 80)));
}

TEST(Floods, DatagramsAndEchoesHaveNumbersOfTheirOwn) {
  Trial udp(only(Detector::kUdpFlood, 3000, 10)), icmp(only(Detector::kIcmpFlood, 3, 10));
  Alarms alarms;
  more_datagrams(udp.watched, udp.settings, packet::kProtoUdp, 1024, kStart, alarms);
  more_datagrams(udp.watched, udp.settings, packet::kProtoUdp, 1024, kStart, alarms);
  more_datagrams(udp.watched, udp.settings, packet::kProtoIcmp, 9000, kStart, alarms);
  EXPECT_TRUE(alarms.empty());
  more_datagrams(udp.watched, udp.settings, packet::kProtoUdp, 1024, kStart, alarms);
  EXPECT_FALSE(alarms.empty());
  EXPECT_FALSE(icmp.open(to(1, 1, packet::kProtoIcmp)));
  EXPECT_FALSE(icmp.open(to(1, 2, packet::kProtoIcmp)));
  EXPECT_TRUE(icmp.open(to(1, 3, packet::kProtoIcmp)));
}

TEST(BruteForce, CountsShortConnectionsToAServiceThatAsksForAPassword) {
  Trial trial(only(Detector::kBruteForce, 5, 60));
  const Outcome refused{.answered = true, .lived = seconds(3), .from_device = 2000, .to_device = 2500};
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(trial.end(to(1, 22), refused));
  EXPECT_FALSE(trial.end(to(2, 22), refused)) << "another service";
  EXPECT_TRUE(trial.end(to(1, 22), refused));
}

TEST(BruteForce, WorkThatLastsAndClosedPortsAreNone) {
  Trial trial(only(Detector::kBruteForce, 5, 60));
  for (int i = 0; i < 20; ++i) {
    EXPECT_FALSE(
        trial.end(to(1, 22), {.answered = true, .lived = seconds(300), .from_device = 2000, .to_device = 900}));
    EXPECT_FALSE(trial.end(to(1, 445), {.answered = true, .lived = 5, .from_device = 90'000, .to_device = 90'000}));
    EXPECT_FALSE(trial.end(to(1, 22), {.answered = true, .lived = 1, .from_device = 60, .to_device = 60}));
    EXPECT_FALSE(trial.end(to(1, 104), {.answered = true, .lived = 1, .from_device = 900, .to_device = 900}));
  }
}

// An analyser that brings each result by FTP or to a share, and a station that looks after a service each minute.
TEST(BruteForce, DevicesThatComeBackForEachResultGuessNothing) {
  Trial trial(only(Detector::kBruteForce, 10, 120));
  const Outcome upload{.answered = true, .lived = seconds(2), .from_device = 1500, .to_device = 1200};
  for (int result = 0; result < 100; ++result)
    for (const std::uint16_t port : {21, 23, 139, 445})
      EXPECT_FALSE(trial.end(to(1, port), upload, kStart + seconds(3) * result)) << port;
  for (unsigned minute = 0; minute < 100; ++minute)
    EXPECT_FALSE(trial.end(to(2, 22), upload, kStart + seconds(60) * minute));
}

TEST(Amplification, AStationThatReadsTablesOverSnmpIsNoVictim) {
  Trial trial(only(Detector::kAmplification, 1, 60));
  auto printer = to(1, 50000, packet::kProtoUdp);
  printer.by_device = false;
  printer.device_port = 161;
  EXPECT_FALSE(trial.end(printer, {.answered = true, .lived = 5, .from_device = 60'000, .to_device = 3'000}));
}

TEST(Amplification, IsMuchMoreThanWasAsked) {
  Trial trial(only(Detector::kAmplification, 2, 60));
  auto flow = to(1, 50000, packet::kProtoUdp);
  flow.by_device = false;
  flow.stranger = true;
  flow.device_port = 123;
  const Outcome monlist{.answered = true, .lived = 5, .from_device = 40'000, .to_device = 300};
  const Outcome time{.answered = true, .lived = 5, .from_device = 9'000, .to_device = 9'000};
  EXPECT_FALSE(trial.end(flow, time));
  EXPECT_FALSE(trial.end(flow, monlist));
  EXPECT_TRUE(trial.end(flow, monlist));
}

TEST(Beaconing, EvenIntervalsToAStranger) {
  Trial trial(only(Detector::kBeaconing, 8, 3600));
  auto flow = to(1, 443);
  flow.stranger = true;
  CoarseTick now = kStart;
  int raised_at = 0;
  for (int i = 0; i < 12 && raised_at == 0; ++i) {
    if (trial.open(flow, now)) raised_at = i;
    now += seconds(60) + static_cast<CoarseTick>(i % 3) * 200;
  }
  EXPECT_EQ(raised_at, 8) << "eight even intervals need nine connections";
}

TEST(Beaconing, UnevenIntervalsAndDeclaredPeersAreNone) {
  Trial trial(only(Detector::kBeaconing, 8, 36000));
  auto stranger = to(1, 443);
  stranger.stranger = true;
  CoarseTick now = kStart;
  for (unsigned i = 0; i < 60; ++i) {
    EXPECT_FALSE(trial.open(stranger, now));
    EXPECT_FALSE(trial.open(to(2, 443), kStart + seconds(60) * i));
    now += seconds(5 + mix(i) % 120);
  }
}

}  // namespace
}  // namespace wardline::detect
