// Flows that announce others, through the worker: who may name which address, for how long.
#include <gtest/gtest.h>

#include "dataplane/packet/packet_view.h"
#include "tests/unit/dataplane/work/rig.h"

namespace wardline::test {
namespace {

using Words = PolicyWords;

constexpr auto kTvMac = "02:00:00:00:00:20", kRouter = "02:00:00:00:00:fe", kTvIp = "10.1.0.20", kServer = "10.9.0.1",
               kGateway = "10.9.0.7", kOther = "10.9.0.8";

// "BETA" stands for SIP: what counts here is the description behind it.
std::string call(std::string_view address, int port) {
  return "BETA\r\nc=IN IP4 " + std::string(address) + "\r\nm=audio " + std::to_string(port) + " RTP/AVP 0\r\n";
}

Words words(std::string_view peer) {
  Words made;
  made.rules(Words::kTv, {{.peer = peer, .apps = {Words::kBeta}, .port = 5060}});
  made.plain().known.sip = Words::kBeta;
  return made;
}

class Follow : public testing::Test {
 protected:
  void begin(std::string_view peer) {
    auto made = words(peer);
    rig_.publish(made);
    rig_.add_device(kTvMac, Words::kTv);
  }
  Reason out(std::string_view target, std::uint16_t from, std::uint16_t to, std::string_view text = "media") {
    return rig_.from_device(frame().from(kTvMac).to(kRouter).ipv4(kTvIp, target).udp(from, to).payload(text));
  }
  Reason in(std::string_view source, std::uint16_t from, std::uint16_t to, std::string_view text = "media") {
    return rig_.from_core(frame().from(kRouter).to(kTvMac).ipv4(source, kTvIp).udp(from, to).payload(text));
  }
  Rig rig_;
};

TEST_F(Follow, WhatBothSidesAnnounceIsOpenToTheOther) {
  begin(kServer);
  EXPECT_EQ(out(kServer, 5060, 5060, call(kTvIp, 40000)), Reason::kNone);
  EXPECT_EQ(in(kServer, 30000, 40000), Reason::kNone) << "media may come before the answer";
  EXPECT_EQ(out(kServer, 40002, 20000), Reason::kNoRule);
  EXPECT_EQ(in(kServer, 5060, 5060, call(kServer, 20000)), Reason::kNone);
  EXPECT_EQ(out(kServer, 40000, 20000), Reason::kNone);
  EXPECT_EQ(out(kServer, 40001, 20001), Reason::kNone) << "RTCP";
  EXPECT_EQ(in(kServer, 30000, 40004), Reason::kNoRule);
  EXPECT_EQ(in(kOther, 30000, 40000), Reason::kNoRule);
}

TEST_F(Follow, AFlowIsReadForAsLongAsItLives) {
  begin(kServer);
  EXPECT_EQ(out(kServer, 5060, 5060, "BETA register\r\n"), Reason::kNone);
  EXPECT_EQ(in(kServer, 5060, 5060, "BETA ok\r\n"), Reason::kNone);
  rig_.advance(100 * kSecond);
  EXPECT_EQ(in(kServer, 5060, 5060, call(kServer, 20000)), Reason::kNone);
  EXPECT_EQ(out(kServer, 40000, 20000), Reason::kNone);
}

TEST_F(Follow, AnAnnouncementEnds) {
  begin(kServer);
  EXPECT_EQ(out(kServer, 5060, 5060, call(kTvIp, 40000)), Reason::kNone);
  rig_.advance(200 * kSecond);
  EXPECT_EQ(in(kServer, 30000, 40000), Reason::kNone) << "a call may ring";
  rig_.advance(60 * kSecond);
  EXPECT_EQ(in(kServer, 30002, 40000), Reason::kNoRule);
}

TEST_F(Follow, AThirdAddressCountsWhereTheRuleNamesIt) {
  begin("any");
  EXPECT_EQ(out(kServer, 5060, 5060, call(kTvIp, 40000)), Reason::kNone);
  EXPECT_EQ(in(kGateway, 20000, 40000), Reason::kNoRule) << "nobody named it yet";
  EXPECT_EQ(in(kServer, 5060, 5060, call(kGateway, 20000)), Reason::kNone);
  EXPECT_EQ(in(kGateway, 20002, 40000), Reason::kNone) << "the port that the device announced waits for it, too";
  EXPECT_EQ(out(kGateway, 40000, 20000), Reason::kNone);
  EXPECT_EQ(out(kOther, 40000, 20000), Reason::kNoRule);
}

TEST_F(Follow, AThirdAddressThatTheRuleDoesNotNameIsIgnored) {
  begin(kServer);
  EXPECT_EQ(out(kServer, 5060, 5060, call(kTvIp, 40000)), Reason::kNone);
  EXPECT_EQ(in(kServer, 5060, 5060, call(kGateway, 20000)), Reason::kNone);
  EXPECT_EQ(out(kGateway, 40000, 20000), Reason::kNoRule);
  EXPECT_EQ(in(kGateway, 20000, 40000), Reason::kNoRule);
}

TEST_F(Follow, ADeviceSpeaksForItselfAndForNoSystemPort) {
  begin("any");
  EXPECT_EQ(out(kServer, 5060, 5060, call("10.1.0.21", 40000)), Reason::kNone);
  EXPECT_EQ(in(kServer, 30000, 40000), Reason::kNoRule);
  EXPECT_EQ(out(kServer, 5060, 5060, call(kTvIp, 161)), Reason::kNone);
  EXPECT_EQ(in(kServer, 30001, 161), Reason::kNoRule);
}

TEST_F(Follow, AProtocolThatIsAnApplicationByItsNumberFitsByNameAndAsUnclassified) {
  constexpr std::uint8_t kEsp = 50, kGre = 47;
  Words made;
  made.plain().apps_by_proto[kEsp] = Words::kAlpha;
  made.rules(Words::kTv, {{.peer = kServer, .apps = {Words::kAlpha}, .proto = kEsp},
                          {.peer = kGateway, .apps = {}, .proto = kEsp, .unclassified = true}});
  rig_.publish(made);
  rig_.add_device(kTvMac, Words::kTv);
  const auto send = [&](std::string_view target, std::uint8_t proto) {
    return rig_.from_device(
        frame().from(kTvMac).to(kRouter).ipv4(kTvIp, target).proto(proto).payload("sealed, whatever it is"));
  };
  EXPECT_EQ(send(kServer, kEsp), Reason::kNone);
  EXPECT_EQ(send(kGateway, kEsp), Reason::kNone);
  EXPECT_EQ(send(kServer, kGre), Reason::kNoRule);
}

}  // namespace
}  // namespace wardline::test
