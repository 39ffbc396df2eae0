#include <gtest/gtest.h>

#include "controlplane/identity/identity.h"
#include "controlplane/inventory/address_text.h"

namespace wardline::identity {
namespace {

using inventory::Device;
using inventory::WallTime;
using policy::ClassText;
using policy::EvidenceRule;

constexpr auto kLife = enforce::Criticality::kLifeCritical;
constexpr auto kNone = enforce::Criticality::kNone;

WallTime at(std::int64_t seconds) {
  return WallTime(std::chrono::seconds(seconds));
}

EvidenceRule sees(const char* attribute, const char* matches, int weight) {
  EvidenceRule rule;
  rule.attribute = attribute;
  rule.matches = matches;
  rule.weight = weight;
  return rule;
}

EvidenceRule speaks(const char* app, const char* role, int weight) {
  EvidenceRule rule;
  rule.speaks = app;
  rule.with = role;
  rule.weight = weight;
  rule.group = policy::EvidenceGroup::kExchange;
  return rule;
}

ClassText make_class(const char* name, enforce::Criticality criticality, std::vector<EvidenceRule> evidence) {
  ClassText text;
  text.name = name;
  text.criticality = criticality;
  text.evidence = std::move(evidence);
  return text;
}

class ClassifyTest : public testing::Test {
 protected:
  ClassifyTest() {
    policy_.classes.push_back(make_class("unidentified", kNone, {}));
    policy_.classes.push_back(
        make_class("infusion-pump", kLife,
                   {sees("vendor", "^ICU Medical", 30), sees("dhcp.vendor_class", "(?i)testpump", 30),
                    sees("dhcp.hostname", "^PUMP-", 30), sees("expects", "^infusion-pump$", 30),
                    speaks("hl7-mllp", "hl7-gateway", 30)}));
    policy_.classes.push_back(
        make_class("workstation", kNone,
                   {sees("dhcp.vendor_class", "^MSFT 5", 40), sees("dhcp.params", "^1,3,6,15,31", 40),
                    sees("vendor", "Dell|HP", 20), speaks("smb", "", 20), speaks("http", "", 20)}));
    policy_.classes.push_back(make_class("smart-tv", kNone, {sees("vendor", "^LG", 60)}));
    policy_.classes.push_back(
        make_class("smart-bed", enforce::Criticality::kCareSupport, {sees("vendor", "^Hill", 60)}));
    policy_.roles["hl7-gateway"] = {{*inventory::parse_address("10.40.2.9"), *inventory::parse_address("10.40.2.9")}};
    policy::SegmentText icu;
    icu.name = "icu-4b";
    icu.expects = {"patient-monitor", "infusion-pump"};
    policy_.segments = {policy::SegmentText{}, icu};
    device_.id = "dev-1";
    device_.interfaces = {{*inventory::parse_mac("00:03:b1:00:00:01"), "icu-4b", {}}};
  }

  void see(const char* source, const char* attribute, const char* value, std::int64_t time = 1) {
    add_evidence(device_, {.source = source, .attribute = attribute, .value = value}, at(time));
  }
  void exchange(const char* app, const char* peer) {
    for (const auto& observation : observations_of_exchange(app, true, *inventory::parse_address(peer), policy_))
      add_evidence(device_, observation, at(1));
  }
  Classification answer() {
    auto result = classify(device_, policy_);
    device_.device_class = result.device_class;
    device_.class_reason = result.reason;
    return result;
  }

