#include "controlplane/findings/checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "controlplane/inventory/address_text.h"

namespace wardline::findings {
namespace {

using testing::Contains;
using testing::Not;

WallTime at(std::int64_t seconds) {
  return WallTime(std::chrono::seconds(seconds));
}

// A pump of the register in a segment that expects it: nothing is wrong with it.
struct Checks : testing::Test {
  Checks() {
    add_class("unidentified", policy::Purpose::kNone);
    add_class("infusion-pump", policy::Purpose::kMedical);
    add_class("workstation", policy::Purpose::kOperational);
    add_class("smart-tv", policy::Purpose::kNone);
    policy.segments.resize(1);
    policy.segments[0].name = "unknown";
    add_segment("icu", {"infusion-pump"});
    add_segment("offices", {"workstation", "smart-tv"});
    add_segment("anything", {});
    entry.id = "pump-7";
    entry.at = {"devices.yaml", 4, 1};
    policy.devices.push_back(entry);
    device.id = "pump-7";
    device.device_class = "infusion-pump";
    device.interfaces = {{*inventory::parse_mac("58:46:e1:00:01:07"), "icu", {}}};
    device.last_seen = at(1'000'000);
  }

  void add_class(std::string name, policy::Purpose purpose) {
    policy::ClassText text;
    text.name = std::move(name);
    text.purpose = purpose;
    policy.classes.push_back(text);
  }
  void add_segment(std::string name, std::vector<std::string> expects) {
    policy::SegmentText text;
    text.name = std::move(name);
    text.expects = std::move(expects);
    policy.segments.push_back(text);
  }
  void see(std::string source, std::string attribute, std::string value) {
    inventory::Evidence evidence;
    evidence.source = std::move(source);
    evidence.attribute = std::move(attribute);
    evidence.value = std::move(value);
    device.evidence.push_back(evidence);
  }
  Conditions found() const {
    return check(
        device,
        {.policy = policy, .entry = listed ? &entry : nullptr, .namesakes = namesakes, .left = left, .now = now});
  }
  // "kind subject", or "kind".
  std::vector<std::string> kinds() const {
    std::vector<std::string> list;
    for (const auto& condition : found())
      list.push_back(std::string(condition.kind) + (condition.subject.empty() ? "" : " " + condition.subject));
    return list;
  }

