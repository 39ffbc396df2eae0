// What the reports say of devices: connected, unauthorised, accuracy, counts, vendors, purpose, switches.
#include <gmock/gmock.h>

#include "tests/unit/controlplane/reports/made_inventory.h"

namespace wardline::reports {
namespace {

using testing::HasSubstr;
using DeviceReports = MadeInventory;

TEST_F(DeviceReports, EveryConnectedDeviceStandsWithItsPlace) {
  const auto made = report("connected");
  const auto& devices = table(made, "devices");
  EXPECT_EQ(static_cast<std::int64_t>(devices.rows.size()), number("SELECT count(*) FROM device"));
  EXPECT_EQ(cell(devices, "pump-1", "switch"), "sw-icu");
  EXPECT_EQ(cell(devices, "pump-1", "mac"), "00:03:b1:00:00:01");
  EXPECT_EQ(cell(devices, "pump-1", "ip"), "10.0.0.1");
  EXPECT_EQ(cell(devices, "pump-1", "last_seen"), "2026-11-02T12:00:00Z");
  EXPECT_THAT(notes(made), HasSubstr("62.5 % (5 of 8 devices)"));
}

TEST_F(DeviceReports, OnlyWhatWasSeenSinceThenIsConnected) {
  const auto made = report("connected", {.now = kNow, .since = kNow - std::chrono::days(7)});
  EXPECT_EQ(table(made, "devices").rows.size(), 6U);
  EXPECT_EQ(cell(table(made, "devices"), "dev-6", "class"), "(no row)");
}

TEST_F(DeviceReports, PlacesAreToldBySourceAndAge) {
  add_evidence("dev-4", "option-82", "place.switch", "sw-hall", 2, 0, 3);
  add_evidence("dev-4", "uplink", "place.switch", "sw-core", 2, 0, 0);  // newer, and less trusted
  add_evidence("dev-8", "switch-table", "place.switch", "sw-hall", 2, 0, 0);
  add_evidence("dev-8", "exchange", "speaks", "tls as client with pacs", 1, 0, 0);  // an exchange is no place
  add_evidence("tv-1", "segment", "ward", "1A", 2, 0, 0);                           // a segment is no switch
  const auto made = report("connected");
  const auto& places = table(made, "places");
  EXPECT_EQ(cell(table(made, "devices"), "dev-4", "place_source"), "option-82");
  EXPECT_EQ(cell(table(made, "devices"), "dev-7", "place_source"), "");
  EXPECT_EQ(cell(places, "option-82", "within_a_week"), "1");
  EXPECT_EQ(cell(places, "switch-table", "within_a_day"), "1");
  EXPECT_EQ(cell(places, "register", "devices"), "3");
  EXPECT_EQ(cell(places, "unplaced", "devices"), "3");
  EXPECT_EQ(sum(places, "devices"), 8);
}

TEST_F(DeviceReports, AnUnauthorisedDeviceStandsWithItsWhy) {
  add_finding("rogue_dhcp", "critical", "dev-7");
  add_finding("contradiction", "high", "pump-1");
  add_finding("rogue_router", "critical", "dev-8", "resolved");
  add_finding("moved", "low", "dev-8");
  sql("UPDATE interface SET mac='02:00:00:00:00:06' WHERE device_id='dev-6'");
  const auto made = report("unauthorised");
  const auto& findings = table(made, "findings");
  ASSERT_EQ(findings.rows.size(), 2U);
  EXPECT_EQ(text_of(findings.rows[0][1]), "rogue_dhcp") << "the worst first";
  EXPECT_EQ(cell(findings, "high", "why"), "because of contradiction");
  const auto& unknown = table(made, "not_in_register");
  EXPECT_EQ(static_cast<std::int64_t>(unknown.rows.size()), number("SELECT count(*) FROM device WHERE registered=0"));
  EXPECT_EQ(cell(unknown, "dev-4", "why"), "not in the asset register");
  EXPECT_EQ(cell(unknown, "dev-6", "why"),
            "not in the asset register, not identified, its MAC is locally administered");
}

TEST_F(DeviceReports, TheRegisterIsComparedBothWays) {
  const auto made = report("accuracy");
  const auto& figures = table(made, "figures");
  EXPECT_EQ(cell(figures, "register seen on the wire", "count"), "3");
  EXPECT_EQ(cell(figures, "register seen on the wire", "of"), "4");
  EXPECT_EQ(cell(figures, "wire found in the register", "count"), "3") << "one has another id, and is found by its MAC";
  EXPECT_EQ(cell(figures, "wire found in the register", "of"), "8");
  EXPECT_EQ(cell(figures, "wire found in the register", "share_percent"), "37.5");
  EXPECT_EQ(cell(table(made, "not_seen"), "never-seen", "title"), "in the cellar");
}

TEST_F(DeviceReports, OnlyWhatTheWireSaysByItselfAgreesWithTheRegister) {
  add_evidence("pump-1", "register", "vendor", "B. Braun", 3, 0, 0);
  add_evidence("pump-1", "oui", "vendor", "B Braun Melsungen AG", 0, 30, 0);
  add_evidence("dev-000300000002", "register", "vendor", "Philips", 3, 0, 0);
  add_evidence("dev-000300000002", "oui", "vendor", "Espressif", 0, 0, 0);
  const auto made = report("accuracy");
  EXPECT_EQ(cell(table(made, "figures"), "vendor agrees", "count"), "1");
  EXPECT_EQ(cell(table(made, "figures"), "vendor agrees", "of"), "2");
  EXPECT_EQ(cell(table(made, "disagreements"), "dev-000300000002", "wire"), "Espressif");
  EXPECT_EQ(cell(table(made, "figures"), "model agrees", "of"), "0") << "the wire says nothing of models";
}

TEST_F(DeviceReports, ASegmentAgreesWhereOneInterfaceIsAndASerialNumberIsTheDevicesOwn) {
  files_.write("devices.yaml",
               "devices:\n"
               "  - {id: pump-1, serial: \"S-1\", segment: icu-4b, macs: [\"00:03:b1:00:00:01\"]}\n"
               "  - {id: tv-1, segment: icu-4b, macs: [\"00:03:b1:00:00:03\"]}\n");
  add_evidence("pump-1", "lldp", "lldp.serial", "S-2", 0, 0, 0);
  const auto made = report("accuracy");
  EXPECT_EQ(cell(table(made, "figures"), "segment agrees", "count"), "1");
  EXPECT_EQ(cell(table(made, "figures"), "segment agrees", "of"), "2");
  EXPECT_EQ(cell(table(made, "disagreements"), "tv-1", "wire"), "first-ward");
  EXPECT_EQ(cell(table(made, "disagreements"), "pump-1", "attribute"), "serial");
}

TEST_F(DeviceReports, TheDifferenceOfAssetsHasTheFiguresOfAccuracyAndBothLists) {
  const auto made = report("asset_diff");
  const auto& figures = table(made, "figures");
  EXPECT_EQ(figures.rows, table(report("accuracy"), "figures").rows);
  EXPECT_EQ(cell(figures, "register seen on the wire", "of"), "4");
  EXPECT_EQ(cell(table(made, "not_seen"), "never-seen", "title"), "in the cellar");
  const auto& strangers = table(made, "not_in_register");
  EXPECT_EQ(strangers.rows.size(), 5U);
  EXPECT_EQ(cell(strangers, "dev-7", "class"), "workstation");
  EXPECT_EQ(cell(strangers, "pump-1", "class"), "(no row)");
}

TEST_F(DeviceReports, APinnedClassAgreesOnlyWhereEvidenceSpeaksForIt) {
  add_evidence("pump-1", "dhcp", "dhcp.vendor_class", "Space", 0, 30, 0);
  sql("UPDATE device SET runners_up='workstation=20' WHERE id='pump-1'");
  sql("UPDATE device SET runners_up='smart-tv=40 workstation=5' WHERE id='dev-000300000002'");
  const auto made = report("accuracy");
  EXPECT_EQ(cell(table(made, "figures"), "class agrees", "count"), "1");
  EXPECT_EQ(cell(table(made, "figures"), "class agrees", "of"), "2");
  EXPECT_EQ(cell(table(made, "disagreements"), "dev-000300000002", "wire"), "smart-tv");
}

TEST_F(DeviceReports, DevicesAreCountedInEveryWay) {
  const auto made = report("counts");
  EXPECT_EQ(cell(table(made, "class"), "ip-camera", "devices"), "2");
  EXPECT_EQ(cell(table(made, "criticality"), "life-critical", "devices"), "2");
  EXPECT_EQ(cell(table(made, "purpose"), "not identified", "devices"), "1");
  EXPECT_EQ(cell(table(made, "segment"), "building", "share_percent"), "25.0");
  for (const char* name : {"purpose", "criticality", "class", "segment"})
    EXPECT_EQ(sum(table(made, name), "devices"), number("SELECT count(*) FROM device")) << name;
}

TEST_F(DeviceReports, ADeviceInTwoSegmentsIsCountedInBoth) {
  sql("INSERT INTO interface VALUES('dev-7', 1, '00:03:b1:00:01:07', 'building', '')");
  EXPECT_EQ(cell(table(report("counts"), "segment"), "building", "devices"), "3");
  EXPECT_EQ(cell(table(report("counts"), "class"), "workstation", "devices"), "2");
}

TEST_F(DeviceReports, TheTopMakersTheOthersAndTheUnknownAddUp) {
  const auto made = report("vendors", {.now = kNow, .since = {}, .top = 2});
  const auto& vendors = table(made, "vendors");
  ASSERT_EQ(vendors.rows.size(), 4U);
  EXPECT_EQ(text_of(vendors.rows[0][0]), "Axis");
  EXPECT_EQ(text_of(vendors.rows[1][0]), "Dell");
  EXPECT_EQ(cell(vendors, "all others", "devices"), "3");
  EXPECT_EQ(cell(vendors, "unknown", "devices"), "1");
  EXPECT_EQ(cell(vendors, "Axis", "share_percent"), "25.0");
  EXPECT_EQ(sum(vendors, "devices"), number("SELECT count(*) FROM device"));
}

TEST_F(DeviceReports, WithoutMedicalPurposeStandsWhoIsExceptedUntilWhen) {
  const auto made = report("purpose");
  const auto& devices = table(made, "devices");
  EXPECT_EQ(cell(devices, "pump-1", "class"), "(no row)");
  EXPECT_EQ(cell(devices, "dev-6", "class"), "(no row)") << "not identified: it may be medical";
  EXPECT_EQ(cell(devices, "dev-4", "state"), "no exception");
  EXPECT_EQ(cell(devices, "tv-1", "owner"), "facility management");
  std::map<std::string, std::string> states;
  for (const auto& row : devices.rows)
    if (text_of(row[0]) == "tv-1") states[text_of(row[7])] = text_of(row[9]) + " " + text_of(row[10]);
  EXPECT_EQ(states["news"], "2026-11-02 in force") << "the last day counts";
  EXPECT_EQ(states["updates"], "2026-11-01 expired");
}

TEST_F(DeviceReports, HowManyStandOnlyBehindAnUplinkIsSaid) {
  add_evidence("dev-8", "uplink", "place.switch", "sw-hall", 2, 0, 0);
  EXPECT_THAT(notes(report("switches")), HasSubstr("1 stand behind an uplink"));
}

TEST_F(DeviceReports, TheRiskOfASwitchIsTheSumOfItsColumns) {
  add_finding("default_password", "critical", "tv-1");
  add_finding("default_password", "high", "dev-4");
  add_finding("default_password", "high", "dev-4", "acknowledged");
  add_finding("end_of_support", "high", "dev-8");
  for (int i = 0; i < 9; ++i) add_conversation("dev-4", "http", "would_block");
  add_conversation("dev-8", "http", "allow");
  sql("UPDATE device SET quarantine='contain' WHERE id='dev-5'");
  const auto made = report("switches");
  const auto& switches = table(made, "switches");
  EXPECT_EQ(text_of(switches.rows.front()[0]), "sw-hall");
  EXPECT_EQ(text_of(switches.rows.back()[0]), "unplaced");
  EXPECT_EQ(cell(switches, "sw-icu", "risk"), "8") << "two life-critical devices, 4 points each";
  EXPECT_EQ(cell(switches, "sw-hall", "findings_critical"), "10");
  EXPECT_EQ(cell(switches, "sw-hall", "findings_high"), "5") << "open ones; the end of support counts as that";
  EXPECT_EQ(cell(switches, "sw-hall", "end_of_support"), "5");
  EXPECT_EQ(cell(switches, "sw-hall", "blocked_conversations"), "5") << "nine, of which five count";
  EXPECT_EQ(cell(switches, "unplaced", "quarantined"), "10");
  for (const char* name : {"switches", "ports"})
    EXPECT_EQ(sum(table(made, name), "risk"),
              sum(table(made, name), "criticality_points") + sum(table(made, name), "findings_critical") +
                  sum(table(made, name), "findings_high") + sum(table(made, name), "findings_medium") +
                  sum(table(made, name), "findings_low") + sum(table(made, name), "end_of_support") +
                  sum(table(made, name), "blocked_conversations") + sum(table(made, name), "quarantined"))
        << name;
  EXPECT_EQ(sum(switches, "devices"), 8);
  EXPECT_EQ(sum(table(made, "ports"), "devices"), 5) << "a port of no switch is no port";
}

}  // namespace
}  // namespace wardline::reports
