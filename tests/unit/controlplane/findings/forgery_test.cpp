#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controlplane/findings/checks.h"
#include "controlplane/inventory/address_text.h"

namespace wardline::findings {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr auto kLinuxSyn = "4:64:0:1460:mss*44,7:mss,sok,ts,nop,ws:df,id+:0";
constexpr auto kWindowsSyn = "4:128:0:1460:64240,8:mss,nop,ws,nop,nop,sok:df,id+:0";
const WallTime kBegin{hours(500'000)};

// A pump whose class came of its maker and its DHCP vendor class.
struct Forgery : testing::Test {
  Forgery() {
    policy::ClassText pump;
    pump.name = "infusion-pump";
    pump.purpose = policy::Purpose::kMedical;
    pump.criticality = enforce::Criticality::kLifeCritical;
    pump.evidence.resize(2);
    pump.evidence[0].attribute = "vendor";
    pump.evidence[0].matches = "^Baxter";
    pump.evidence[1].attribute = "dhcp.vendor_class";
    pump.evidence[1].matches = "SPECTRUM";
    policy.classes = {{}, pump};
    device.id = "pump-7";
    device.device_class = "infusion-pump";
    device.interfaces = {{*inventory::parse_mac("58:46:e1:00:01:07"), "icu", {}}};
    see("oui", "vendor", "Baxter International Inc", hours(0), hours(0));
  }

  void see(std::string source, std::string attribute, std::string value, minutes first, minutes last) {
    inventory::Evidence evidence;
    evidence.source = std::move(source);
    evidence.attribute = std::move(attribute);
    evidence.value = std::move(value);
    evidence.first_seen = kBegin + first;
    evidence.last_seen = kBegin + last;
    device.evidence.push_back(evidence);
  }
  void lease(std::string vendor_class, std::string params, minutes first, minutes last) {
    see("dhcp", "dhcp.params", std::move(params), first, last);
    if (!vendor_class.empty()) see("dhcp", "dhcp.vendor_class", std::move(vendor_class), first, last);
  }
  Conditions found() const {
    Conditions out;
    check_forgery(device, {.policy = policy, .now = now}, out);
    return out;
  }
  // "subject severity" of each.
  std::vector<std::string> told() const {
    std::vector<std::string> list;
    for (const auto& each : found()) list.push_back(each.subject + " " + std::string(each.severity));
    return list;
  }

  policy::Policy policy;
  inventory::Device device;
  WallTime now = kBegin + hours(48);
};

TEST_F(Forgery, APumpThatKeepsItsHabitsIsItself) {
  lease("BAXTER SIGMA SPECTRUM", "1,3,6,12", minutes(0), hours(47));
  see("stack", "tcp.syn", kLinuxSyn, minutes(0), hours(47));
  see("stack (stack-linux)", "os", "Linux", minutes(0), minutes(0));
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(Forgery, ADhcpClientThatIsAnotherAndSaysNothingOfThePumpIsToldWithItsTime) {
  lease("BAXTER SIGMA SPECTRUM", "1,3,6,12", minutes(0), minutes(1));
  lease("", "1,28,2,3,15,6", minutes(2), minutes(2));
  ASSERT_THAT(told(), ElementsAre("dhcp high"));
  EXPECT_THAT(found()[0].explanation, HasSubstr("since 2027-01-15 08:02:00 UTC"));
  EXPECT_THAT(found()[0].evidence, testing::Contains("no longer: dhcp.vendor_class = BAXTER SIGMA SPECTRUM"));
}

TEST_F(Forgery, OneThatTakesThePumpsWordsButNotItsOrderIsToldOnceTheOrderWasAHabit) {
  lease("BAXTER SIGMA SPECTRUM", "1,3,6,12", minutes(0), minutes(1));
  see("dhcp", "dhcp.params", "1,28,2,3", minutes(2), minutes(2));
  device.evidence[2].last_seen = kBegin + minutes(2);
  EXPECT_THAT(told(), IsEmpty());
  device.evidence[1].last_seen = kBegin + hours(30);
  device.evidence[2].last_seen = device.evidence[3].first_seen = kBegin + hours(31);
  EXPECT_THAT(told(), ElementsAre("dhcp medium"));
}

TEST_F(Forgery, AClientThatAsksForALittleMoreInAnInformIsTheSame) {
  lease("BAXTER SIGMA SPECTRUM", "1,3,6,15,31,33,43,44,46,47,119,121,249,252", minutes(0), hours(30));
  see("dhcp", "dhcp.params", "1,15,3,6,44,46,47,31,33,121,249,43,252", hours(31), hours(31));
  device.evidence[2].last_seen = kBegin + hours(31);
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(Forgery, FirmwareThatBootsOverTheNetworkIsNoOtherMachine) {
  lease("BAXTER SIGMA SPECTRUM", "1,3,6,12", minutes(0), hours(40));
  lease("PXEClient:Arch:00007", "1,3,6,43,60,66,67,97,128,129", hours(41), hours(41));
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(Forgery, ItIsOverWhenTheFormerHabitIsBackOrTheNewOneIsAMonthOld) {
  lease("BAXTER SIGMA SPECTRUM", "1,3,6,12", minutes(0), minutes(1));
  lease("", "1,28,2,3,15,6", minutes(2), minutes(2));
  auto& former = device.evidence[1].last_seen;
  former = kBegin + minutes(5);
  EXPECT_THAT(told(), IsEmpty());
  former = kBegin + minutes(1);
  ASSERT_THAT(told(), ElementsAre("dhcp high"));
  now = kBegin + hours(24 * 31);
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(Forgery, AStackThatBecameAnotherIsToldAndTwoConnectionsOfOneAreNot) {
  see("stack", "tcp.syn", kLinuxSyn, minutes(0), hours(30));
  see("stack", "tcp.syn", "4:64:0:1380:mss*20,7:mss,sok,ts,nop,ws:df,id+:0", hours(31), hours(31));
  EXPECT_THAT(told(), IsEmpty());
  see("stack", "tcp.syn", kWindowsSyn, hours(32), hours(32));
  EXPECT_THAT(told(), ElementsAre("stack medium"));
}

TEST_F(Forgery, AStackOfYesterdayMayStillBeLearned) {
  see("stack", "tcp.syn", kLinuxSyn, minutes(0), minutes(10));
  see("stack", "tcp.syn", kWindowsSyn, minutes(20), minutes(30));
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(Forgery, OpeningsOfAScannerAreNoPumps) {
  see("stack", "tcp.syn", "4:64:0:1460:1024,0:mss::0", hours(47), hours(47));
  EXPECT_THAT(told(), IsEmpty()) << "a small stack may open like that, from where it is";
  see("stack", "tcp.distance", "11", hours(47), hours(47));
  EXPECT_THAT(told(), ElementsAre("scanner high"));
  now = kBegin + hours(72);
  EXPECT_THAT(told(), IsEmpty()) << "a day ago";
}

TEST_F(Forgery, AHobbyBoardWithAPumpsMacIsToldAndAPumpWithABoughtModuleIsNot) {
  see("dhcp (raspberry-pi-dhcpcd)", "kind", "hobby board", hours(40), hours(40));
  EXPECT_THAT(told(), ElementsAre("kind high"));
  device.evidence[0].value = "Espressif Inc.";
  EXPECT_THAT(told(), IsEmpty()) << "no maker of pumps had the MAC to begin with";
}

TEST_F(Forgery, TwoSourcesThatShowDifferentSystemsAreWorthALook) {
  see("stack (stack-linux)", "os", "Linux", minutes(0), minutes(0));
  see("dhcp (windows-dhcp)", "os", "Windows", minutes(0), minutes(0));
  EXPECT_THAT(told(), ElementsAre("system medium"));
  device.evidence[2].value = "Debian";
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(Forgery, AMonitorOfACarescapeNetworkHasTheAddressOfItsMac) {
  see("dhcp (ge-carescape)", "maker", "GE Healthcare", minutes(0), minutes(0));
  device.interfaces[0].mac = *inventory::parse_mac("00:40:97:01:02:03");
  device.interfaces[0].ips = {*inventory::parse_address("126.1.2.3"), *inventory::parse_address("10.20.0.9")};
  EXPECT_THAT(told(), IsEmpty());
  device.interfaces[0].ips.push_back(*inventory::parse_address("126.1.2.4"));
  EXPECT_THAT(told(), ElementsAre("address medium"));
}

TEST_F(Forgery, WhoMattersToNobodyMayChange) {
  lease("BAXTER SIGMA SPECTRUM", "1,3,6,12", minutes(0), minutes(1));
  lease("", "1,28,2,3,15,6", minutes(2), minutes(2));
  policy.classes[1].criticality = enforce::Criticality::kNone;
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(Forgery, APumpThatRoamsBetweenControllersKeepsItsHabits) {
  lease("BAXTER SIGMA SPECTRUM", "1,3,6,12", minutes(0), hours(40));
  see("stack", "tcp.syn", kLinuxSyn, minutes(0), hours(40));
  device.interfaces.push_back({device.interfaces[0].mac, "ward", {}});
  device.evidence[1].last_seen = device.evidence[2].last_seen = kBegin + hours(41);
  EXPECT_THAT(told(), IsEmpty());
}

}  // namespace
}  // namespace wardline::findings