  policy::Policy policy;
  policy::RegisterEntry entry;
  bool listed = true;
  inventory::Device device;
  std::vector<const inventory::Device*> namesakes;
  std::vector<std::string> left;
  WallTime now = at(1'000'010);
};

TEST_F(Checks, ALoanerIsAFindingWhenItsLastDayHasPassedAndItsPinNoLongerCounts) {
  const policy::Location at_until{"devices.yaml", 6, 31};
  entry.loaner = policy::Loaner{"Rent Ltd", std::chrono::sys_days(std::chrono::year(2026) / 10 / 31), at_until};
  entry.device_class = "infusion-pump";
  EXPECT_THAT(kinds(), testing::IsEmpty());
  entry.overdue = true;
  device.device_class = "workstation";  // no mismatch: nobody pins it any more
  device.interfaces[0].segment = "offices";
  EXPECT_THAT(kinds(), testing::ElementsAre("loaner_overdue"));
  EXPECT_THAT(found()[0].explanation, testing::HasSubstr("lent by Rent Ltd and should have gone back after 2026-10-31 "
                                                         "(devices.yaml:6)"));
}

TEST_F(Checks, ADeviceAsItShouldBeHasNone) {
  see("oui", "vendor", "B.Braun Melsungen AG");
  see("dhcp", "dhcp.vendor_class", "MSFT 5.0");
  EXPECT_EQ(kinds(), std::vector<std::string>{});
}

TEST_F(Checks, ADeviceThatNoLineNamesIsNotInTheRegister) {
  listed = false;
  EXPECT_THAT(kinds(), Contains("not_in_register"));
}

TEST_F(Checks, WhereTheRegisterIsEmptyNobodyIsMissingInIt) {
  listed = false;
  policy.devices.clear();
  EXPECT_EQ(kinds(), std::vector<std::string>{});
}

TEST_F(Checks, AnotherClassThanTheRegistersIsAMismatch) {
  entry.device_class = "workstation";
  EXPECT_THAT(kinds(), Contains("register_mismatch class"));
  entry.device_class = "infusion-pump";
  EXPECT_EQ(kinds(), std::vector<std::string>{});
}

TEST_F(Checks, ASwitchThatATableOrOption82NamesOtherwiseIsAMismatch) {
  entry.switch_name = "sw-4b-1";
  see("switch-table", "place.switch", "SW-4B-1.hospital.example");
  device.evidence.back().last_seen = at(900'000);
  EXPECT_EQ(kinds(), std::vector<std::string>{}) << "one switch";
  see("option-82", "place.switch", "sw-5a-2");
  device.evidence.back().last_seen = at(950'000);
  EXPECT_THAT(kinds(), Contains("register_mismatch switch"));
  see("radius", "place.switch", "10.1.2.3");
  device.evidence.back().last_seen = at(960'000);
  EXPECT_EQ(kinds(), std::vector<std::string>{}) << "an address is no other name";
  see("uplink", "place.switch", "sw-core");
  device.evidence.back().last_seen = at(990'000);
  EXPECT_EQ(kinds(), std::vector<std::string>{}) << "the switch of the leg is on the way to the device's";
}

TEST_F(Checks, AWordOfLongAgoIsNoMismatch) {
  entry.switch_name = "sw-4b-1";
  see("radius", "place.switch", "sw-5a-2");
  device.evidence.back().last_seen = at(1'000'000 - 8 * 86'400);
  EXPECT_EQ(kinds(), std::vector<std::string>{});
}

TEST_F(Checks, AnotherSegmentThanTheRegistersIsAMismatch) {
  entry.segment = "offices";
  EXPECT_THAT(kinds(), Contains("register_mismatch segment"));
  entry.segment = "icu";
  EXPECT_EQ(kinds(), std::vector<std::string>{});
}

TEST_F(Checks, AMakerThatTheDeviceGivesOtherwiseIsAMismatch) {
  entry.vendor = "B. Braun";
  see("lldp", "lldp.vendor", "Dell Inc.");
  EXPECT_THAT(kinds(), Contains("register_mismatch maker"));
}

TEST_F(Checks, TheSameMakerInOtherWordsAndAModuleOfAnothersAreNone) {
  entry.vendor = "B. Braun";
  see("lldp", "lldp.vendor", "B.BRAUN MELSUNGEN AG");
  see("oui", "vendor", "Lantronix");
  EXPECT_EQ(kinds(), std::vector<std::string>{});
}

TEST_F(Checks, AModelThatTheDeviceGivesOtherwiseIsAMismatch) {
  entry.model = "Spaceplus Perfusor";
  see("signature pump", "product", "Optiplex 7010");
  EXPECT_THAT(kinds(), Contains("register_mismatch model"));
  device.evidence[0].value = "SPACEPLUS";
  EXPECT_EQ(kinds(), std::vector<std::string>{});
}

TEST_F(Checks, AClassThatTheSegmentDoesNotExpectIsTold) {
  device.interfaces[0].segment = "offices";
  EXPECT_THAT(kinds(), Contains("unexpected_segment offices"));
}

TEST_F(Checks, OfASegmentThatItLeftNothingIsTold) {
  device.interfaces.push_back({device.interfaces[0].mac, "offices", {}});
  EXPECT_THAT(kinds(), Contains("unexpected_segment offices"));
  left = {"offices"};
  EXPECT_EQ(kinds(), std::vector<std::string>{});
}

TEST_F(Checks, ASegmentThatExpectsNobodyInParticularAndOneThatIsNoneAreNone) {
  device.interfaces[0].segment = "anything";
  EXPECT_EQ(kinds(), std::vector<std::string>{});
  device.interfaces[0].segment = "unknown";
  EXPECT_EQ(kinds(), std::vector<std::string>{});
}

TEST_F(Checks, ADeviceThatIsNotIdentifiedIsExpectedNowhereAndEverywhere) {
  device.device_class = "unidentified";
  device.interfaces[0].segment = "offices";
  EXPECT_THAT(kinds(), Not(Contains("unexpected_segment offices")));
}

TEST_F(Checks, ItsMacInASegmentThatExpectsNoneIsToldWhileItIsThere) {
  inventory::Device apart;
  apart.id = "dev-5846e1000107-offices";
  apart.interfaces = {{device.interfaces[0].mac, "offices", {}}};
  apart.last_seen = at(1'000'000);
  namesakes = {&apart};
  EXPECT_THAT(kinds(), Contains("unexpected_segment offices"));
  now = at(1'000'000 + 25 * 3600);
  EXPECT_EQ(kinds(), std::vector<std::string>{});
}

TEST_F(Checks, AMacThatNoMakerGaveIsToldWhereMedicalDevicesAreExpected) {
  listed = false;
  device.interfaces[0].mac = *inventory::parse_mac("52:54:00:12:34:56");
  EXPECT_THAT(kinds(), Contains("locally_administered_mac 52:54:00:12:34:56"));
  device.interfaces[0].segment = "offices";
  EXPECT_THAT(kinds(), Not(Contains("locally_administered_mac 52:54:00:12:34:56")));
}

TEST_F(Checks, AMacThatNoMakerGaveIsNoneWhereTheRegisterHasIt) {
  device.interfaces[0].mac = *inventory::parse_mac("52:54:00:12:34:56");
  EXPECT_EQ(kinds(), std::vector<std::string>{});
}

TEST_F(Checks, HobbyComputersAndAttackToolsAreToldByTheirMaker) {
  listed = false;
  for (const char* vendor : {"Raspberry Pi Trading Ltd", "Espressif Inc.", "Orient Power Home Network Ltd.",
                             "GL Technologies (Hong Kong) Limited", "ARDUINO AG", "Particle Industries Inc."}) {
    device.evidence.clear();
    see("oui", "vendor", vendor);
    EXPECT_THAT(kinds(), Contains(std::string("rogue_hardware_vendor ") + vendor));
  }
}

TEST_F(Checks, AMakerOfCommonAdaptersIsToldLessLoudly) {
  listed = false;
  see("oui", "vendor", "ASIX ELECTRONICS CORP.");
  const auto conditions = found();
  ASSERT_FALSE(conditions.empty());
  EXPECT_EQ(conditions.back().kind, "rogue_hardware_vendor");
  EXPECT_EQ(conditions.back().severity, "medium");
}

TEST_F(Checks, ARegisteredOneAndANameThatOnlyLooksAlikeAreNone) {
  see("oui", "vendor", "Raspberry Pi Trading Ltd");
  EXPECT_EQ(kinds(), std::vector<std::string>{}) << "a person wants it there";
  listed = false;
  device.evidence.clear();
  see("oui", "vendor", "Alfa Laval");
  see("dhcp", "dhcp.hostname", "raspberry pi");
  EXPECT_EQ(kinds(), std::vector<std::string>{"not_in_register"});
}

TEST_F(Checks, AClassWithoutAPurposeIsToldUnlessTheRegisterWantsIt) {
  device.device_class = "smart-tv";
  device.interfaces[0].segment = "offices";
  EXPECT_EQ(kinds(), std::vector<std::string>{});
  listed = false;
  EXPECT_THAT(kinds(), Contains("no_medical_purpose"));
  device.device_class = "workstation";
  EXPECT_THAT(kinds(), Not(Contains("no_medical_purpose")));
}

TEST_F(Checks, AnExceptionThatHasEndedIsToldOfItsDevice) {
  using namespace std::chrono;
  policy.expired_exceptions = {{"pump-7", "library by FTP", sys_days(2026y / 1 / 31), {"devices.yaml", 9, 1}}};
  EXPECT_THAT(kinds(), Contains("exception_expired library by FTP"));
  EXPECT_NE(found().front().explanation.find("2026-01-31"), std::string::npos);
  policy.expired_exceptions[0].device = "pump-8";
  EXPECT_EQ(kinds(), std::vector<std::string>{});
}

TEST_F(Checks, ASystemWithoutSupportIsToldFromWhatTheDeviceShows) {
  const std::vector<std::array<std::string, 3>> shown{
      {"os", "Windows XP Embedded", "Windows XP"},
      {"os", "Windows 7 Professional 7601 Service Pack 1", "Windows 7"},
      {"os", "Windows Server 2008 R2 Standard", "Windows Server 2008"},
      {"dhcp.vendor_class", "Microsoft Windows CE", "Windows CE"},
      {"dhcp.vendor_class", "MSFT 98", "Windows 98"},
      {"http.user_agent", "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)", "Windows XP"},
      {"http.server", "Microsoft-IIS/6.0", "Windows Server 2003"}};
  for (const auto& [attribute, value, system] : shown) {
    device.evidence.clear();
    see("x", attribute, value);
    EXPECT_THAT(kinds(), Contains("end_of_support_os " + system)) << value;
  }
}

TEST_F(Checks, ASystemWithSupportAndWhatEveryWindowsSaysAreNone) {
  for (const auto& [attribute, value] : {std::pair{"dhcp.vendor_class", "MSFT 5.0"},
                                         {"os", "Windows 11 Pro"},
                                         {"os", "Windows Server 2022"},
                                         {"os", "Windows 70"},
                                         {"http.user_agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"},
                                         {"http.server", "Microsoft-IIS/10.0"},
                                         {"dhcp.hostname", "windows-xp"}}) {
    device.evidence.clear();
    see("x", attribute, value);
    EXPECT_EQ(kinds(), std::vector<std::string>{}) << value;
  }
}

TEST_F(Checks, SmbVersion1AloneIsToldAndBesideVersion2IsNone) {
  see("exchange", "speaks", "smb1 as server");
  EXPECT_THAT(kinds(), Contains("end_of_support_os SMB1"));
  see("exchange", "speaks", "smb2 as client with file-servers");
  EXPECT_EQ(kinds(), std::vector<std::string>{});
}

TEST_F(Checks, ALineOfTheRegisterThatNobodySawIsSilent) {
  EXPECT_TRUE(check_register_silence(policy, {"pump-7"}, std::chrono::hours(720)).empty());
  const auto silent = check_register_silence(policy, {}, std::chrono::hours(720));
  ASSERT_EQ(silent.size(), 1U);
  EXPECT_EQ(silent[0].subject, "pump-7");
  EXPECT_NE(silent[0].explanation.find("30 days"), std::string::npos);
}

TEST(UnmappedVlan, TagsAreToldOuterFirst) {
  const std::array<std::uint16_t, 2> tags{300, 17};
  EXPECT_EQ(unmapped_vlan("main", tags).subject, "bundle main, tag 300 in 17");
  EXPECT_EQ(unmapped_vlan("main", {}).subject, "bundle main, no tag");
}

}  // namespace
}  // namespace wardline::findings
