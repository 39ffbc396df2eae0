#include "controlplane/findings/voices.h"

#include <gtest/gtest.h>

#include "controlplane/inventory/address_text.h"

namespace wardline::findings {
namespace {

using std::chrono::seconds;

constexpr auto kLinux = "4:64:0:1460:mss*44,7:mss,sok,ts,nop,ws:df,id+:0";
constexpr auto kWindows = "4:128:0:1460:64240,8:mss,nop,ws,nop,nop,sok:df,id+:0";

// One device, heard every ten seconds.
struct Behind : testing::Test {
  Behind() {
    device.id = "dev-1";
    device.device_class = "infusion-pump";
    device.interfaces = {{*inventory::parse_mac("58:46:e1:00:01:07"), "icu", {}}};
  }

  std::optional<Condition> hear(std::string_view attribute, std::string value, int distance = 0) {
    std::vector<identity::Observation> said{{.source = "x", .attribute = std::string(attribute), .value = value}};
    if (distance != 0)
      said.push_back({.source = "stack", .attribute = "tcp.distance", .value = std::to_string(distance)});
    now += pause;
    std::optional<Condition> told;
    for (const auto& voice : voices_of(said))
      told = voices.note({.device = device, .matters = matters, .by_mac = by_mac}, voice, now);
    return told;
  }
  std::optional<Condition> open(std::string syn, int distance = 0) { return hear("tcp.syn", std::move(syn), distance); }

  inventory::Device device;
  bool matters = true, by_mac = true;
  seconds pause{10};
  WallTime now{seconds(1'000'000)};
  Voices voices;
};

TEST_F(Behind, StacksThatTakeTurnsBehindARouterAreAHiddenRouter) {
  open(kLinux, 1);
  open(kWindows, 1);
  EXPECT_FALSE(open(kLinux, 1)) << "once may be a machine that booted twice";
  const auto told = open(kWindows, 1);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->kind, "hidden_router");
  EXPECT_EQ(told->evidence.size(), 2U);
  EXPECT_NE(told->explanation.find("128 hops, options mss,ws,sok from behind 1 router"), std::string::npos)
      << told->explanation;
}

TEST_F(Behind, TheSameSystemFromNearAndFarIsARouterToo) {
  for (const int distance : {0, 1, 0}) open(kLinux, distance);
  const auto told = open(kLinux, 1);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->kind, "hidden_router");
}

TEST_F(Behind, OneSystemOverWaysOfChangingLengthIsOneMachine) {
  for (int i = 0; i < 8; ++i) EXPECT_FALSE(open(kLinux, 1 + i % 2));
  by_mac = false;
  for (int i = 0; i < 8; ++i) EXPECT_FALSE(open(kLinux, i % 2)) << "told by its address, it may be a router away";
}

TEST_F(Behind, TwoSystemsOverWaysOfChangingLengthAreTwo) {
  open(kLinux, 1);
  open(kWindows, 1);
  open(kLinux, 2);
  EXPECT_FALSE(open(kWindows, 2));
  EXPECT_FALSE(open(kLinux, 1)) << "once may be a machine that booted twice";
  const auto told = open(kWindows, 1);
  ASSERT_TRUE(told);
  EXPECT_NE(told->evidence[0].find("128 hops"), std::string::npos) << told->evidence[0];
  EXPECT_NE(told->evidence[1].find("64 hops"), std::string::npos) << told->evidence[1];
}

TEST_F(Behind, TwoStacksWithoutARouterUseTheMacOfADeviceThatMatters) {
  for (const auto* syn : {kLinux, kWindows, kLinux}) open(syn);
  const auto told = open(kWindows);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->kind, "forged_mac");
  EXPECT_EQ(told->subject, kByTurns);
}

TEST_F(Behind, OfOneThatMattersToNobodyTheyAreVirtualMachines) {
  matters = false;
  for (const auto* syn : {kLinux, kWindows, kLinux}) open(syn);
  const auto told = open(kWindows);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->kind, "hidden_router");
}

TEST_F(Behind, AMachineThatIsUpgradedOrBootsAnotherSystemIsNone) {
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(open(kLinux));
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(open(kWindows));
  pause = std::chrono::minutes(6);
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(open(i % 2 == 0 ? kLinux : kWindows)) << "one boots for minutes";
}

TEST_F(Behind, OneStackWithOtherWindowsAndOneThatShedsItsOptionsIsOne) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(open(kLinux));
    EXPECT_FALSE(open("4:64:0:1380:mss*20,7:mss,sok,ts,nop,ws:df,id+:0"));
    EXPECT_FALSE(open("4:64:0:1460:65535,0:mss,sok,eol+1:df:0"));
    EXPECT_FALSE(open("4:64:0:1460:1024,0:mss::0"));
  }
}

TEST_F(Behind, TracesOfARouteAreNone) {
  for (int distance = 31; distance > 4; --distance)
    EXPECT_FALSE(open("4:32:0:1460:mss*44,7:mss,sok,ts,nop,ws:df,id+:0", distance));
}

TEST_F(Behind, MacsThatRoutersShareAreNone) {
  device.interfaces[0].mac = *inventory::parse_mac("00:00:5e:00:01:0a");
  for (int i = 0; i < 6; ++i) EXPECT_FALSE(open(i % 2 == 0 ? kLinux : kWindows, 1));
}

TEST_F(Behind, APhoneAndAComputerWithMacsOfTheirOwnAreTwoDevices) {
  for (int i = 0; i < 6; ++i) {
    device.id = i % 2 == 0 ? "phone" : "computer";
    EXPECT_FALSE(open(i % 2 == 0 ? kLinux : kWindows));
  }
}

TEST_F(Behind, BrowsersOfDifferentMakersTakeTurnsAndPagesForTheDesktopDoNot) {
  const std::string android = "Mozilla/5.0 (Linux; Android 14)", desktop = "Mozilla/5.0 (X11; Linux x86_64)",
                    windows = "Mozilla/5.0 (Windows NT 10.0)";
  for (int i = 0; i < 6; ++i) EXPECT_FALSE(hear("http.user_agent", i % 2 == 0 ? android : desktop));
  for (int i = 0; i < 6; ++i) EXPECT_FALSE(hear("http.user_agent", "python-requests/2.31"));
  hear("http.user_agent", windows);
  hear("http.user_agent", android);
  const auto told = hear("http.user_agent", windows);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->kind, "hidden_router");
}

TEST_F(Behind, TwoDhcpClientsWithOneMacAreTwoMachinesAndFirmwareThatBootsIsNone) {
  const std::string system = "BAXTER SIGMA SPECTRUM", firmware = "PXEClient:Arch:00007", other = "udhcp 1.36.1";
  for (int i = 0; i < 6; ++i) EXPECT_FALSE(hear("dhcp.vendor_class", i % 2 == 0 ? firmware : system));
  hear("dhcp.vendor_class", other);
  hear("dhcp.vendor_class", system);
  const auto told = hear("dhcp.vendor_class", other);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->kind, "forged_mac");
}

TEST(StackOf, TextThatIsNoneGivesNone) {
  for (const auto* text : {"", ":::::::", "4:64", "4:64:0:1460:1,2:mss,sok:df:0", "4:x:0:1:1:mss,sok"})
    EXPECT_FALSE(stack_of(text)) << text;
}

}  // namespace
}  // namespace wardline::findings
