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
  EXPECT_FALSE(use("other", kOther, 1));
  EXPECT_FALSE(use("one", kOne, 2)) << "once may be a router that failed and came back";
  const auto told = use("other", kOther, 3);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->kind, "duplicate_ip");
  EXPECT_EQ(told->subject, "10.20.0.7");
  EXPECT_EQ(told->evidence, std::vector<std::string>{"one"});
}

TEST_F(DuplicateIp, ARouterThatFailsEveryTenMinutesIsNone) {
  for (int minute = 0; minute < 60; minute += 10) {
    EXPECT_FALSE(use("one", kOne, minute));
    EXPECT_FALSE(use("other", kOther, minute + 1));
    EXPECT_FALSE(use("one", kOne, minute + 2));
  }
}

TEST_F(DuplicateIp, WhoeverTakesTheAddressOfOneThatIsGoneIsInHisRight) {
  use("one", kOne, 0);
  for (int minute = 1; minute < 5; ++minute) EXPECT_FALSE(use("other", kOther, minute));
}

TEST_F(DuplicateIp, OneThatComesBackAfterALongTimeIsNone) {
  use("one", kOne, 0);
  use("other", kOther, 2);
  EXPECT_FALSE(use("one", kOne, 8)) << "its lease ended, and it got the address again";
  EXPECT_FALSE(use("other", kOther, 14));
}

TEST_F(DuplicateIp, TheSameAddressInAnotherSegmentIsAnother) {
  for (int minute = 1; minute < 5; ++minute) {
    EXPECT_FALSE(use("other", kOther, minute, "laboratory"));
    EXPECT_FALSE(use("one", kOne, minute, "icu"));
  }
}

TEST_F(DuplicateIp, RoutersThatShareAMacAreNone) {
  for (const char* mac : {"00:00:5e:00:01:0a", "00:00:5e:00:02:0a", "00:00:0c:07:ac:01", "00:00:0c:9f:f0:01",
                          "00:00:0c:9f:ff:ff", "00:05:73:a0:00:01", "00:05:73:a0:0f:ff", "00:07:b4:00:01:02"}) {
    for (int minute = 0; minute < 5; minute += 2) {
      EXPECT_FALSE(use("one", kOne, minute)) << mac;
      EXPECT_FALSE(use("router", *inventory::parse_mac(mac), minute + 1)) << mac;
    }
  }
  EXPECT_FALSE(shared_by_routers(kOne));
  for (const char* mac : {"00:00:5e:00:03:0a", "00:00:0c:9f:ef:ff", "00:05:73:a0:10:00", "00:07:b4:01:01:02"})
    EXPECT_FALSE(shared_by_routers(*inventory::parse_mac(mac))) << mac;
}

TEST_F(DuplicateIp, WhatIsOlderThanTheWindowIsForgotten) {
  use("one", kOne, 0);
  use("other", kOther, 1);
  use("one", kOne, 2);
  uses.forget(at(30));
  use("one", kOne, 31);
  use("other", kOther, 32);
  EXPECT_FALSE(use("one", kOne, 33));
}

struct MacOnTwoLegs : testing::Test {
  std::optional<Condition> see(std::uint8_t bundle, const std::string& segment, int second) {
    return uses.note(kOne, {bundle, segment}, "one", at(0) + std::chrono::seconds(second));
  }
  MacUse uses;
};

TEST_F(MacOnTwoLegs, AMacThatTakesTurnsBetweenBundlesIsTold) {
  for (int second = 0; second < 40; second += 20) {
    EXPECT_FALSE(see(0, "icu", second));
    EXPECT_FALSE(see(1, "radiology", second + 10));
  }
  EXPECT_FALSE(see(0, "icu", 40)) << "a device at the edge of two radio cells";
  const auto told = see(1, "radiology", 50);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->kind, "mac_on_two_legs");
  EXPECT_NE(told->explanation.find("icu and radiology"), std::string::npos);
}

TEST_F(MacOnTwoLegs, ADeviceThatIsCarriedToAndFroAllDayIsNone) {
  constexpr int kStay = 120;
  for (int second = 0; second < 20 * kStay; second += 10) {
    const int place = second / kStay % 2;
    EXPECT_FALSE(see(static_cast<std::uint8_t>(place), place == 0 ? "icu" : "radiology", second));
  }
}

TEST_F(MacOnTwoLegs, SegmentsOfOneBundleAndOneSegmentOnTwoAreNone) {
  for (int second = 0; second < 60; second += 10) {
    EXPECT_FALSE(see(0, "icu", second));
    EXPECT_FALSE(see(0, "radiology", second + 5));
  }
  for (int second = 60; second < 120; second += 10) {
    EXPECT_FALSE(see(0, "icu", second));
    EXPECT_FALSE(see(1, "icu", second + 5));
  }
}

}  // namespace
}  // namespace wardline::findings
