// Ways to have one thing judged and another received, and what comes of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "dataplane/packet/packet_view.h"
#include "tests/unit/dataplane/work/rig.h"

namespace wardline::test {
namespace {

using Words = PolicyWords;

constexpr auto kTvMac = "02:00:00:00:00:20", kPumpMac = "02:00:00:00:00:10", kRouter = "02:00:00:00:00:fe",
               kTvIp = "10.1.0.20", kPumpIp = "10.1.0.10", kServer = "10.9.0.1";
constexpr std::uint8_t kSynAck = packet::kSyn | packet::kAck;

// A TV that may speak alpha, whose bytes are looked at for 64 KiB; a pump whose flow is essential.
Words ward() {
  Words words;
  words.rules(Words::kTv, {{.peer = kServer, .apps = {Words::kAlpha}, .port = 80}});
  words.rules(Words::kPump, {{.peer = kServer, .apps = {Words::kAlpha}, .port = 80, .essential = true}});
  words.device_class(Words::kTv).inspect_bytes = 65536;
  words.device_class(Words::kPump).inspect_bytes = 65536;
  return words;
}

class Evasion : public testing::Test {
 protected:
  Evasion() {
    rig_.add_device(kTvMac, Words::kTv);
    rig_.add_device(kPumpMac, Words::kPump);
  }
  // The client's first byte has number 1001, the server's 5001.
  FrameBuilder client(std::uint32_t sequence, std::string_view text = "") const {
    return frame()
        .from(kTvMac)
        .to(kRouter)
        .ipv4(kTvIp, kServer)
        .tcp(40000, 80)
        .sequence(sequence)
        .acknowledgement(5001)
        .payload(text);
  }
  FrameBuilder server(std::uint32_t sequence, std::string_view text = "", std::uint32_t has = 1001) const {
    return frame()
        .from(kRouter)
        .to(kTvMac)
        .ipv4(kServer, kTvIp)
        .tcp(80, 40000)
        .sequence(sequence)
        .acknowledgement(has)
        .payload(text);
  }
  void shake() {
    EXPECT_EQ(rig_.from_device(client(1000).flags(packet::kSyn)), Reason::kNone);
    EXPECT_EQ(rig_.from_core(server(5000).flags(kSynAck)), Reason::kNone);
    EXPECT_EQ(rig_.from_device(client(1001)), Reason::kNone);
  }
  // Proved, and inspected from here on: the client's next byte has number 1007.
  void prove() {
    shake();
    EXPECT_EQ(rig_.from_device(client(1001, "ALPHA ")), Reason::kNone);
  }
  Rig rig_{ward()};
};

TEST_F(Evasion, DataInASynIsJudgedLikeAnyFirstBytes) {
  EXPECT_EQ(rig_.from_device(client(1000, "BETA").flags(packet::kSyn)), Reason::kAppMismatch);
}

TEST_F(Evasion, AThreatThatBeginsInASynIsFoundWithWhatFollows) {
  EXPECT_EQ(rig_.from_device(client(1000, "ALPHA EV").flags(packet::kSyn)), Reason::kNone);
  EXPECT_EQ(rig_.from_core(server(5000, "", 1009).flags(kSynAck)), Reason::kNone);
  EXPECT_EQ(rig_.from_device(client(1009, "IL")), Reason::kDetection);
}

TEST_F(Evasion, DataOfASynThatIsSentAgainOtherwiseIsAContradiction) {
  EXPECT_EQ(rig_.from_device(client(1000, "AL").flags(packet::kSyn)), Reason::kNone);
  EXPECT_EQ(rig_.from_core(server(5000).flags(kSynAck)), Reason::kNone) << "the server took no data of the SYN";
  EXPECT_EQ(rig_.from_device(client(1001, "BE")), Reason::kContradiction);
  EXPECT_EQ(rig_.from_device(client(1001, "AL")), Reason::kNone);
}

TEST_F(Evasion, AWrongChecksumIsDroppedWhileTheFlowIsJudged) {
  shake();
  EXPECT_EQ(rig_.from_device(client(1001, "ALPHA").wrong_transport_checksum()), Reason::kBadChecksum);
  EXPECT_EQ(rig_.from_device(client(1001, "BETA")), Reason::kAppMismatch) << "the decoy proved nothing";
}

TEST_F(Evasion, AWrongChecksumIsDroppedBeforeTheServerHasAnswered) {
  EXPECT_EQ(rig_.from_device(client(1000).flags(packet::kSyn)), Reason::kNone);
  EXPECT_EQ(rig_.from_device(client(1001, "ALPHA").wrong_transport_checksum()), Reason::kBadChecksum);
  EXPECT_EQ(rig_.from_device(client(1001, "BETA")), Reason::kAppMismatch) << "the decoy proved nothing";
}

TEST_F(Evasion, AWrongChecksumIsDroppedWhileThreatsAreLookedFor) {
  prove();
  EXPECT_EQ(rig_.from_device(client(1007, "GOOD").wrong_transport_checksum()), Reason::kBadChecksum);
  EXPECT_EQ(rig_.from_device(client(1007, "EVIL")), Reason::kDetection);
}

TEST_F(Evasion, ASenderThatLeavesChecksumsToItsCardIsHeard) {
  EXPECT_EQ(rig_.from_device(client(1000).flags(packet::kSyn).wrong_transport_checksum()), Reason::kNone);
  EXPECT_EQ(rig_.from_core(server(5000).flags(kSynAck)), Reason::kNone);
  EXPECT_EQ(rig_.from_device(client(1001, "ALPHA").wrong_transport_checksum()), Reason::kNone);
  EXPECT_EQ(rig_.from_device(client(1006, "EVIL").wrong_transport_checksum()), Reason::kDetection);
}

TEST_F(Evasion, ADatagramWithAWrongChecksumAfterRightOnesProvesNothing) {
  const auto say = [&](std::string_view text) {
    return frame().from(kTvMac).to(kRouter).ipv4(kTvIp, kServer).udp(4000, 80).payload(text);
  };
  EXPECT_EQ(rig_.from_device(say("z")), Reason::kNone);
  EXPECT_EQ(rig_.from_device(say("ALPHA").wrong_transport_checksum()), Reason::kBadChecksum);
  EXPECT_EQ(rig_.from_device(say("BETA")), Reason::kAppMismatch);
}

TEST_F(Evasion, WhatADecoyWithALowTimeToLiveLeftBehindIsNotOverwritten) {
  prove();
  EXPECT_EQ(rig_.from_device(client(1007, "GOOD").ttl(1)), Reason::kNone) << "it may never arrive";
  EXPECT_EQ(rig_.from_device(client(1007, "EVIL")), Reason::kContradiction);
  EXPECT_EQ(rig_.from_device(client(1007, "GOOD")), Reason::kNone);
}

TEST_F(Evasion, AnUrgentByteIsReadBothWays) {
  prove();
  EXPECT_EQ(rig_.from_device(client(1007, "EV!").flags(packet::kAck | packet::kUrg).urgent(3)), Reason::kNone);
  EXPECT_EQ(rig_.from_device(client(1010, "IL")), Reason::kDetection) << "the receiver reads EVIL";
}

TEST_F(Evasion, AnUrgentByteThatIsPartOfAThreatIsFoundInBand) {
  prove();
  EXPECT_EQ(rig_.from_device(client(1007, "EVIL").flags(packet::kAck | packet::kUrg).urgent(3)), Reason::kDetection);
}

TEST_F(Evasion, AnUrgentByteBeforeTheApplicationIsKnownMakesNoGreeting) {
  shake();
  EXPECT_EQ(rig_.from_device(client(1001, "ALPHA").flags(packet::kAck | packet::kUrg).urgent(1)), Reason::kNone);
  rig_.worker().finish(rig_.now());
  EXPECT_EQ(rig_.drain(EventKind::kFlow).at(0).app, kNoApp) << "read without it, it is LPHA";
}

TEST_F(Evasion, ARstOutsideTheWindowEndsNothing) {
  shake();
  EXPECT_EQ(rig_.from_device(client(1001, "EV")), Reason::kNone);
  EXPECT_EQ(rig_.from_device(client(900000).flags(packet::kRst)), Reason::kNone);
  EXPECT_EQ(rig_.from_device(client(70000).flags(packet::kSyn)), Reason::kNone) << "no new record begins";
  EXPECT_EQ(rig_.from_device(client(1003, "IL")), Reason::kDetection);
}

TEST_F(Evasion, ARstWithAWrongChecksumEndsNothing) {
  prove();
  EXPECT_EQ(rig_.from_device(client(1007).flags(packet::kRst).wrong_transport_checksum()), Reason::kBadChecksum);
  EXPECT_EQ(rig_.from_device(client(70000).flags(packet::kSyn)), Reason::kNone);
  EXPECT_EQ(rig_.from_device(client(1007, "EVIL")), Reason::kDetection);
  EXPECT_EQ(rig_.worker().counters().of(Tally::kFlowsCreated), 1U);
}

TEST_F(Evasion, ARstThatMayHaveDiedOnItsWayLendsTheOldStreamNoNewJudgement) {
  prove();
  EXPECT_EQ(rig_.from_device(client(1007, "EV")), Reason::kNone);
  EXPECT_EQ(rig_.from_device(client(1009).flags(packet::kRst).ttl(1)), Reason::kNone);
  EXPECT_EQ(rig_.from_device(client(70000000).flags(packet::kSyn).ttl(1)), Reason::kNone);
  EXPECT_EQ(rig_.from_core(server(5001, "", 1009)), Reason::kNone) << "the server answers for the old connection";
  EXPECT_EQ(rig_.from_device(client(1009, "IL")), Reason::kDetection);
}

TEST_F(Evasion, BytesAfterAFinAreOut) {
  prove();
  EXPECT_EQ(rig_.from_device(client(1007, "bye").flags(packet::kFin | packet::kAck)), Reason::kNone);
  EXPECT_EQ(rig_.from_device(client(1010, "more")), Reason::kOutOfOrder);
  EXPECT_EQ(rig_.from_device(client(1007, "bye").flags(packet::kFin | packet::kAck)), Reason::kNone);
}

TEST_F(Evasion, AForgedEndDoesNotFreeACondemnedFlow) {
  prove();
  EXPECT_EQ(rig_.from_device(client(1007, "EV")), Reason::kNone);
  EXPECT_EQ(rig_.from_device(client(1009, "IL")), Reason::kDetection);
  EXPECT_EQ(rig_.from_device(client(1009, "IL")), Reason::kDetection) << "sent again";
  EXPECT_EQ(rig_.from_device(client(1009).flags(packet::kRst)), Reason::kDetection);
  EXPECT_EQ(rig_.from_device(client(70000000).flags(packet::kSyn)), Reason::kDetection);
  EXPECT_EQ(rig_.from_device(client(1009, "IL")), Reason::kDetection);
  rig_.advance(70 * kSecond);
  EXPECT_EQ(rig_.from_device(client(1008).flags(packet::kSyn)), Reason::kDetection) << "a number of the old one";
  EXPECT_EQ(rig_.from_device(client(70000000).flags(packet::kSyn)), Reason::kNone) << "a new connection, in time";
  EXPECT_EQ(rig_.from_core(server(5001, "", 1009)), Reason::kNone) << "the server still holds the old one";
  EXPECT_EQ(rig_.from_device(client(1009, "IL")), Reason::kOutOfOrder);
}

TEST_F(Evasion, ANewConnectionAfterACondemnedOneIsHeardAndJudged) {
  prove();
  EXPECT_EQ(rig_.from_device(client(1007, "EVIL")), Reason::kDetection);
  rig_.advance(70 * kSecond);
  EXPECT_EQ(rig_.from_device(client(70000000).flags(packet::kSyn)), Reason::kNone);
  EXPECT_EQ(rig_.from_core(server(9000, "", 70000001).flags(kSynAck)), Reason::kNone);
  EXPECT_EQ(rig_.from_device(client(70000001, "ALPHA").acknowledgement(9001)), Reason::kNone);
  EXPECT_EQ(rig_.from_core(server(9001, "welcome", 70000006)), Reason::kNone);
  EXPECT_EQ(rig_.from_device(client(70000006, "EVIL").acknowledgement(9008)), Reason::kDetection);
}

TEST_F(Evasion, AForgedSynDoesNotMoveWhereBytesAreExpected) {
  shake();
  EXPECT_EQ(rig_.from_device(client(1001, "ALPHA EV")), Reason::kNone);
  EXPECT_EQ(rig_.from_device(client(70000).flags(packet::kSyn)), Reason::kNone);
  EXPECT_EQ(rig_.from_device(client(1009, "IL")), Reason::kDetection);
}

TEST_F(Evasion, AClientThatBeginsAgainAndIsAnsweredIsHeard) {
  prove();
  EXPECT_EQ(rig_.from_device(client(70000).flags(packet::kSyn)), Reason::kNone);
  EXPECT_EQ(rig_.from_core(server(9000, "", 70001).flags(kSynAck)), Reason::kNone);
  EXPECT_EQ(rig_.from_device(client(70001, "ALPHA").acknowledgement(9001)), Reason::kNone);
  EXPECT_EQ(rig_.from_device(client(70006, "EVIL").acknowledgement(9001)), Reason::kDetection);
}

TEST_F(Evasion, OneByteSegmentsHideNothing) {
  prove();
  const std::string_view text = "harmless EVIL";
  for (std::size_t i = 0; i + 1 < text.size(); ++i)
    EXPECT_EQ(rig_.from_device(client(static_cast<std::uint32_t>(1007 + i), text.substr(i, 1))), Reason::kNone) << i;
  EXPECT_EQ(rig_.from_device(client(static_cast<std::uint32_t>(1007 + text.size() - 1), "L")), Reason::kDetection);
}

TEST_F(Evasion, TheSegmentThatClosesAHoleIsJudgedWithAllThatFollows) {
  prove();
  EXPECT_EQ(rig_.from_device(client(1009, "IL and more")), Reason::kNone) << "ahead of a hole";
  EXPECT_EQ(rig_.from_device(client(1007, "EV")), Reason::kDetection);
}

TEST_F(Evasion, WhatLiesBeyondTheWindowIsDroppedAndTakenWhenItComesAgain) {
  prove();
  EXPECT_EQ(rig_.from_device(client(1007 + 8000, "far")), Reason::kOutOfOrder);
  for (std::uint32_t i = 0; i < 8; ++i)
    EXPECT_EQ(rig_.from_device(client(1007 + i * 1000, std::string(1000, 'z'))), Reason::kNone);
  EXPECT_EQ(rig_.from_device(client(1007 + 8000, "far")), Reason::kNone);
}

TEST_F(Evasion, AHoleThatTheReceiverHasIsNotWaitedFor) {
  prove();
  EXPECT_EQ(rig_.from_core(server(5001, "", 1007 + 8000)), Reason::kNone) << "it got those bytes on another way";
  EXPECT_EQ(rig_.from_device(client(1007 + 8000, "EVIL")), Reason::kDetection);
  EXPECT_EQ(rig_.worker().counters().of(Tally::kInspectionGaps), 1U);
}

TEST_F(Evasion, BytesTooOldToCompareAreScannedByThemselves) {
  prove();
  for (std::uint32_t i = 0; i < 8; ++i)
    EXPECT_EQ(rig_.from_device(client(1007 + i * 1000, std::string(1000, 'z'))), Reason::kNone);
  EXPECT_EQ(rig_.from_device(client(1007, std::string(1000, 'z'))), Reason::kNone) << "a lost segment comes again";
  EXPECT_EQ(rig_.worker().counters().of(Tally::kUncomparedRepeats), 1U);
  EXPECT_EQ(rig_.from_device(client(1007, "EVIL")), Reason::kDetection);
}

TEST_F(Evasion, AnEssentialFlowLosesNoSegmentForItsPlaceAndIsTold) {
  Talk talk(rig_, kPumpMac, kPumpIp, kServer, 40000, 80);
  talk.handshake();
  EXPECT_EQ(talk.device_says("ALPHA"), Reason::kNone);
  EXPECT_EQ(rig_.from_device(talk.device_segment(9000, "EVIL beyond")), Reason::kNone);
  EXPECT_EQ(rig_.from_device(talk.device_segment(9011, "EVIL again")), Reason::kNone);
  const auto told = rig_.drain(EventKind::kDetection);
  ASSERT_THAT(told, testing::SizeIs(1)) << "once a flow";
  EXPECT_FALSE(told[0].applied_drop);
}

// Whatever the segments' size and order and however often they come: the byte that completes a threat is never
// forwarded with all bytes before it.
TEST_F(Evasion, AThreatAnywhereInTheDepthIsCondemnedBeforeItsLastByteIsForwarded) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (std::uint16_t round = 0; round < 12; ++round) {
    const std::size_t place = 5 + random() % (60000 - 5);
    std::string stream = "ALPHA" + std::string(place - 5, 'z') + "EVIL" + std::string(200, 'z');
    const auto segment = [&](std::size_t at, std::size_t size) {
      return frame()
          .from(kTvMac)
          .to(kRouter)
          .ipv4(kTvIp, kServer)
          .tcp(static_cast<std::uint16_t>(41000 + round), 80)
          .sequence(static_cast<std::uint32_t>(1001 + at))
          .acknowledgement(5001)
          .payload(std::string_view(stream).substr(at, size));
    };
    ASSERT_EQ(rig_.from_device(segment(0, 0).flags(packet::kSyn).sequence(1000)), Reason::kNone);
    const auto answer = frame()
                            .from(kRouter)
                            .to(kTvMac)
                            .ipv4(kServer, kTvIp)
                            .tcp(80, static_cast<std::uint16_t>(41000 + round))
                            .flags(kSynAck)
                            .sequence(5000)
                            .acknowledgement(1001);
    ASSERT_EQ(rig_.from_core(answer), Reason::kNone);
    std::vector<bool> forwarded(stream.size());
    bool condemned = false;
    for (int step = 0; step < 4000 && !condemned; ++step) {
      const auto hole = static_cast<std::size_t>(std::ranges::find(forwarded, false) - forwarded.begin());
      if (hole == stream.size()) break;
      const std::size_t at = std::min(hole + (random() % 3 == 0 ? random() % 1500 : 0), stream.size() - 1);
      const std::size_t size =
          std::min<std::size_t>(1 + random() % (random() % 4 == 0 ? 30 : 5000), stream.size() - at);
      const Reason reason = rig_.from_device(segment(at, size));
      condemned = reason == Reason::kDetection;
      if (reason == Reason::kNone) std::fill_n(forwarded.begin() + static_cast<std::ptrdiff_t>(at), size, true);
      const auto received = static_cast<std::size_t>(std::ranges::find(forwarded, false) - forwarded.begin());
      ASSERT_LT(received, place + 4) << "the receiver has the threat";
    }
    EXPECT_TRUE(condemned) << "threat at " << place;
  }
}

}  // namespace
}  // namespace wardline::test
