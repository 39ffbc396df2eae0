// An allowed flow without an answer is told of before its end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dataplane/packet/packet_view.h"
#include "tests/unit/dataplane/work/rig.h"

namespace wardline::test {
namespace {

constexpr auto kMac = "02:00:00:00:00:20", kIp = "10.1.0.20", kServerIp = "10.9.0.1";

struct Unanswered : testing::Test {
  Unanswered() { rig.add_device(kMac, PolicyWords::kTv); }
  static PolicyWords words() {
    PolicyWords words;
    words.rules(PolicyWords::kTv, {{.peer = kServerIp, .apps = {PolicyWords::kAlpha}, .port = 80}});
    return words;
  }
  void pass(Tick time) {
    rig.advance(time);
    for (int turn = 0; turn < 8; ++turn) rig.idle();
  }
  std::vector<Event> told() { return rig.drain(EventKind::kUnanswered); }
  FrameBuilder datagram(std::uint16_t port) {
    return frame().from(kMac).to("02:00:00:00:00:fe").ipv4(kIp, kServerIp).udp(20000, port).payload("ALPHA");
  }
  Rig rig{words()};
  Talk talk{rig, kMac, kIp, kServerIp, 40000, 80};
};

TEST_F(Unanswered, AnOpeningThatNobodyAnswersIsToldAfterFiveSeconds) {
  ASSERT_EQ(talk.syn(), Reason::kNone);
  pass(4 * kSecond);
  EXPECT_TRUE(told().empty());
  pass(kSecond + kSecond / 2);
  auto events = told();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].packets_from_device, 1U);
  EXPECT_EQ(events[0].packets_to_device, 0U);
  EXPECT_FALSE(events[0].final);
  pass(60 * kSecond);
  const auto flows = rig.drain(EventKind::kFlow);
  ASSERT_EQ(flows.size(), 1U) << "it was no report: its record is one, with all that it counted";
  EXPECT_EQ(flows[0].flow_id, events[0].flow_id);
  EXPECT_EQ(flows[0].packets_from_device, 1U);
}

TEST_F(Unanswered, SoIsADatagram) {
  ASSERT_EQ(rig.from_device(datagram(80)), Reason::kNone);
  pass(5 * kSecond + kSecond / 2);
  EXPECT_EQ(told().size(), 1U);
}

TEST_F(Unanswered, WhatWasAnsweredIsNot) {
  talk.handshake();
  pass(20 * kSecond);
  EXPECT_TRUE(told().empty());
}

TEST_F(Unanswered, NorIsWhatWasBlockedSinceItsBlockIsTold) {
  ASSERT_NE(rig.from_device(datagram(81)), Reason::kNone);
  pass(20 * kSecond);
  EXPECT_TRUE(told().empty());
}

}  // namespace
}  // namespace wardline::test
