#include "controlplane/findings/addresses.h"

#include <gtest/gtest.h>

#include "controlplane/inventory/address_text.h"

namespace wardline::findings {
namespace {

using std::chrono::minutes;

WallTime at(int minute) {
  return WallTime(minutes(1'000'000 + minute));
}

const Address kAddress = *inventory::parse_address("10.20.0.7");
const Mac kOne = *inventory::parse_mac("58:46:e1:00:00:01"), kOther = *inventory::parse_mac("58:46:e1:00:00:02");

struct DuplicateIp : testing::Test {
  std::optional<Condition> use(const std::string& device, const Mac& mac, int minute,
                               const std::string& segment = "icu") {
    return uses.note(segment, kAddress, device, mac, at(minute));
  }
  AddressUse uses;
};

TEST_F(DuplicateIp, TwoDevicesThatTakeTurnsWithOneAddressAreTold) {
  EXPECT_FALSE(use("one", kOne, 0));
  EXPECT_FALSE(use("other", kOther, 2));
  const auto told = use("one", kOne, 4);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->kind, "duplicate_ip");
  EXPECT_EQ(told->subject, "10.20.0.7");
  EXPECT_EQ(told->evidence, std::vector<std::string>{"other"});
}

TEST_F(DuplicateIp, WhoeverTakesTheAddressOfOneThatIsGoneIsInHisRight) {
  use("one", kOne, 0);
  for (int minute = 1; minute < 5; ++minute) EXPECT_FALSE(use("other", kOther, minute));
}

TEST_F(DuplicateIp, OneThatComesBackAfterALongTimeIsNone) {
  use("one", kOne, 0);
  use("other", kOther, 2);
  EXPECT_FALSE(use("one", kOne, 8)) << "its lease ended, and it got the address again";
}

TEST_F(DuplicateIp, TheSameAddressInAnotherSegmentIsAnother) {
  use("one", kOne, 0, "icu");
  use("other", kOther, 1, "laboratory");
  EXPECT_FALSE(use("one", kOne, 2, "icu"));
}

TEST_F(DuplicateIp, RoutersThatShareAMacAreNone) {
  for (const char* mac : {"00:00:5e:00:01:0a", "00:00:5e:00:02:0a", "00:00:0c:07:ac:01", "00:00:0c:9f:f0:01",
                          "00:00:0c:9f:ff:ff", "00:05:73:a0:00:01", "00:05:73:a0:0f:ff", "00:07:b4:00:01:02"}) {
    use("one", kOne, 0);
    EXPECT_FALSE(use("router", *inventory::parse_mac(mac), 1)) << mac;
    EXPECT_FALSE(use("one", kOne, 2)) << mac;
  }
  EXPECT_FALSE(shared_by_routers(kOne));
  for (const char* mac : {"00:00:5e:00:03:0a", "00:00:0c:9f:ef:ff", "00:05:73:a0:10:00", "00:07:b4:01:01:02"})
    EXPECT_FALSE(shared_by_routers(*inventory::parse_mac(mac))) << mac;
}

TEST_F(DuplicateIp, WhatIsOlderThanTheWindowIsForgotten) {
  use("one", kOne, 0);
  use("other", kOther, 1);
  uses.forget(at(30));
  EXPECT_FALSE(use("one", kOne, 31));
}

struct MacOnTwoLegs : testing::Test {
  std::optional<Condition> see(std::uint8_t bundle, const std::string& segment, int minute) {
    return uses.note(kOne, {bundle, segment}, "one", at(minute));
  }
  MacUse uses;
};

TEST_F(MacOnTwoLegs, AMacThatTakesTurnsBetweenBundlesIsTold) {
  EXPECT_FALSE(see(0, "icu", 0));
  EXPECT_FALSE(see(1, "radiology", 1));
  const auto told = see(0, "icu", 2);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->kind, "mac_on_two_legs");
  EXPECT_NE(told->explanation.find("icu and radiology"), std::string::npos);
}

TEST_F(MacOnTwoLegs, ADeviceThatWasCarriedElsewhereIsNone) {
  see(0, "icu", 0);
  for (int minute = 1; minute < 9; ++minute) EXPECT_FALSE(see(1, "radiology", minute));
}

TEST_F(MacOnTwoLegs, SegmentsOfOneBundleAndOneSegmentOnTwoAreNone) {
  see(0, "icu", 0);
  see(0, "radiology", 1);
  EXPECT_FALSE(see(0, "icu", 2));
  see(1, "icu", 3);
  EXPECT_FALSE(see(0, "icu", 4));
}

}  // namespace
}  // namespace wardline::findings
