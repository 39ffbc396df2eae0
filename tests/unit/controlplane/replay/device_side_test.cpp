#include "controlplane/replay/device_side.h"

#include <gtest/gtest.h>

#include "tests/unit/packet_builder.h"

namespace wardline::replay {
namespace {

using test::Bytes;
using test::frame;
using test::FrameBuilder;

constexpr const char* kPump = "02:00:00:00:00:0a";
constexpr const char* kMonitor = "02:00:00:00:00:0b";
constexpr const char* kServerMac = "02:00:00:00:00:5e";
constexpr const char* kGroup = "01:00:5e:00:00:fb";

FrameBuilder between(const char* source, const char* target) {
  return frame().from(source).to(target).ipv4("10.1.0.2", "10.2.0.9").udp(1, 2);
}

// The sides of all frames, after a look ahead over all of them.
std::vector<Side> sides(const char* option, const std::vector<FrameBuilder>& frames) {
  auto device_side = DeviceSide::from_option(option);
  if (!device_side) throw std::runtime_error(device_side.error().text());
  std::vector<Bytes> stored;
  for (const FrameBuilder& builder : frames) stored.push_back(builder.bytes());
  for (const Bytes& bytes : stored) device_side->look_ahead(packet::parse(bytes));
  std::vector<Side> result;
  for (const Bytes& bytes : stored) result.push_back(device_side->side_of(packet::parse(bytes)));
  return result;
}

using Sides = std::vector<Side>;
constexpr Side kDeviceSide = Side::kDevice, kCore = Side::kCore;

TEST(DeviceSideAuto, TheSenderOfThePairsFirstFrameIsDeviceSide) {
  EXPECT_EQ(sides("auto", {between(kPump, kServerMac), between(kServerMac, kPump), between(kPump, kServerMac)}),
            (Sides{kDeviceSide, kCore, kDeviceSide}));
}

TEST(DeviceSideAuto, EachPairIsJudgedForItself) {
  EXPECT_EQ(sides("auto", {between(kPump, kServerMac), between(kServerMac, kMonitor), between(kMonitor, kServerMac)}),
            (Sides{kDeviceSide, kDeviceSide, kCore}));
}

TEST(DeviceSideAuto, GroupFramesFollowTheirSendersFirstPairEvenALaterOne) {
  EXPECT_EQ(sides("auto", {between(kServerMac, kGroup), between(kPump, kGroup), between(kPump, kServerMac)}),
            (Sides{kCore, kDeviceSide, kDeviceSide}));
}

TEST(DeviceSideAuto, ASenderOfGroupFramesAloneIsDeviceSide) {
  EXPECT_EQ(sides("auto", {between(kPump, kGroup)}), (Sides{kDeviceSide}));
}

TEST(DeviceSideAuto, OnALoopbackTheTwoEndsOfAConversationAreTold) {
  const FrameBuilder there = frame().from(kPump).to(kPump).ipv4("127.0.0.1", "127.0.0.1").tcp(52228, 104);
  const FrameBuilder back = frame().from(kPump).to(kPump).ipv4("127.0.0.1", "127.0.0.1").tcp(104, 52228);
  EXPECT_EQ(sides("auto", {there, back, there}), (Sides{kDeviceSide, kCore, kDeviceSide}));
}

TEST(DeviceSideList, SourcesInsideTheNetworkAreDeviceSide) {
  const FrameBuilder inside = frame().from(kPump).to(kServerMac).ipv4("10.1.0.2", "10.2.0.9").udp(1, 2);
  const FrameBuilder outside = frame().from(kServerMac).to(kPump).ipv4("10.2.0.9", "10.1.0.2").udp(2, 1);
  const FrameBuilder edge = frame().from(kMonitor).to(kServerMac).ipv4("10.1.3.255", "10.2.0.9").udp(1, 2);
  const FrameBuilder beyond = frame().from(kServerMac).to(kPump).ipv4("10.1.4.0", "10.1.0.2").udp(1, 2);
  EXPECT_EQ(sides("10.1.0.0/22", {inside, outside, edge, beyond}), (Sides{kDeviceSide, kCore, kDeviceSide, kCore}));
}

TEST(DeviceSideList, SeveralNetworksOfBothFamiliesAndMacsMayBeMixed) {
  const FrameBuilder v6 = frame().from(kPump).to(kServerMac).ipv6("fd00:1::2", "fd00:2::9").udp(1, 2);
  const FrameBuilder back = frame().from(kServerMac).to(kPump).ipv6("fd00:2::9", "fd00:1::2").udp(2, 1);
  EXPECT_EQ(sides("10.1.0.0/16,fd00:1::/32,02:00:00:00:00:0b", {v6, back, between(kMonitor, kServerMac)}),
            (Sides{kDeviceSide, kCore, kDeviceSide}));
}

TEST(DeviceSideList, BetweenTwoListedHostsTheSourceIsDeviceSide) {
  const FrameBuilder there = frame().from(kPump).to(kMonitor).ipv4("10.1.0.2", "10.1.0.3").udp(1, 2);
  const FrameBuilder back = frame().from(kMonitor).to(kPump).ipv4("10.1.0.3", "10.1.0.2").udp(2, 1);
  EXPECT_EQ(sides("10.1.0.0/24", {there, back}), (Sides{kDeviceSide, kDeviceSide}));
}

TEST(DeviceSideList, ArpIsJudgedByItsSender) {
  const FrameBuilder asked = frame().from(kPump).to("ff:ff:ff:ff:ff:ff").arp(1, "10.1.0.2", "10.1.0.1");
  const FrameBuilder answered = frame().from(kServerMac).to(kPump).arp(2, "10.9.0.1", "10.1.0.2");
  EXPECT_EQ(sides("10.1.0.0/24", {asked, answered}), (Sides{kDeviceSide, kCore}));
}

TEST(DeviceSideList, FramesWithoutAnAddressFollowTheirMac) {
  const FrameBuilder discover =
      frame().from(kPump).to("ff:ff:ff:ff:ff:ff").ipv4("0.0.0.0", "255.255.255.255").udp(68, 67);
  const FrameBuilder lldp = frame().from(kServerMac).ethertype(0x88cc);
  const FrameBuilder neighbour = frame().from(kPump).ipv6("fe80::1", "ff02::1").icmp(135, 0);
  const FrameBuilder later = frame().from(kPump).to(kServerMac).ipv4("10.1.0.2", "10.2.0.9").udp(1, 2);
  EXPECT_EQ(sides("10.1.0.0/24", {discover, lldp, neighbour, later}),
            (Sides{kDeviceSide, kCore, kDeviceSide, kDeviceSide}));
}

TEST(DeviceSideList, MacsAreListedInEitherNotation) {
  const std::vector<FrameBuilder> frames{between(kPump, kServerMac), between(kServerMac, kPump)};
  EXPECT_EQ(sides("02:00:00:00:00:0A", frames), (Sides{kDeviceSide, kCore}));
  EXPECT_EQ(sides("02-00-00-00-00-0a", frames), (Sides{kDeviceSide, kCore}));
}

TEST(DeviceSideList, WhatIsNeitherNetworkNorMacIsRefusedByName) {
  for (const char* option :
       {"", "10.1.0.0/33", "10.1.0/24", "10.1.0.0/", "10.1.0.2,,", "fd00::/129", "pump", "auto,10.1.0.2"}) {
    const auto refused = DeviceSide::from_option(option);
    ASSERT_FALSE(refused) << option;
    EXPECT_EQ(refused.error().code, "replay.device-side");
  }
}

}  // namespace
}  // namespace wardline::replay
