// What the control plane is given to read: only what a device itself said, first and, where it tells of itself, each
// time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dataplane/packet/packet_view.h"
#include "tests/unit/dataplane/work/rig.h"

namespace wardline::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using Words = PolicyWords;

constexpr auto kTvMac = "02:00:00:00:00:20", kRouter = "02:00:00:00:00:fe", kTvIp = "10.1.0.20", kServer = "10.9.0.1";

Words ward(bool each = false) {
  Words words;
  words.rules(Words::kTv, {{.peer = kServer, .apps = {Words::kAlpha}, .port = 80},
                           {.opens = enforce::Opens::kPeer, .peer = kServer, .apps = {Words::kAlpha}, .port = 80}});
  words.device_class(Words::kTv).inspect_bytes = 65536;
  words.plain().apps[Words::kAlpha].copy_each = each;
  return words;
}

std::vector<std::string> first_bytes(Rig& rig) {
  std::vector<std::string> said;
  for (const auto& copy : rig.drain_copies()) {
    if (copy.what != FrameCopy::What::kFirstBytes) continue;
    EXPECT_EQ(copy.side, Side::kDevice);
    said.emplace_back(reinterpret_cast<const char*>(copy.bytes.data()), copy.length);
  }
  return said;
}

FrameBuilder from_tv(std::string_view text) {
  return frame().from(kTvMac).to(kRouter).ipv4(kTvIp, kServer).udp(4000, 80).payload(text);
}
FrameBuilder to_tv(std::string_view text) {
  return frame().from(kRouter).to(kTvMac).ipv4(kServer, kTvIp).udp(80, 4000).payload(text);
}

TEST(Copies, ADeviceThatAsksIsHeardAndItsServerIsNot) {
  Rig rig(ward());
  rig.add_device(kTvMac, Words::kTv);
  Talk talk(rig, kTvMac, kTvIp, kServer, 40000, 80);
  talk.handshake();
  talk.device_says("ALPHA question");
  talk.peer_says("ALPHA answer");
  EXPECT_THAT(first_bytes(rig), ElementsAre("ALPHA question"));
}

TEST(Copies, ADeviceThatAnswersIsHeardUntilItHasSaidMoreThanAFewBytes) {
  Rig rig(ward());
  rig.add_device(kTvMac, Words::kTv);
  Talk talk(rig, kTvMac, kTvIp, kServer, 80, 50000, false);
  talk.handshake();
  talk.peer_says("ALPHA");
  EXPECT_THAT(first_bytes(rig), IsEmpty()) << "that was the peer's question";
  talk.device_says("answer");
  talk.device_says(" and more");
  talk.device_says(std::string(600, 'x'));
  talk.device_says(" and on");
  EXPECT_THAT(first_bytes(rig), ElementsAre("answer", "answer and more", "answer and more" + std::string(600, 'x')));
}

TEST(Copies, ADatagramIsOneOfManyUnlessItsApplicationTellsOfTheDevice) {
  for (const bool each : {false, true}) {
    Rig rig(ward(each));
    rig.add_device(kTvMac, Words::kTv);
    rig.from_device(from_tv("ALPHA one"));
    rig.from_core(to_tv("two"));
    rig.from_device(from_tv("three"));
    rig.from_device(from_tv("four"));
    EXPECT_THAT(first_bytes(rig), SizeIs(each ? 3 : 1)) << each;
    rig.expect_balanced();
  }
}

TEST(Copies, WhatADeviceTellsAGroupIsHeardEachTime) {
  Rig rig(ward(true));
  rig.add_device(kTvMac, Words::kTv);
  const auto announcement = frame().from(kTvMac).to("01:00:5e:00:00:fb").ipv4(kTvIp, "224.0.0.251").udp(80, 80);
  for (const auto* text : {"ALPHA one", "ALPHA two", "not proved"}) {
    auto datagram = announcement;
    rig.from_device(datagram.payload(text));
  }
  EXPECT_THAT(first_bytes(rig), ElementsAre("ALPHA one", "ALPHA two"));
}

TEST(Copies, NoDeviceIsHeardMoreOftenThanItsShare) {
  Rig rig(ward(true));
  rig.add_device(kTvMac, Words::kTv);
  std::size_t heard = 0;
  for (int i = 0; i < 500; ++i) {
    rig.from_device(from_tv("ALPHA"));
    heard += first_bytes(rig).size();
  }
  EXPECT_EQ(heard, 64U);
  rig.advance(11 * kSecond);
  rig.from_device(from_tv("ALPHA"));
  EXPECT_THAT(first_bytes(rig), SizeIs(1)) << "ten seconds later";
}

TEST(Copies, OneOpeningInTenMinutesIsEnoughToKnowAStack) {
  Rig rig(ward());
  rig.add_device(kTvMac, Words::kTv);
  const auto opens = [&](std::uint16_t port) {
    Talk(rig, kTvMac, kTvIp, kServer, port, 80).handshake();
    return rig.drain_copies().size();
  };
  EXPECT_EQ(opens(40000), 1U);
  EXPECT_EQ(opens(40001), 0U);
  rig.advance(601 * kSecond);
  EXPECT_EQ(opens(40002), 1U);
}

TEST(Copies, EachOpeningThatLooksUnlikeTheOneBeforeItIsRead) {
  Rig rig(ward());
  rig.add_device(kTvMac, Words::kTv);
  auto opens = [&, port = std::uint16_t{40000}](std::uint8_t hops) mutable {
    rig.from_device(
        frame().from(kTvMac).to(kRouter).ipv4(kTvIp, kServer).ttl(hops).tcp(port++, 80).flags(packet::kSyn));
    return rig.drain_copies().size();
  };
  EXPECT_EQ(opens(64), 1U);
  EXPECT_EQ(opens(127), 1U);
  EXPECT_EQ(opens(127), 0U);
  EXPECT_EQ(opens(64), 1U) << "they take turns";
  std::size_t more = 0;
  for (std::uint8_t i = 0; i < 100; ++i) more += opens(i % 2 == 0 ? 127 : 64);
  EXPECT_EQ(more, 12U) << "15 in ten minutes are enough";
}

}  // namespace
}  // namespace wardline::test
