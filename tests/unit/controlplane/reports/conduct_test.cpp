// What the reports say of conduct and of themselves: behaviour, changes, coverage, assessment; and databases as they
// are.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "tests/unit/controlplane/reports/made_inventory.h"

namespace wardline::reports {
namespace {

using testing::HasSubstr;
using testing::Not;
using ConductReports = MadeInventory;
using OddDatabases = MadeInventory;

TEST_F(ConductReports, WhoIsBlockedOrDetectedMostComesFirst) {
  add_conversation("dev-4", "http", "block");
  add_conversation("dev-4", "tls", "would_block");
  add_conversation("dev-7", "tls", "allow");
  for (int i = 0; i < 3; ++i) add_detection("dev-8", "port-scan");
  add_conversation("dev-8", "", "block", 1000, 0, 30);
  const auto made = report("behaviour");
  const auto& devices = table(made, "devices");
  ASSERT_EQ(devices.rows.size(), 2U);
  EXPECT_EQ(text_of(devices.rows[0][0]), "dev-8");
  EXPECT_EQ(cell(devices, "dev-8", "detections"), "3");
  EXPECT_EQ(cell(devices, "dev-4", "would_block"), "1");
  EXPECT_EQ(sum(devices, "blocked"), number("SELECT count(*) FROM conversation WHERE verdict='block'"));
  EXPECT_EQ(sum(devices, "flows"), number("SELECT sum(flows) FROM conversation WHERE verdict<>'allow'"));
  EXPECT_EQ(cell(table(made, "detections"), "port-scan", "devices"), "1");
  EXPECT_THAT(notes(made), HasSubstr("75.0 % of the conversations"));
  EXPECT_THAT(notes(made), HasSubstr("2 of 8 devices"));
  const auto recent = report("behaviour", {.now = kNow, .since = kNow - std::chrono::days(7)});
  EXPECT_EQ(cell(table(recent, "devices"), "dev-8", "blocked"), "0");
}

TEST_F(ConductReports, ChangesAreThoseOfTheLastWeekUnlessAskedOtherwise) {
  sql("INSERT INTO history VALUES('dev-4', " + std::to_string(days_ago(2)) + ", 'ward', '1A', '4B')");
  sql("INSERT INTO history VALUES('dev-5', " + std::to_string(days_ago(20)) + ", 'ward', '1A', '4B')");
  add_finding("moved", "low", "dev-4");
  const auto week = report("changes");
  ASSERT_EQ(table(week, "changes").rows.size(), 1U);
  EXPECT_EQ(text_of(table(week, "changes").rows[0][5]), "4B");
  EXPECT_EQ(table(week, "findings").rows.size(), 1U);
  EXPECT_TRUE(table(week, "new_devices").rows.empty());
  const auto months = report("changes", {.now = kNow, .since = kNow - std::chrono::days(55)});
  EXPECT_EQ(table(months, "changes").rows.size(), 2U);
  EXPECT_EQ(static_cast<std::int64_t>(table(months, "new_devices").rows.size()),
            number("SELECT count(*) FROM device WHERE first_seen>=" + std::to_string(days_ago(55))));
}

TEST_F(ConductReports, CoverageSaysWhatIsNotSeen) {
  add_conversation("dev-4", "tls", "allow", 100, 300);
  add_conversation("dev-4", "http", "allow", 600, 0);
  const auto made = report("coverage");
  const auto& limits = table(made, "limits");
  EXPECT_EQ(cell(limits, "segments in monitor mode", "count"), std::to_string(segments() - 1)) << "icu-4b enforces";
  EXPECT_EQ(cell(limits, "segments in monitor mode", "of"), std::to_string(segments()));
  EXPECT_EQ(cell(limits, "devices with an unmapped VLAN", "count"), "1");
  EXPECT_EQ(cell(limits, "devices without a place", "share_percent"), "37.5");
  EXPECT_EQ(cell(limits, "opaque conversations", "share_percent"), "50.0");
  EXPECT_EQ(cell(limits, "one-sided TCP conversations", "count"), "1");
  EXPECT_EQ(cell(table(made, "segments"), "unknown", "mode"), "monitor");
  EXPECT_EQ(cell(table(made, "segments"), "icu-4b", "devices"), "2");
  EXPECT_THAT(notes(made), HasSubstr("inside a VLAN"));
}

TEST_F(ConductReports, TheAssessmentMarksWhatIsOnlyProposed) {
  const auto made = report("assessment");
  const auto& asked = table(made, "requirements");
  int proposed = 0;
  for (const auto& row : asked.rows) {
    const bool of_the_proposal = text_of(row[0]).find("90 FR 898") != std::string::npos;
    EXPECT_EQ(text_of(row[1]), of_the_proposal ? "proposed" : "in force") << text_of(row[0]);
    proposed += of_the_proposal ? 1 : 0;
  }
  EXPECT_GE(proposed, 4);
  EXPECT_THAT(cell(asked, "HIPAA 164.308(a)(1)(ii)(A)", "shown"),
              HasSubstr("8 devices, 7 of them identified (87.5 %)"));
  EXPECT_THAT(cell(asked, "HIPAA 164.308(a)(1)(ii)(B)", "shown"),
              HasSubstr("1 of " + std::to_string(segments()) + " segments enforce"));
}

TEST_F(ConductReports, OnlyAnEnforcedSegmentCompensatesForADeviceOutOfSupport) {
  for (const char* device : {"pump-1", "dev-000300000002", "dev-4", "dev-5"})
    add_finding("end_of_support", "medium", device);
  sql("UPDATE device SET mode='monitor' WHERE id='dev-000300000002'");
  sql("UPDATE device SET quarantine='isolate' WHERE id='dev-5'");
  const auto made = report("assessment");
  const auto& legacy = table(made, "legacy");
  EXPECT_EQ(cell(legacy, "pump-1", "isolation"), "in force");
  EXPECT_EQ(cell(legacy, "dev-000300000002", "isolation"), "none: in monitor mode");
  EXPECT_EQ(cell(legacy, "dev-4", "isolation"), "none: its segment is monitored");
  EXPECT_EQ(cell(legacy, "dev-5", "isolation"), "quarantined: isolate");
}

TEST_F(ConductReports, ClearTextIsCountedOfFindingsAndDetections) {
  add_detection("pump-1", "clear-text-patient-data");
  add_detection("pump-1", "clear-text-patient-data");
  add_detection("pump-1", "port-scan");
  add_finding("unencrypted_phi", "low", "dev-4");
  const auto made = report("assessment");
  const auto& clear_text = table(made, "clear_text");
  EXPECT_EQ(cell(clear_text, "pump-1", "count"), "2");
  EXPECT_EQ(cell(clear_text, "dev-4", "what"), "unencrypted_phi");
  EXPECT_EQ(clear_text.rows.size(), 2U);
  EXPECT_EQ(cell(table(made, "requirements"), "HIPAA 164.312(d), (e)", "shown"),
            "3 findings and detections of clear text, of 2 devices");
}

TEST_F(OddDatabases, ATableThatIsMissingIsToldInASentence) {
  sql("DROP TABLE finding; DROP TABLE history; DROP VIEW conversation; DROP TABLE conversation_row; DROP TABLE name;");
  for (const auto& question : questions()) {
    const auto made = report(question.name);
    for (const std::string table : {"finding", "history", "conversation"}) {
      const auto sentence = "has no table `" + table + "`";
      if (question.tables.find(table) != std::string_view::npos)
        EXPECT_THAT(notes(made), HasSubstr(sentence)) << question.name;
      else
        EXPECT_THAT(notes(made), Not(HasSubstr(sentence))) << question.name;
    }
  }
}

TEST_F(OddDatabases, WithoutAPolicyEveryReportIsMadeAndSaysSo) {
  with_policy_ = false;
  for (const auto& question : questions())
    EXPECT_EQ(notes(report(question.name)).find("No policy was read") != std::string::npos,
              !question.from_policy.empty())
        << question.name;
}

TEST_F(OddDatabases, AnEmptyInventoryGivesReportsWithoutShares) {
  sql("DELETE FROM device");
  for (const auto& question : questions()) EXPECT_TRUE(try_report(question.name)) << question.name;
  EXPECT_THAT(notes(report("connected")), HasSubstr("no share (0 of 0 devices)"));
}

TEST_F(OddDatabases, MoreRowsThanAskedForAreTold) {
  const auto made = report("connected", {.now = kNow, .since = {}, .top = 5, .limit = 3});
  EXPECT_EQ(table(made, "devices").rows.size(), 3U);
  EXPECT_THAT(notes(made), HasSubstr("\"Devices\" has more than the 3 rows shown"));
  EXPECT_THAT(notes(report("connected", {.now = kNow, .since = {}, .top = 5, .limit = 8})),
              Not(HasSubstr("rows shown")));
}

TEST_F(OddDatabases, AReportIsMadeWhileTheDaemonWrites) {
  sql("BEGIN IMMEDIATE; DELETE FROM device WHERE id='dev-4'");
  EXPECT_EQ(table(report("connected"), "devices").rows.size(), 8U) << "what is not committed is not there";
  sql("COMMIT");
  EXPECT_EQ(table(report("connected"), "devices").rows.size(), 7U);
}

TEST_F(OddDatabases, WhatIsNoInventoryIsRefused) {
  const auto elsewhere = Source::open(path_ + ".none", nullptr, {.now = kNow, .since = {}});
  ASSERT_FALSE(elsewhere);
  EXPECT_EQ(elsewhere.error().code, "store.missing");
  std::ofstream(path_ + ".text") << std::string(5000, 'x');
  const auto text = Source::open(path_ + ".text", nullptr, {.now = kNow, .since = {}});
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, "store.damaged");
  EXPECT_TRUE(inventory::Database::open(path_ + ".other", false)->execute("CREATE TABLE other(x)"));
  const auto other = Source::open(path_ + ".other", nullptr, {.now = kNow, .since = {}});
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().what, HasSubstr("not an inventory"));
}

}  // namespace
}  // namespace wardline::reports
