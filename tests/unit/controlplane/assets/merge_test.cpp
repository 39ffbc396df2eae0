#include "controlplane/assets/merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controlplane/assets/replace.h"
#include "controlplane/inventory/address_text.h"

namespace wardline::assets {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

RegisterText a_register(const std::string& entries) {
  auto made = RegisterText::parse("devices:\n" + entries, "devices.yaml");
  EXPECT_TRUE(made) << (made ? "" : made.error().front().text());
  return std::move(*made);
}

policy::RegisterEntry line_of(std::string id, const char* mac, std::string serial) {
  policy::RegisterEntry line;
  line.id = std::move(id);
  if (*mac != '\0') line.macs.push_back(*inventory::parse_mac(mac));
  line.serial = std::move(serial);
  line.at = {"cmdb.csv", 2, 1};
  return line;
}

// A ventilator with a serial number, and a camera of an export that has the same.
struct SameSerial {
  RegisterText text;
  policy::RegisterEntry line = line_of("cam-7", "00:40:8c:00:00:01", "1001");
  Errors errors;
  explicit SameSerial(const std::string& rest) : text(a_register("  - id: vent-1\n    serial: \"1001\"\n" + rest)) {}
  std::vector<Merged> merged() { return merge({line}, text, errors); }
};

TEST(MergeBySerial, AnotherMacIsAnotherDevice) {
  SameSerial given("    macs: [\"58:46:e1:00:01:07\"]\n");
  EXPECT_TRUE(given.merged().empty());
  ASSERT_EQ(given.errors.size(), 1U);
  EXPECT_EQ(given.errors[0].code, "asset.two-entries");
  EXPECT_THAT(given.errors[0].what, HasSubstr("serial number '1001' of vent-1 (devices.yaml:2), but another MAC"));
  EXPECT_EQ(given.text.finish().value_or(""), given.text.before());
}

TEST(MergeBySerial, AnotherVendorIsAnotherDevice) {
  SameSerial given("    vendor: Acme\n");
  given.line.vendor = "Lens Ltd";
  EXPECT_TRUE(given.merged().empty());
  ASSERT_EQ(given.errors.size(), 1U);
  EXPECT_THAT(given.errors[0].what, HasSubstr("but another vendor"));
}

TEST(MergeBySerial, WhereNothingSpeaksAgainstItTheEntryIsTheDevice) {
  SameSerial given("    vendor: Acme\n");
  given.line.vendor = "ACME Medical";
  const auto merged = given.merged();
  ASSERT_TRUE(given.errors.empty()) << given.errors[0].text();
  ASSERT_EQ(merged.size(), 1U);
  EXPECT_EQ(merged[0].id, "vent-1");
  EXPECT_EQ(merged[0].export_id, "cam-7");
}

TEST(MergeBySerial, TwoEntriesThatHaveItAreInDoubt) {
  SameSerial given("  - id: vent-2\n    serial: \"1001\"\n");
  EXPECT_TRUE(given.merged().empty());
  ASSERT_EQ(given.errors.size(), 1U);
  EXPECT_THAT(given.errors[0].what, HasSubstr("vent-1 (devices.yaml:2), vent-2 (devices.yaml:4)"));
}

TEST(MergeConflicts, TwoLinesOfOneEntryBothChangeNothing) {
  auto text = a_register("  - id: vent-1\n    macs: [\"58:46:e1:00:01:07\"]\n    ward: \"4B\"\n");
  auto first = line_of("vent-1", "", "1"), second = line_of("inv-9", "58:46:e1:00:01:07", "2"),
       other = line_of("c", "", "3");
  first.ward = second.ward = "5A";
  second.at.line = 3;
  other.at.line = 4;
  Errors conflicts;
  const auto merged = merge({first, second, other}, text, conflicts);
  ASSERT_EQ(conflicts.size(), 2U);
  EXPECT_EQ(conflicts[0].where, "cmdb.csv:2:1");
  EXPECT_THAT(conflicts[0].what,
              HasSubstr("'vent-1' is the same entry of the register as 'inv-9' (cmdb.csv:3): vent-1"));
  EXPECT_EQ(conflicts[1].where, "cmdb.csv:3:1");
  ASSERT_EQ(merged.size(), 1U) << "the line that is not in doubt";
  EXPECT_EQ(merged[0].id, "c");
  EXPECT_THAT(text.finish().value_or(""), HasSubstr("ward: \"4B\""));
}

TEST(MergeConflicts, TheyAreToldInTheOrderOfTheirLines) {
  SameSerial given("    macs: [\"58:46:e1:00:01:07\"]\n");
  auto late = line_of("cam-8", "00:40:8c:00:00:02", "1001"), first = line_of("vent-1", "", ""), second = first;
  first.at.line = 3;
  second.at.line = 4;
  second.id = "inv-9";
  second.macs.push_back(*inventory::parse_mac("58:46:e1:00:01:07"));
  late.at.line = 5;
  merge({given.line, first, second, late}, given.text, given.errors);
  ASSERT_EQ(given.errors.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(given.errors[i].where, "cmdb.csv:" + std::to_string(i + 2) + ":1");
}

TEST(MergeBySerial, WordsThatStandForNoneDoNotTell) {
  auto text = a_register("  - id: vent-1\n    serial: \"n/a\"\n");
  Errors errors;
  const auto merged = merge({line_of("cam-7", "", "n/a")}, text, errors);
  ASSERT_EQ(merged.size(), 1U);
  EXPECT_EQ(merged[0].outcome, Outcome::kAdded);
}

TEST(MergeBySerial, OneThatStandsTwiceIsTold) {
  auto text = a_register("  - id: a\n    serial: \"1\"\n  - id: b\n    serial: \"1\"\n");
  Errors errors;
  const auto merged = merge({line_of("a", "", "1"), line_of("c", "", "2"), line_of("d", "", "2")}, text, errors);
  ASSERT_TRUE(errors.empty()) << errors[0].text();
  ASSERT_EQ(merged.size(), 3U);
  EXPECT_THAT(merged[0].notices, ElementsAre("serial '1' is also that of b (devices.yaml:4)"));
  EXPECT_TRUE(merged[1].notices.empty());
  EXPECT_THAT(merged[2].notices, ElementsAre("serial '2' is also that of 'c' (cmdb.csv:2)"));
}

TEST(MergeMacs, OneThatTheExportLacksIsTold) {
  auto text = a_register("  - id: p1\n    macs: [\"58:46:e1:00:01:07\"]\n");
  Errors errors;
  const auto merged = merge({line_of("p1", "58:46:e1:00:09:09", "")}, text, errors);
  ASSERT_EQ(merged.size(), 1U);
  EXPECT_EQ(merged[0].outcome, Outcome::kChanged);
  EXPECT_THAT(merged[0].notices, ElementsAre("MAC 58:46:e1:00:01:07 of p1 is not in the export and keeps its pin"));
}

TEST(NotInExport, EntriesOfLinesThatGiveNoDeviceAreNotCounted) {
  const auto text = a_register(
      "  - id: a\n    serial: \"1\"\n  - id: b\n    macs: [\"58:46:e1:00:01:07\"]\n  - id: c\n    serial: \"3\"\n"
      "  - id: d\n    serial: \"4\"\n");
  Merged merged;
  merged.id = "d";
  const std::vector lines{line_of("a", "", ""), line_of("x", "58:46:e1:00:01:07", "")};
  EXPECT_EQ(not_in_export(text.entries(), {merged}, lines), 1U) << "c alone";
}

// p1 after its device was replaced.
std::string after_replacement() {
  auto text = a_register("  - id: p1\n    macs: [\"58:46:e1:00:01:07\"]\n    serial: \"77\"\n    ward: \"4B\"\n");
  const auto done = replace_device(std::move(text), {.old = "p1",
                                                     .mac = "58:46:e1:00:09:09",
                                                     .serial = "78",
                                                     .ticket = "4711",
                                                     .day = std::chrono::sys_days(std::chrono::year(2026) / 11 / 29)});
  EXPECT_TRUE(done) << (done ? "" : done.error().text());
  return done ? done->text.substr(done->text.find('\n') + 1) : "";
}

TEST(MergeReplaced, TheOldDeviceDoesNotComeBack) {
  for (const char* id : {"p1", "inv-9"}) {  // by another id it is found by the MAC that it had
    auto text = a_register(after_replacement());
    auto line = line_of(id, "58:46:e1:00:01:07", "77");
    line.ward = "5A";
    Errors errors;
    const auto merged = merge({line}, text, errors);
    ASSERT_TRUE(errors.empty()) << errors[0].text();
    ASSERT_EQ(merged.size(), 1U);
    EXPECT_EQ(merged[0].id, "p1");
    ASSERT_EQ(merged[0].changes.size(), 1U) << "the ward alone";
    const auto after = text.finish().value_or("");
    EXPECT_THAT(after, HasSubstr("macs: [\"58:46:e1:00:09:09\"]\n    serial: \"78\"\n    ward: \"5A\"\n"));
    EXPECT_THAT(merged[0].notices, ElementsAre(HasSubstr("MAC 58:46:e1:00:01:07 of p1 was replaced"),
                                               HasSubstr("serial '77' is that of the device which p1 replaced")));
  }
}

TEST(MergeReplaced, ItsSerialNumberAloneDoesNotComeBackEither) {
  auto text = a_register(after_replacement());
  Errors errors;
  const auto merged = merge({line_of("p1", "", "77")}, text, errors);
  ASSERT_EQ(merged.size(), 1U);
  EXPECT_EQ(merged[0].outcome, Outcome::kLeft);
  EXPECT_EQ(merged[0].notices.size(), 1U);
}

}  // namespace
}  // namespace wardline::assets
