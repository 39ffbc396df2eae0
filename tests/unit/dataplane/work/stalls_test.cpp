// What must not cut or stall a working flow: losses before and behind us, ports that are used again, devices that were
// switched off. And what must not pass for one of these.
#include <gtest/gtest.h>

#include "dataplane/packet/packet_view.h"
#include "tests/unit/dataplane/work/rig.h"

namespace wardline::test {
namespace {

using facts::Fact;
using Words = PolicyWords;

constexpr auto kTvMac = "02:00:00:00:00:20", kPumpMac = "02:00:00:00:00:10", kRouter = "02:00:00:00:00:fe",
               kTvIp = "10.1.0.20", kPumpIp = "10.1.0.10", kServer = "10.9.0.1";
constexpr std::uint8_t kSynAck = packet::kSyn | packet::kAck;
const std::string kGet = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";

// A TV that may speak alpha on port 80 and GET on port 8080, and whose bytes are looked at.
Words ward() {
  Words words;
  words.rules(Words::kTv,
              {{.peer = kServer, .apps = {Words::kAlpha}, .port = 80},
               {.peer = kServer, .apps = {Words::kWeb}, .port = 8080, .when = {{Fact::kHttpMethod, {"GET", "PUT"}}}},
               {.peer = kServer, .port = 7000, .proto = packet::kProtoUdp, .unclassified = true}});
  words.rules(Words::kPump, {{.peer = kServer, .apps = {Words::kAlpha}, .port = 80}});
  words.device_class(Words::kTv).inspect_bytes = 65536;
  return words;
}

class Stalls : public testing::Test {
 protected:
  explicit Stalls(Words words = ward()) : rig_(std::move(words)) {
    rig_.add_device(kTvMac, Words::kTv);
    rig_.add_device(kPumpMac, Words::kPump);
  }
  FrameBuilder client(std::uint32_t sequence, std::string_view text = "") const {
    return frame()
        .from(kTvMac)
        .to(kRouter)
        .ipv4(kTvIp, kServer)
        .tcp(40000, port_)
        .sequence(sequence)
        .acknowledgement(5001)
        .payload(text);
  }
  FrameBuilder server(std::uint32_t sequence, std::uint32_t has) const {
    return frame()
        .from(kRouter)
        .to(kTvMac)
        .ipv4(kServer, kTvIp)
        .tcp(port_, 40000)
        .sequence(sequence)
        .acknowledgement(has);
  }
  void shake(std::uint32_t number = 1000) {
    EXPECT_EQ(rig_.from_device(client(number).flags(packet::kSyn)), Reason::kNone);
    EXPECT_EQ(rig_.from_core(server(5000, number + 1).flags(kSynAck)), Reason::kNone);
    EXPECT_EQ(rig_.from_device(client(number + 1)), Reason::kNone);
  }
  Reason say(std::string_view text) {
    const auto reason = rig_.from_device(client(next_, text));
    next_ += static_cast<std::uint32_t>(text.size());
    return reason;
  }
  Rig rig_;
  std::uint16_t port_ = 80;
  std::uint32_t next_ = 1001;
};

TEST_F(Stalls, AFlowWithMoreHolesThanAreTrackedGoesOnOnceItsReceiverHasThem) {
  Talk talk(rig_, kPumpMac, kPumpIp, kServer, 40000, 80);
  talk.handshake();
  const std::string ten(10, 'z');
  for (std::uint32_t at = 10; at < 100; at += 20)
    EXPECT_EQ(rig_.from_device(talk.device_segment(at, ten)), Reason::kNone) << at;
  for (std::uint32_t at = 0; at < 100; at += 20)
    EXPECT_EQ(rig_.from_device(talk.device_segment(at, ten)), Reason::kNone) << at;
  EXPECT_EQ(rig_.from_core(talk.peer_segment(0, "").acknowledgement(1100)), Reason::kNone);
  for (std::uint32_t at = 100; at < 12000; at += 1000)
    EXPECT_EQ(rig_.from_device(talk.device_segment(at, std::string(1000, 'z'))), Reason::kNone) << at;
}

TEST_F(Stalls, APortThatIsUsedAgainAfterANormalEndIsANewConnection) {
  shake();
  EXPECT_EQ(say("ALPHA"), Reason::kNone);
  EXPECT_EQ(rig_.from_device(client(next_).flags(packet::kFin | packet::kAck)), Reason::kNone);
  EXPECT_EQ(rig_.from_core(server(5001, next_ + 1).flags(packet::kFin | packet::kAck)), Reason::kNone);
  EXPECT_EQ(rig_.from_device(client(next_ + 1).acknowledgement(5002)), Reason::kNone);
  shake(next_ + 64000);
  EXPECT_EQ(rig_.worker().counters().of(Tally::kFlowsCreated), 2U);
  next_ += 64001;
  EXPECT_EQ(say("ALPHA"), Reason::kNone);
  EXPECT_EQ(say("EVIL"), Reason::kDetection);
}

TEST_F(Stalls, AnUnprovedConnectionThatWasResetLendsItsLimitsToNoOther) {
  for (std::uint32_t number = 1000; number < 40000; number += 3000) {
    shake(number);
    EXPECT_EQ(rig_.from_device(client(number + 1, std::string(1000, 'z'))), Reason::kNone) << number;
    EXPECT_EQ(rig_.from_device(client(number + 1001).flags(packet::kRst)), Reason::kNone);
  }
  EXPECT_EQ(rig_.worker().counters().of(Tally::kFlowsCreated), 13U);
}

TEST_F(Stalls, AnEndThatDiedOnItsWayBeginsNoStreamInTheMiddleOfAnother) {
  shake();
  EXPECT_EQ(say("ALPHA EV"), Reason::kNone);
  EXPECT_EQ(rig_.from_device(client(next_).flags(packet::kRst).ttl(1)), Reason::kNone);
  EXPECT_EQ(rig_.from_device(client(next_ - 1).flags(packet::kSyn).ttl(1)), Reason::kNone) << "the numbers go on";
  EXPECT_EQ(say("IL"), Reason::kDetection);
}

TEST_F(Stalls, PastTheDepthAResetEndsTheConnection) {
  shake();
  EXPECT_EQ(say("ALPHA"), Reason::kNone);
  for (int i = 0; i < 80; ++i) {
    EXPECT_EQ(say(std::string(1000, 'z')), Reason::kNone);
    EXPECT_EQ(rig_.from_core(server(5001, next_)), Reason::kNone);
  }
  EXPECT_EQ(rig_.from_device(client(next_).flags(packet::kRst)), Reason::kNone);
  rig_.advance(20 * kSecond);
  rig_.idle();
  rig_.advance(20 * kSecond);
  rig_.idle();
  EXPECT_EQ(rig_.worker().buffers_in_use(), 0U);
}

TEST_F(Stalls, DatagramsThatNobodyKnowsAreLookedAtToTheDepth) {
  const auto datagram = [](std::string_view text) {
    return frame().from(kTvMac).to(kRouter).ipv4(kTvIp, kServer).udp(4000, 7000).payload(text);
  };
  for (int i = 0; i < 40; ++i) EXPECT_EQ(rig_.from_device(datagram(std::string(200, 'z'))), Reason::kNone);
  EXPECT_EQ(rig_.from_device(datagram("EVIL")), Reason::kDetection);
}

TEST_F(Stalls, WhileFramesAreLostInspectionIsShedAndNothingIsDropped) {
  shake();
  EXPECT_EQ(say("ALPHA"), Reason::kNone);
  EXPECT_EQ(rig_.worker().buffers_in_use(), 1U);
  rig_.worker().set_overloaded(true);
  EXPECT_EQ(say("EVIL"), Reason::kNone);
  EXPECT_EQ(rig_.worker().buffers_in_use(), 0U);
  EXPECT_EQ(rig_.worker().counters().failures[static_cast<std::size_t>(Reason::kOverload)].read(), 1U);
}

// --- judged message by message ---

class FramedStalls : public Stalls {
 protected:
  FramedStalls() { port_ = 8080; }
};

TEST_F(FramedStalls, ABodyMayBeLostAndComeAgainAnywhere) {
  shake();
  const std::string body(1000, 'b');
  EXPECT_EQ(say(kGet), Reason::kNone) << "proves it";
  EXPECT_EQ(say("PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n"), Reason::kNone);
  const auto first = next_;
  for (int i = 0; i < 90; ++i) {
    EXPECT_EQ(say(body), Reason::kNone);
    if (i == 69) {
      EXPECT_EQ(rig_.from_core(server(5001, next_)), Reason::kNone);
    }
  }
  EXPECT_EQ(rig_.from_device(client(first + 75 * 1000, body)), Reason::kNone) << "lost behind us";
  EXPECT_EQ(rig_.from_device(client(first + 75 * 1000 + 300, body)), Reason::kNone) << "and cut in another way";
  const auto hole = next_;
  next_ += 1000;
  for (int i = 0; i < 4; ++i) EXPECT_EQ(say(body), Reason::kNone) << "lost before us";
  EXPECT_EQ(rig_.from_device(client(hole, body)), Reason::kNone);
  EXPECT_EQ(rig_.from_core(server(5001, next_)), Reason::kNone);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(say(body), Reason::kNone) << i;
  EXPECT_EQ(say(kGet), Reason::kNone);
  EXPECT_EQ(say("POST /a HTTP/1.1\r\nContent-Length: 0\r\n\r\n"), Reason::kCondition);
}

TEST_F(FramedStalls, ManySmallMessagesMayBeOnTheirWay) {
  shake();
  for (int i = 0; i < 50; ++i) EXPECT_EQ(say(kGet), Reason::kNone);
  EXPECT_EQ(rig_.from_device(client(1001, kGet)), Reason::kNone) << "the first was lost behind us";
  EXPECT_EQ(rig_.from_device(client(1001, "PUT" + kGet.substr(3))), Reason::kContradiction);
}

TEST_F(FramedStalls, ADeviceThatWasSwitchedOffBeginsAgainOnTheSamePort) {
  shake();
  EXPECT_EQ(say(kGet), Reason::kNone);
  shake(900000);
  next_ = 900001;
  EXPECT_EQ(say(kGet), Reason::kNone);
  EXPECT_EQ(say("POST /a HTTP/1.1\r\nContent-Length: 0\r\n\r\n"), Reason::kCondition);
}

TEST_F(FramedStalls, AnEndThatDiedOnItsWayBeginsNoMessageInTheMiddleOfAnother) {
  shake();
  EXPECT_EQ(say(kGet + "PO"), Reason::kNone);
  EXPECT_EQ(rig_.from_device(client(next_).flags(packet::kRst).ttl(1)), Reason::kNone);
  EXPECT_EQ(rig_.from_device(client(next_ - 1).flags(packet::kSyn).ttl(1)), Reason::kNone);
  EXPECT_EQ(say("ST /a HTTP/1.1\r\nContent-Length: 0\r\n\r\n"), Reason::kCondition);
}

TEST_F(FramedStalls, AMessageThatWentAheadOfAHoleIsJudgedWhenTheHoleCloses) {
  shake();
  const auto size = static_cast<std::uint32_t>(kGet.size());
  EXPECT_EQ(rig_.from_device(client(1001 + 2 * size, "POST /a HTTP/1.1\r\nContent-Length: 0\r\n\r\n")), Reason::kNone);
  EXPECT_EQ(rig_.from_device(client(1001, kGet)), Reason::kNone) << "proves it";
  EXPECT_EQ(rig_.from_device(client(1001 + size, kGet)), Reason::kCondition);
}

TEST_F(FramedStalls, WhatWentAheadOfAHoleAndMayPassStallsNothing) {
  shake();
  const auto size = static_cast<std::uint32_t>(kGet.size());
  EXPECT_EQ(rig_.from_device(client(1001 + 2 * size, kGet)), Reason::kNone);
  EXPECT_EQ(rig_.from_device(client(1001, kGet)), Reason::kNone);
  EXPECT_EQ(rig_.from_device(client(1001 + size, kGet)), Reason::kNone);
  EXPECT_EQ(rig_.from_device(client(1001 + 3 * size, kGet)), Reason::kNone);
  EXPECT_EQ(rig_.from_device(client(1001 + 2 * size, "PUT" + kGet.substr(3))), Reason::kContradiction);
}

TEST_F(FramedStalls, ThreatsAreLookedForInFramedFlowsToo) {
  shake();
  EXPECT_EQ(say(kGet), Reason::kNone);
  EXPECT_EQ(rig_.from_device(client(next_, kGet).wrong_transport_checksum()), Reason::kBadChecksum);
  EXPECT_EQ(say("GET /EV"), Reason::kNone);
  EXPECT_EQ(say("IL HTTP/1.1\r\nHost: a\r\n\r\n"), Reason::kDetection);
}

TEST_F(FramedStalls, AFramedFlowGivesItsBuffersBack) {
  shake();
  EXPECT_EQ(say(kGet), Reason::kNone);
  EXPECT_EQ(rig_.worker().buffers_in_use(), 2U) << "a framer and a window";
  EXPECT_EQ(say("POST /a HTTP/1.1\r\nContent-Length: 0\r\n\r\n"), Reason::kCondition);
  EXPECT_EQ(rig_.worker().buffers_in_use(), 0U);
}

}  // namespace
}  // namespace wardline::test
