#include "controlplane/identity/neighbour.h"

#include <gtest/gtest.h>

#include <span>

#include "captured.h"
#include "wire_bytes.h"

namespace wardline::identity {
namespace {

using namespace std::string_literals;
using test::u16;

constexpr auto kNearestBridge = "\x01\x80\xc2\x00\x00\x0e";

std::string unit_field(unsigned type, const std::string& value) {
  return u16(type << 9 | static_cast<unsigned>(value.size())) + value;
}

// An LLDP frame of a switch; `capabilities` are those in use.
FrameCopy lldp_frame(unsigned capabilities, const std::string& target = std::string(kNearestBridge, 6),
                     const std::string& tag = "") {
  const auto text = target + "\x00\x1e\x14\xab\xcd\x18"s + tag + "\x88\xcc" +
                    unit_field(1, "\x04\x00\x1e\x14\xab\xcd\x00"s) + unit_field(2, "\x05Gi1/0/24") +
                    unit_field(3, u16(120)) + unit_field(5, "sw-4b-1") + unit_field(7, u16(0x14) + u16(capabilities)) +
                    unit_field(127, "\x00\x80\xc2\x01\x00\x14"s) + unit_field(0, "");
  const auto bytes = std::as_bytes(std::span(text));
  return test::copy_of({bytes.begin(), bytes.end()}, Side::kDevice);
}

constexpr unsigned kBridge = 0x04, kAccessPoint = 0x08, kRouter = 0x10, kTelephone = 0x20, kStation = 0x80;

TEST(Neighbour, ASwitchTellsItsNamePortAndVlan) {
  const auto told = neighbour_of(lldp_frame(kBridge | kRouter));
  ASSERT_TRUE(told);
  EXPECT_EQ(told->protocol, "lldp");
  EXPECT_EQ(told->id, "00:1e:14:ab:cd:00");
  EXPECT_EQ(told->name, "sw-4b-1");
  EXPECT_EQ(told->port, "Gi1/0/24");
  EXPECT_EQ(told->vlan, "20");
  EXPECT_EQ(told->mac, (Mac{{0x00, 0x1e, 0x14, 0xab, 0xcd, 0x18}}));
  EXPECT_TRUE(told->is_switch);
}

TEST(Neighbour, WhatIsNoBridgeOrMoreThanOneIsNoSwitch) {
  for (const unsigned capabilities :
       {0U, kStation, kRouter, kBridge | kTelephone, kBridge | kStation, kBridge | kAccessPoint}) {
    const auto told = neighbour_of(lldp_frame(capabilities));
    ASSERT_TRUE(told);
    EXPECT_FALSE(told->is_switch) << capabilities;
  }
}

TEST(Neighbour, AFrameThatABridgeCouldHavePassedOnIsOfNoNeighbour) {
  EXPECT_FALSE(neighbour_of(lldp_frame(kBridge, "\xff\xff\xff\xff\xff\xff"s)));
  EXPECT_FALSE(neighbour_of(lldp_frame(kBridge, "\x02\x00\x00\x00\x00\x01"s)));
  EXPECT_FALSE(neighbour_of(lldp_frame(kBridge, std::string(kNearestBridge, 6), "\x81\x00\x00\x14"s)));
}

TEST(Neighbour, OneThatSaysNothingOfItselfIsNone) {
  const auto text = std::string(kNearestBridge, 6) + "\x00\x1e\x14\xab\xcd\x18\x88\xcc"s + unit_field(0, "");
  const auto bytes = std::as_bytes(std::span(text));
  EXPECT_FALSE(neighbour_of(test::copy_of({bytes.begin(), bytes.end()}, Side::kDevice)));
}

TEST(Neighbour, SwitchesOfACaptureAreKnownByBothProtocols) {
  WARDLINE_FRAMES_OR_SKIP(frames, "identity/lldp-and-cdp.pcap");
  std::vector<std::string> lldp, cdp;
  for (const auto& frame : frames)
    if (const auto told = neighbour_of(test::copy_of(frame, Side::kCore))) {
      EXPECT_TRUE(told->is_switch) << told->name;
      (told->protocol == "lldp" ? lldp : cdp).push_back(told->name + " " + told->port);
    }
  ASSERT_FALSE(lldp.empty());
  ASSERT_FALSE(cdp.empty());
  EXPECT_NE(std::ranges::find(lldp, "S2.cisco.com Uplink to S1"), lldp.end()) << lldp.front();
  EXPECT_NE(std::ranges::find(cdp, "S1 FastEthernet0/13"), cdp.end()) << cdp.front();
}

TEST(Neighbour, AMonitorOfACaptureIsNoSwitch) {
  WARDLINE_FRAMES_OR_SKIP(frames, "identity/gen-lldp-med-bed-monitor.pcap");
  for (const auto& frame : frames) {
    const auto told = neighbour_of(test::copy_of(frame, Side::kDevice));
    EXPECT_TRUE(!told || (told->name == "BED-14-MON" && !told->is_switch));
  }
}

}  // namespace
}  // namespace wardline::identity
