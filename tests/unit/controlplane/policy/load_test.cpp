#include <gmock/gmock.h>

#include "dataplane/enforce/decide.h"
#include "policy_copy.h"

namespace wardline::policy {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(Load, FindsTheShippedPolicyGood) {
  PolicyCopy copy(Fingerprints::kCopied);
  const auto loaded = copy.load();
  ASSERT_TRUE(loaded) << copy.problems();
  const Policy& policy = **loaded;
  EXPECT_EQ(policy.site, "st-anna");
  EXPECT_EQ(policy.classes[kUnidentifiedClass].name, "unidentified");
  EXPECT_EQ(policy.segments[kUnknownSegment].name, "unknown");
  EXPECT_GE(policy.classes.size(), 13U);
  EXPECT_EQ(policy.rules.size(), policy.plain.rules.size());
  EXPECT_EQ(policy.hash.size(), 64U);
  for (const auto& warning : policy.warnings) ADD_FAILURE() << warning.text();
}

TEST(Load, HellosAreCopiedOnlyWhereAClassOrFingerprintAsksForWhatTheyTell) {
  PolicyCopy copy(Fingerprints::kCopied);
  const auto copied = [&](const char* app) {
    const auto loaded = copy.load();
    EXPECT_TRUE(loaded) << copy.problems();
    if (!loaded) return false;
    const auto& signatures = (*loaded)->signatures;
    return signatures.app_traits[*signatures.app(app)].copy_first_bytes;
  };
  EXPECT_TRUE(copied("tls")) << "fingerprints ask for server names";
  std::filesystem::remove_all(copy.folder() + "/fingerprints");
  EXPECT_FALSE(copied("tls"));
  EXPECT_TRUE(copied("bacnet"));
  copy.edit("classes/building-controller.yaml", "    - {attribute: vendor,",
            "    - {attribute: tls.subject, matches: '^bms', weight: 5}\n    - {attribute: vendor,");
  EXPECT_TRUE(copied("tls"));
}

TEST(Load, LaysRulesOutWithTheirNumbersAndSentences) {
  PolicyCopy copy;
  const auto loaded = copy.load();
  ASSERT_TRUE(loaded);
  const Policy& policy = **loaded;
  bool seen = false;
  for (std::size_t i = 0; i < policy.rules.size(); ++i) {
    EXPECT_EQ(policy.plain.rules[i].id, i);
    EXPECT_NE(policy.plain.rules[i].proto, 0) << policy.rules[i].sentence;
    if (policy.rules[i].owner != "infusion-pump" || policy.rules[i].name != "pump server") continue;
    seen = true;
    EXPECT_EQ(policy.rules[i].sentence, "may open tls to pump-servers on tcp 443, 8443");
    EXPECT_THAT(policy.rules[i].at.line_text(), StartsWith("classes/infusion-pump.yaml:"));
    EXPECT_TRUE(policy.plain.rules[i].essential);
  }
  EXPECT_TRUE(seen);
}

TEST(Load, TakesTheSegmentsModeFromTheSiteAndTheOverrideFromTheCaller) {
  PolicyCopy copy;
  const auto monitor = copy.load();
  ASSERT_TRUE(monitor);
  for (std::size_t i = 1; i < (*monitor)->segments.size(); ++i)
    EXPECT_EQ((*monitor)->plain.segments[i].mode, enforce::Mode::kMonitor);
  LoadOptions options;
  options.mode_override = enforce::Mode::kEnforce;
  const auto enforced = copy.load(options);
  ASSERT_TRUE(enforced);
  EXPECT_EQ((*enforced)->plain.segments[kUnknownSegment].mode, enforce::Mode::kMonitor);
  for (std::size_t i = 1; i < (*enforced)->segments.size(); ++i)
    EXPECT_EQ((*enforced)->plain.segments[i].mode, enforce::Mode::kEnforce);
}

TEST(Load, FindsSegmentsByTheirTags) {
  PolicyCopy copy;
  copy.edit("site.yaml", "{name: building, vlan: 440,",
            "{name: shop, vlan: [500, 7], core_vlan: 501, expects: []}\n  - {name: building, vlan: 440,");
  const auto loaded = copy.load();
  ASSERT_TRUE(loaded) << copy.problems();
  const Policy& policy = **loaded;
  const auto name = [&](Side side, std::uint16_t outer, std::uint16_t inner, bool has_inner) {
    return policy.segments[policy.plain.segment_map.find(0, side, outer, inner, has_inner)].name;
  };
  EXPECT_EQ(name(Side::kDevice, 0, 0, false), "first-ward");
  EXPECT_EQ(name(Side::kCore, 410, 0, false), "icu-4b");
  EXPECT_EQ(name(Side::kDevice, 500, 7, true), "shop");
  EXPECT_EQ(name(Side::kDevice, 500, 8, true), "unknown");
  EXPECT_EQ(name(Side::kCore, 501, 0, false), "shop");
  EXPECT_EQ(name(Side::kDevice, 999, 0, false), "unknown");
}

TEST(Load, KeepsTheNumbersOfClassesAndSegmentsOverReloads) {
  PolicyCopy copy;
  const auto first = copy.load();
  ASSERT_TRUE(first);
  copy.write("classes/aaa-first.yaml", copy.read("classes/smart-tv.yaml"));
  copy.edit("classes/aaa-first.yaml", "class: smart-tv", "class: aaa-first");
  const auto second = copy.load();
  ASSERT_TRUE(second) << copy.problems();
  for (std::size_t i = 0; i < (*first)->classes.size(); ++i)
    EXPECT_EQ((*first)->classes[i].name, (*second)->classes[i].name);
}

TEST(Load, ChangesTheHashWithAnyByteOfAnyFile) {
  PolicyCopy copy;
  const auto former = copy.load();
  ASSERT_TRUE(former);
  for (const char* file : {"site.yaml", "devices.yaml", "classes/smart-tv.yaml", "tests/clinical-flows.yaml",
                           "signatures/medical/dicom.yaml"}) {
    const auto text = copy.read(file);
    copy.write(file, text + "#\n");
    const auto changed = copy.load();
    ASSERT_TRUE(changed) << copy.problems();
    EXPECT_NE((*changed)->hash, (*former)->hash) << file;
    copy.write(file, text);
  }
  const auto again = copy.load();
  ASSERT_TRUE(again);
  EXPECT_EQ((*again)->hash, (*former)->hash);
}

TEST(Load, GivesDnsALineForUdpAndOneForTcpAlone) {
  PolicyCopy copy;
  const auto loaded = copy.load();
  ASSERT_TRUE(loaded);
  std::vector<int> protos;
  for (std::size_t i = 0; i < (*loaded)->rules.size(); ++i)
    if ((*loaded)->rules[i].owner == "infrastructure" && (*loaded)->rules[i].name == "dns") {
      protos.push_back((*loaded)->plain.rules[i].proto);
      EXPECT_TRUE((*loaded)->plain.rules[i].living);
    }
  EXPECT_THAT(protos, testing::ElementsAre(6, 17));
}

constexpr const char* kDevice = R"(devices:
  - id: pump-0107
    class: infusion-pump
    macs: ["58:46:e1:00:01:07"]
    exceptions:
      - {name: library by FTP, opens_to: pump-servers, app: [ftp], port: [21], reason: the maker's update is ordered, until: "UNTIL"}
)";

std::string device_until(const std::string& day) {
  std::string text = kDevice;
  return text.replace(text.find("UNTIL"), 5, day);
}

TEST(Load, LoadsAnExceptionUntilItsLastDayAndWarnsAfter) {
  PolicyCopy copy;
  copy.write("devices.yaml", device_until("2026-11-01"));
  const auto holds = copy.load();
  ASSERT_TRUE(holds) << copy.problems();
  ASSERT_EQ((*holds)->plain.exceptions.size(), 1U);
  EXPECT_EQ((*holds)->plain.exceptions[0].device_key, enforce::name_hash("pump-0107"));
  EXPECT_EQ((*holds)->next_change, std::chrono::sys_days(std::chrono::year(2026) / 11 / 2));
  const Mac mac{{0x58, 0x46, 0xe1, 0x00, 0x01, 0x07}};
  ASSERT_NE((*holds)->find_register(mac), nullptr);
  EXPECT_EQ((*holds)->find_register(mac)->device_class, "infusion-pump");

  copy.write("devices.yaml", device_until("2026-10-31"));
  const auto expired = copy.load();
  ASSERT_TRUE(expired);
  EXPECT_TRUE((*expired)->plain.exceptions.empty());
  ASSERT_EQ((*expired)->warnings.size(), 1U);
  EXPECT_THAT((*expired)->warnings[0].text(), HasSubstr("has expired and is not loaded"));
  EXPECT_TRUE((*holds)->expired_exceptions.empty());
  ASSERT_EQ((*expired)->expired_exceptions.size(), 1U);
  EXPECT_EQ((*expired)->expired_exceptions[0].device, "pump-0107");
  EXPECT_EQ((*expired)->expired_exceptions[0].until, std::chrono::sys_days(std::chrono::year(2026) / 10 / 31));

  copy.write("devices.yaml", device_until("2027-10-31"));
  EXPECT_THAT(copy.problems(), HasSubstr("an exception lasts at most 180 days"));
}

TEST(Load, ALoanerIsPinnedUntilItsLastDayAndNotAfter) {
  constexpr std::string_view kLoaner =
      "devices:\n  - {id: work-1, class: workstation, serial: \"1\", loaner: {from: Rent Ltd, until: \"";
  PolicyCopy copy;
  copy.write("devices.yaml", std::string(kLoaner) + "2026-11-01\"}}\n");
  const auto holds = copy.load();
  ASSERT_TRUE(holds) << copy.problems();
  EXPECT_EQ((*holds)->devices[0].pin(), "workstation");
  EXPECT_EQ((*holds)->next_change, std::chrono::sys_days(std::chrono::year(2026) / 11 / 2));
  copy.write("devices.yaml", std::string(kLoaner) + "2026-10-31\"}}\n");
  const auto over = copy.load();
  ASSERT_TRUE(over) << copy.problems();
  EXPECT_TRUE((*over)->devices[0].overdue);
  EXPECT_EQ((*over)->devices[0].pin(), "");
  EXPECT_EQ((*over)->devices[0].device_class, "workstation");
  ASSERT_EQ((*over)->warnings.size(), 1U);
  EXPECT_EQ((*over)->warnings[0].where, "devices.yaml:2:83");
}

TEST(Load, NoCalendarTakesALifeCriticalClassAway) {
  PolicyCopy copy;
  copy.write("devices.yaml",
             "devices:\n  - {id: vent-1, class: ventilator, serial: \"1\", loaner: {from: Rent Ltd, until: "
             "\"2026-10-31\"}}\n");
  const auto over = copy.load();
  ASSERT_TRUE(over) << copy.problems();
  EXPECT_EQ((*over)->devices[0].pin(), "ventilator");
  EXPECT_EQ((*over)->warnings.size(), 1U);
}

TEST(Load, DevicesBehindASerialServerStandAtItsPorts) {
  PolicyCopy copy;
  copy.write("devices.yaml",
             "devices:\n"
             "  - id: nport-1\n"
             "    macs: [\"00:90:e8:00:00:01\"]\n"
             "    behind: {4001: vent-1, 4002: vent-2}\n"
             "  - {id: vent-1, class: ventilator, serial: \"1\"}\n"
             "  - {id: vent-2, serial: \"2\"}\n");
  const auto loaded = copy.load();
  ASSERT_TRUE(loaded) << copy.problems();
  const auto* server = (*loaded)->find_register_id("nport-1");
  ASSERT_NE(server, nullptr);
  ASSERT_EQ(server->behind.size(), 2U);
  EXPECT_EQ(server->behind[1].port, 4002);
  EXPECT_EQ(server->behind[1].device, "vent-2");
}

TEST(Load, RunsTheExpectationsWithTheWorkersOwnDecision) {
  PolicyCopy copy;
  copy.edit("classes/infusion-pump.yaml", "app: [hl7-mllp], port: [2575], essential: true",
            "app: [hl7-mllp], port: [2576], essential: true");
  const auto said = copy.problems();
  EXPECT_THAT(
      said, HasSubstr("tests/clinical-flows.yaml:4:5: 'a pump reports' is expected to be allowed, but it is blocked"));
  EXPECT_THAT(said, HasSubstr("reason no_rule"));
}

TEST(Load, WantsASignatureAndABypassBeforeLifeCriticalDevicesAreEnforced) {
  PolicyCopy copy;
  copy.edit("site.yaml", "mode: monitor\n", "mode: enforce\n");
  const auto said = copy.problems();
  EXPECT_THAT(
      said,
      HasSubstr("'icu-4b' is to be enforced and expects nurse-call, which is life-critical: it needs 'signed_off"));
  EXPECT_THAT(said, HasSubstr("it needs 'bypass:"));
  EXPECT_THAT(said, Not(HasSubstr("'building' is to be enforced")));
}

TEST(Load, ReportsTheProblemsOfAllFilesSortedByPlace) {
  PolicyCopy copy;
  copy.edit("classes/smart-tv.yaml", "purpose: none", "purpose: fun");
  copy.edit("classes/ip-camera.yaml", "profile: isolate", "profile: cut-off");
  copy.edit("site.yaml", "flow_packets: 16", "flow_packets: 0");
  const auto loaded = copy.load();
  ASSERT_FALSE(loaded);
  ASSERT_EQ(loaded.error().size(), 3U) << copy.problems();
  EXPECT_THAT(loaded.error()[0].where, StartsWith("classes/ip-camera.yaml:"));
  EXPECT_THAT(loaded.error()[1].where, StartsWith("classes/smart-tv.yaml:"));
  EXPECT_THAT(loaded.error()[2].where, StartsWith("site.yaml:"));
}

TEST(Load, RefusesADirectoryThatIsNone) {
  const auto slots = std::move(*enforce::DeviceSlots::open("", 64));
  LoadOptions options;
  options.numbers = slots.get();
  const auto loaded = load("/nonexistent", options);
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error()[0].text(), HasSubstr("expected a policy directory"));
}

}  // namespace
}  // namespace wardline::policy
