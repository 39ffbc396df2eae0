// What fingerprints conclude from evidence, and which source a column is taken from.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controlplane/identity/identity.h"

namespace wardline::identity {
namespace {

using inventory::Device;
using inventory::WallTime;

WallTime second(int number) {
  return WallTime(std::chrono::seconds(number));
}

policy::Policy policy_with(const std::string& entries) {
  Errors errors;
  std::vector<policy::DeviceFingerprint> all;
  const auto document = policy::YamlDocument::parse("fingerprints:\n" + entries, "fingerprints/some.yaml", errors);
  if (document) policy::read_fingerprints(document->root(), all);
  EXPECT_TRUE(errors.empty()) << errors[0].what;
  policy::Policy made;
  made.fingerprints = policy::DeviceFingerprints(std::move(all));
  return made;
}

constexpr auto kCameras = R"(
  - {id: d-link, title: D-Link, when: {vendor: '(?i)^d-link'}, sets: {maker: D-Link}, source: IEEE,
     examples: {match: [{vendor: D-Link International}]}}
  - {id: dcs, title: D-Link cameras, when: {dhcp.hostname: '^(DCS-[0-9]+[A-Z]*)'}, sets: {product: '\1', kind: ip camera},
     source: the maker's names, examples: {match: [{dhcp.hostname: DCS-935L}]}}
)";

std::string value_of(const Device& device, std::string_view attribute) {
  for (const auto& each : device.evidence)
    if (each.attribute == attribute) return each.source + ": " + each.value;
  return "";
}

TEST(Conclusions, AreEvidenceOfTheSourceTheyWereDrawnFrom) {
  const auto policy = policy_with(kCameras);
  Device device;
  EXPECT_TRUE(learn(device, {.source = "dhcp", .attribute = "dhcp.hostname", .value = "DCS-935L"}, &policy, second(1)));
  EXPECT_EQ(value_of(device, "kind"), "dhcp (dcs): ip camera");
  EXPECT_EQ(device.model, "DCS-935L");
  EXPECT_EQ(device.hostname, "DCS-935L");
}

TEST(Conclusions, FromTheMakerOfAMacAloneGiveNoClassThatMattersToPatients) {
  auto policy = policy_with(R"(
  - {id: pumps, title: Pumps, when: {vendor: '^ICU'}, sets: {kind: infusion pump}, source: IEEE,
     examples: {match: [{vendor: ICU Medical}]}}
)");
  policy::ClassText pump{.name = "pump", .criticality = enforce::Criticality::kCareCritical, .threshold = 30};
  policy::EvidenceRule rule;
  rule.attribute = "kind", rule.matches = "^infusion pump$", rule.weight = 30;
  pump.evidence = {rule};
  policy.classes = {pump};
  Device device;
  learn(device, {.source = "oui", .attribute = "vendor", .value = "ICU Medical, Inc."}, &policy, second(1));
  EXPECT_EQ(classify(device, policy).device_class, "unidentified");
  learn(device, {.source = "dhcp", .attribute = "dhcp.vendor_class", .value = "x"}, &policy, second(2));
  EXPECT_EQ(classify(device, policy).device_class, "unidentified");
}

TEST(Conclusions, OfAFormerPolicyAreForgotten) {
  const auto cameras = policy_with(kCameras), none = policy_with("  []\n");
  Device device;
  learn(device, {.source = "dhcp", .attribute = "dhcp.hostname", .value = "DCS-935L"}, &cameras, second(1));
  conclude_anew(device, none, second(2));
  EXPECT_EQ(value_of(device, "kind"), "");
  EXPECT_NE(value_of(device, "dhcp.hostname"), "");
  conclude_anew(device, cameras, second(3));
  EXPECT_NE(value_of(device, "kind"), "");
}

TEST(Conclusions, AreAsOldAfterAReloadAsBefore) {
  const auto cameras = policy_with(kCameras);
  Device device;
  learn(device, {.source = "dhcp", .attribute = "dhcp.hostname", .value = "DCS-935L"}, &cameras, second(1));
  conclude_anew(device, cameras, second(100));
  const auto kind = std::ranges::find(device.evidence, "kind", &inventory::Evidence::attribute);
  ASSERT_NE(kind, device.evidence.end());
  EXPECT_EQ(kind->first_seen, second(1));
  EXPECT_EQ(kind->last_seen, second(1));
}

TEST(Columns, SpellAMakerAsThePolicyDoes) {
  const auto policy = policy_with(kCameras);
  Device device;
  learn(device, {.source = "oui", .attribute = "vendor", .value = "D-Link International"}, &policy, second(1));
  EXPECT_EQ(device.vendor, "D-Link");
  learn(device, {.source = "lldp", .attribute = "lldp.vendor", .value = "Somebody Else"}, &policy, second(2));
  EXPECT_EQ(device.vendor, "Somebody Else") << "what it says of itself comes before the maker of its network card";
}

TEST(Columns, FollowTheLastValueOfTheBestSource) {
  Device device;
  const auto says = [&](const char* attribute, const char* value, int at) {
    learn(device, {.source = "x", .attribute = attribute, .value = value}, nullptr, second(at));
  };
  says("mdns.hostname", "bedside", 1);
  EXPECT_EQ(device.hostname, "bedside");
  says("dhcp.hostname", "MON-1", 2);
  says("mdns.hostname", "other", 3);
  EXPECT_EQ(device.hostname, "MON-1");
  says("dhcp.hostname", "MON-2", 4);
  EXPECT_EQ(device.hostname, "MON-2");
}

TEST(Columns, APersonsWordIsNotSpelledAnew) {
  const auto policy = policy_with(kCameras);
  Device device;
  learn(device, {.source = "register", .attribute = "register.vendor", .value = "D-Link (UK)"}, &policy, second(1));
  EXPECT_EQ(device.vendor, "D-Link (UK)");
}

}  // namespace
}  // namespace wardline::identity