  policy::Policy policy_;
  Device device_;
};

TEST_F(ClassifyTest, ADeviceOfWhichNothingIsKnownIsUnidentified) {
  const auto result = answer();
  EXPECT_EQ(result.device_class, "unidentified");
  EXPECT_EQ(result.confidence, 0);
  EXPECT_EQ(result.reason, "nothing that was seen speaks for any class");
}

TEST_F(ClassifyTest, AClaimAndAnAnsweredExchangeMakeAPumpAndTheReasonSaysSo) {
  see("oui", "vendor", "ICU Medical, Inc.");
  exchange("hl7-mllp", "10.40.2.9");
  const auto result = answer();
  EXPECT_EQ(result.device_class, "infusion-pump");
  EXPECT_EQ(result.confidence, 100);
  EXPECT_EQ(
      result.reason,
      "claims 30 (vendor 'ICU Medical, Inc.') + exchange 30 (speaks hl7-mllp as client with hl7-gateway) = 60 of 60");
  EXPECT_EQ(result.weights, (std::vector<int>{30, 30}));
}

TEST_F(ClassifyTest, ForgedAddressAndDhcpNeverMakeALifeCriticalClass) {
  see("oui", "vendor", "ICU Medical, Inc.");
  see("dhcp", "dhcp.vendor_class", "TestPump SP-1");
  see("dhcp", "dhcp.hostname", "PUMP-0042");
  see("dicom", "dicom.ae_title", "PUMP");
  EXPECT_EQ(answer().device_class, "unidentified") << "the best claim alone counts: 30";
  for (auto& rule : policy_.classes[1].evidence) rule.weight = 100;
  const auto result = answer();
  EXPECT_EQ(result.device_class, "unidentified");
  EXPECT_NE(result.reason.find("more than what the device says of itself"), std::string::npos) << result.reason;
}

TEST_F(ClassifyTest, AnAccompliceWithoutARoleIsNoIndependentWitness) {
  policy_.classes[1].evidence.push_back(speaks("hl7-mllp", "", 60));
  see("oui", "vendor", "ICU Medical, Inc.");
  exchange("hl7-mllp", "203.0.113.7");
  EXPECT_EQ(answer().device_class, "unidentified");
}

TEST_F(ClassifyTest, ThePlaceThatExpectsAPumpIsAWitnessOnlyWhileTheDeviceIsThere) {
  see("dhcp", "dhcp.vendor_class", "TestPump SP-1");
  for (const auto& place : observations_of_place(policy_.segments[1])) add_evidence(device_, place, at(1));
  EXPECT_EQ(classify(device_, policy_).device_class, "infusion-pump");
  device_.interfaces[0].segment = "guests";
  EXPECT_EQ(classify(device_, policy_).device_class, "unidentified");
}

TEST_F(ClassifyTest, OutsideLifeCriticalClassesDifferentSourcesAddUpAndTheSameDoesNot) {
  see("dhcp", "dhcp.vendor_class", "MSFT 5.0");
  see("dhcp", "dhcp.params", "1,3,6,15,31,33");
  EXPECT_EQ(classify(device_, policy_).device_class, "unidentified") << "both are words of one DHCP message: 40";
  see("oui", "vendor", "Dell Inc.");
  const auto result = classify(device_, policy_);
  EXPECT_EQ(result.device_class, "workstation");
  EXPECT_NE(result.reason.find("= 60 of 60"), std::string::npos) << result.reason;
}

TEST_F(ClassifyTest, ExchangesWithDifferentApplicationsAddUp) {
  see("dhcp", "dhcp.vendor_class", "MSFT 5.0");
  exchange("smb", "10.1.1.1");
  exchange("smb", "10.1.1.1");
  EXPECT_EQ(answer().device_class, "workstation");
}

TEST_F(ClassifyTest, TheMakerOfTheAddressAloneGivesOnlyClassesThatMatterToNobody) {
  see("oui", "vendor", "LG Electronics");
  EXPECT_EQ(answer().device_class, "smart-tv");
  device_ = {};
  see("oui", "vendor", "Hill-Rom");
  const auto result = answer();
  EXPECT_EQ(result.device_class, "unidentified");
  EXPECT_NE(result.reason.find("the maker of the MAC address alone"), std::string::npos) << result.reason;
}

TEST_F(ClassifyTest, AClassThatDemandsTheRegisterIsNotGivenWithoutIt) {
  policy_.classes[2].requires_register = true;
  see("dhcp", "dhcp.vendor_class", "MSFT 5.0");
  exchange("smb", "10.1.1.1");
  EXPECT_EQ(answer().device_class, "unidentified");
  policy_.devices.push_back({});
  policy_.devices[0].serial = device_.serial = "4711";
  EXPECT_EQ(answer().device_class, "workstation");
}

TEST_F(ClassifyTest, TheRegistersPinWinsAndTheOperatorsOverIt) {
  policy::RegisterEntry entry;
  entry.device_class = "infusion-pump";
  entry.dhcp_client_id = "01:00:03:b1:00:00:01";
  entry.at.file = "devices.yaml";
  entry.at.line = 12;
  policy_.devices.push_back(entry);
  see("dhcp", "dhcp.client_id", "01:00:03:b1:00:00:01");
  const auto pinned = answer();
  EXPECT_EQ(pinned.device_class, "infusion-pump");
  EXPECT_EQ(pinned.reason, "pinned in devices.yaml:12");
  EXPECT_EQ(pinned.confidence, 100);

  device_.pinned_class = "workstation";
  see("operator", "pinned_by", "alice");
  const auto moved = answer();
  EXPECT_EQ(moved.device_class, "workstation");
  EXPECT_EQ(moved.reason, "pinned by operator alice");
}

TEST_F(ClassifyTest, EvidenceThatSpeaksAgainstAPinIsTold) {
  device_.pinned_class = "infusion-pump";
  see("oui", "vendor", "LG Electronics");
  const auto result = answer();
  EXPECT_EQ(result.device_class, "infusion-pump");
  ASSERT_EQ(result.contradictions.size(), 1U);
  EXPECT_NE(result.contradictions[0].text.find("smart-tv"), std::string::npos);
}

TEST_F(ClassifyTest, APinToAClassThatIsNotThereIsToldAndIgnored) {
  device_.pinned_class = "ventilator";
  const auto result = answer();
  EXPECT_EQ(result.device_class, "unidentified");
  ASSERT_EQ(result.contradictions.size(), 1U);
}

TEST_F(ClassifyTest, ALifeCriticalClassIsLeftOnlyByAPersonsWord) {
  see("oui", "vendor", "ICU Medical, Inc.");
  exchange("hl7-mllp", "10.40.2.9");
  ASSERT_EQ(answer().device_class, "infusion-pump");
  device_.evidence.pop_back();
  see("oui", "vendor", "LG Electronics");
  const auto kept = answer();
  EXPECT_EQ(kept.device_class, "infusion-pump");
  EXPECT_LT(kept.confidence, 100);
  EXPECT_FALSE(kept.contradictions.empty());
  EXPECT_EQ(answer().device_class, "infusion-pump") << "and stays so when asked again";
  device_.pinned_class = "smart-tv";
  EXPECT_EQ(answer().device_class, "smart-tv");
}

TEST_F(ClassifyTest, APinThatAPersonTookAwayDoesNotStick) {
  device_.pinned_class = "infusion-pump";
  ASSERT_EQ(answer().device_class, "infusion-pump");
  device_.pinned_class.clear();
  EXPECT_EQ(answer().device_class, "unidentified");
}

TEST_F(ClassifyTest, AFormerClassThatStillPassesIsKeptAgainstABetterOne) {
  see("oui", "vendor", "LG Electronics");
  ASSERT_EQ(answer().device_class, "smart-tv");
  see("dhcp", "dhcp.vendor_class", "MSFT 5.0");
  exchange("smb", "10.1.1.1");
  exchange("http", "10.1.1.1");
  const auto result = answer();
  EXPECT_EQ(result.device_class, "smart-tv");
  EXPECT_EQ(result.contradictions.size(), 1U);
  EXPECT_EQ(result.runners_up.front(), (std::pair<std::string, int>{"workstation", 80}));
}

TEST_F(ClassifyTest, AnotherProductOfTheSameMakerThatSpeaksAlikeOnlyCameSecond) {
  policy_.classes.push_back(
      make_class("dialysis-machine", kLife, {sees("vendor", "^ICU", 30), speaks("hl7-mllp", "hl7-gateway", 30)}));
  see("oui", "vendor", "ICU Medical, Inc.");
  exchange("hl7-mllp", "10.40.2.9");
  const auto result = answer();
  EXPECT_EQ(result.device_class, "infusion-pump");
  EXPECT_TRUE(result.contradictions.empty());
  EXPECT_EQ(result.runners_up.front(), (std::pair<std::string, int>{"dialysis-machine", 60}));
}

TEST_F(ClassifyTest, WhatThePumpNeverSaysSpeaksAgainstIt) {
  see("oui", "vendor", "ICU Medical, Inc.");
  exchange("hl7-mllp", "10.40.2.9");
  ASSERT_TRUE(answer().contradictions.empty());
  see("dhcp", "dhcp.params", "1,3,6,15,31,33", 100);
  exchange("smb", "10.1.1.1");
  const auto result = answer();
  EXPECT_EQ(result.device_class, "infusion-pump");
  ASSERT_EQ(result.contradictions.size(), 1U);
  EXPECT_EQ(result.contradictions[0].about, "workstation");
}

TEST_F(ClassifyTest, APumpThatBeginsToSpeakLikeAPcMayBeAClone) {
  see("dhcp", "dhcp.vendor_class", "TestPump SP-1", 1);
  exchange("hl7-mllp", "10.40.2.9");
  ASSERT_TRUE(answer().contradictions.empty());
  see("dhcp", "dhcp.vendor_class", "MSFT 5.0", 100);
  const auto result = answer();
  EXPECT_EQ(result.device_class, "infusion-pump");
  ASSERT_EQ(result.contradictions.size(), 1U);
  EXPECT_EQ(result.contradictions[0].text,
            "dhcp.vendor_class was 'TestPump SP-1', which fits infusion-pump, and later 'MSFT 5.0', which does not");
}

TEST_F(ClassifyTest, ACarelessPatternCannotBeKeptBusyByTheValue) {
  policy_.classes[3].evidence.push_back(sees("dhcp.hostname", "^(a+)+$", 60));
  see("dhcp", "dhcp.hostname", (std::string(200, 'a') + "!").c_str());
  EXPECT_EQ(answer().device_class, "unidentified");
}

TEST_F(ClassifyTest, TheSameObservationAgainOnlyRefreshesItsTime) {
  const Observation hostname{.source = "dhcp", .attribute = "dhcp.hostname", .value = "PUMP-1"};
  EXPECT_TRUE(learn(device_, hostname, nullptr, at(1)));
  EXPECT_FALSE(learn(device_, hostname, nullptr, at(9)));
  ASSERT_EQ(device_.evidence.size(), 1U);
  EXPECT_EQ(device_.evidence[0].first_seen, at(1));
  EXPECT_EQ(device_.evidence[0].last_seen, at(9));
  EXPECT_EQ(device_.hostname, "PUMP-1");
  EXPECT_FALSE(add_evidence(device_, {.address = Address::v4(1)}, at(9))) << "a bare address is no evidence";
}

TEST_F(ClassifyTest, ADeviceThatChangesItsNameForEverPushesOutNoOtherEvidence) {
  see("oui", "vendor", "ICU Medical, Inc.", 1);
  for (int i = 0; i < 1000; ++i) see("dhcp", "dhcp.hostname", ("h" + std::to_string(i)).c_str(), 2 + i);
  EXPECT_EQ(device_.evidence[0].attribute, "vendor");
  EXPECT_LE(device_.evidence.size(), 9U);
  EXPECT_EQ(device_.evidence.back().value, "h999");
  for (int i = 0; i < 1000; ++i) see("dhcp", ("x" + std::to_string(i)).c_str(), "v", 2000 + i);
  EXPECT_EQ(device_.evidence.size(), 64U);
}

}  // namespace
}  // namespace wardline::identity
