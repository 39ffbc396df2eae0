#include "controlplane/assets/register_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controlplane/assets/merge.h"
#include "controlplane/assets/replace.h"
#include "controlplane/inventory/address_text.h"

namespace wardline::assets {
namespace {

using testing::HasSubstr;

constexpr const char* kRegister =
    "# Kept by hand. Übersicht: K\xc3\xb6ln\n"
    "devices:\n"
    "  # The pumps of 4B.\n"
    "  - id: pump-1   # bed 3\n"
    "    class: infusion-pump\n"
    "    macs: [\"58:46:E1:00:01:07\"]  # its only one\n"
    "    owner: \"Technik \\\"S\xc3\xbc"
    "d\\\"\"\n"
    "    exceptions:\n"
    "      - {name: ftp, opens_to: pump-servers, app: [ftp], port: [21], reason: \"old\", until: \"2027-01-31\"}\n"
    "  - {id: monitor-1, macs: [\"58:46:e1:00:02:01\", \"58:46:e1:00:02:02\"], serial: \"77\", ward: 4B}\n"
    "  - id: monitor-2\n"
    "    macs:\n"
    "      - \"58:46:e1:00:03:01\"\n"
    "    title: Monitor of bed 2\n"
    "# The end.\n";

RegisterText parsed(const std::string& text = kRegister) {
  auto made = RegisterText::parse(text, "devices.yaml");
  EXPECT_TRUE(made) << (made ? "" : made.error().front().text());
  return std::move(*made);
}

policy::RegisterEntry device(std::string id, std::initializer_list<const char*> macs) {
  policy::RegisterEntry entry;
  entry.id = std::move(id);
  for (const char* mac : macs) entry.macs.push_back(*inventory::parse_mac(mac));
  entry.at = {"cmdb.csv", 2, 1};
  return entry;
}

// The text in which this stands instead.
std::string with(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(RegisterText, OnlyTheChangedValuesChange) {
  auto text = parsed();
  text.set(0, "class", "syringe-pump", true);
  text.set(0, "owner", "North", false);
  text.set(1, "ward", "5A", false);
  text.set(2, "title", "Bed 2: \"new\"", false);
  auto expected = with(kRegister, "class: infusion-pump", "class: syringe-pump");
  expected = with(expected,
                  "\"Technik \\\"S\xc3\xbc"
                  "d\\\"\"",
                  "\"North\"");
  expected = with(expected, "ward: 4B", "ward: \"5A\"");
  expected = with(expected, "Monitor of bed 2", "\"Bed 2: \\\"new\\\"\"");
  EXPECT_EQ(text.finish().value_or("refused"), expected);
}

TEST(RegisterText, NewKeysAndMacsStandWhereTheEntryIs) {
  auto text = parsed();
  text.set(0, "ward", "4B", false);
  text.set(0, "model", "Space", false);
  text.add_mac(0, *inventory::parse_mac("58:46:e1:00:01:08"));
  text.set(1, "class", "patient-monitor", true);
  text.add_mac(2, *inventory::parse_mac("58:46:e1:00:03:02"));
  auto expected = with(kRegister, "# bed 3\n", "# bed 3\n    ward: \"4B\"\n    model: \"Space\"\n");
  expected = with(expected, "01:07\"]", "01:07\", \"58:46:e1:00:01:08\"]");
  expected = with(expected, "id: monitor-1,", "id: monitor-1, class: patient-monitor,");
  expected = with(expected, "03:01\"\n", "03:01\"\n      - \"58:46:e1:00:03:02\"\n");
  EXPECT_EQ(text.finish().value_or("refused"), expected);
}

TEST(RegisterText, NewEntriesStandAtTheEnd) {
  auto text = parsed();
  text.append(device("pump-2", {"58:46:e1:00:01:09"}));
  EXPECT_EQ(text.finish().value_or("refused"),
            std::string(kRegister) + "  - id: pump-2\n    macs: [\"58:46:e1:00:01:09\"]\n");
  auto empty = parsed("# Nobody yet.\ndevices: []\n");
  empty.append(device("pump-2", {"58:46:e1:00:01:09"}));
  EXPECT_EQ(empty.finish().value_or("refused"),
            "# Nobody yet.\ndevices: \n  - id: pump-2\n    macs: [\"58:46:e1:00:01:09\"]\n");
}

TEST(RegisterText, WhatCannotBeChangedSafelyIsRefusedWithItsPlace) {
  auto folded = parsed("devices:\n  - id: a\n    serial: \"1\"\n    title: \"one\n      two\"\n");
  folded.set(0, "title", "three", false);
  EXPECT_EQ(folded.finish().error().where, "devices.yaml:4:12");
  auto bracket = parsed("devices: [{id: a, serial: \"1\"}]\n");
  bracket.append(device("b", {"58:46:e1:00:01:09"}));
  EXPECT_THAT(bracket.finish().error().what, HasSubstr("written in [ ]"));
}

TEST(RegisterText, ARegisterThatIsBadIsNotTouched) {
  EXPECT_FALSE(RegisterText::parse("devices:\n  - {id: a, macs: [58:46:e1:00:01:07]}\n", "devices.yaml"));
  EXPECT_FALSE(RegisterText::parse("devices: []", "devices.yaml"));
}

TEST(RegisterText, NamesThatYamlReadsAsSomethingElseAreQuoted) {
  auto text = parsed();
  for (const char* id : {"0815", "no", "2026-11-29", "null", "77"}) {
    auto entry = device(id, {});
    entry.serial = id;
    text.append(entry);
  }
  const auto done = text.finish();
  ASSERT_TRUE(done) << done.error().text();
  EXPECT_THAT(*done, HasSubstr("- id: \"0815\"\n"));
  EXPECT_THAT(*done, HasSubstr("- id: 77\n"));
}

TEST(RegisterText, ALargeRegisterIsRead) {
  std::string large = "devices:\n";
  for (int i = 0; large.size() < 2'000'000; ++i) large += "  - {id: d-" + std::to_string(i) + ", serial: \"1\"}\n";
  auto text = parsed(large);
  const auto last = text.entries().size() - 1;
  for (std::size_t i = 0; i <= last; ++i) text.set(i, "ward", "4B", false);
  const auto done = text.finish();
  ASSERT_TRUE(done) << done.error().text();
  EXPECT_THAT(done->substr(done->size() - 60), HasSubstr("{id: d-" + std::to_string(last) + ", ward: \"4B\", serial"));
}

TEST(Merge, LinesAreAddedChangedOrLeft) {
  auto text = parsed();
  auto renamed = device("inv-77", {"58:46:e1:00:02:01"});  // the monitor, by another id
  renamed.ward = "5A";
  auto same = device("pump-1", {"58:46:e1:00:01:07"});
  same.device_class = "infusion-pump";
  Errors errors;
  const auto merged = merge({same, renamed, device("pump-2", {"58:46:e1:00:01:09"})}, text, errors);
  ASSERT_TRUE(errors.empty()) << errors.front().text();
  ASSERT_EQ(merged.size(), 3U);
  EXPECT_EQ(merged[0].outcome, Outcome::kLeft);
  EXPECT_EQ(merged[1].outcome, Outcome::kChanged);
  EXPECT_EQ(merged[1].id, "monitor-1");
  ASSERT_EQ(merged[1].changes.size(), 1U);
  EXPECT_EQ(merged[1].changes[0].before, "4B");
  EXPECT_EQ(merged[2].outcome, Outcome::kAdded);
  auto expected = with(kRegister, "ward: 4B", "ward: \"5A\"");
  EXPECT_EQ(text.finish().value_or("refused"), expected + "  - id: pump-2\n    macs: [\"58:46:e1:00:01:09\"]\n");
}

TEST(Merge, ADeviceThatMayBeTwoEntriesIsRefused) {
  auto text = parsed();
  Errors errors;
  merge({device("pump-1", {"58:46:e1:00:02:01"})}, text, errors);
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_THAT(errors[0].text(), HasSubstr("cmdb.csv:2:1: 'pump-1' may be several entries"));
  EXPECT_THAT(errors[0].what, HasSubstr("monitor-1 (devices.yaml:10)"));
}

Result<Replaced> replaced(std::string_view old, std::string_view mac, std::string_view serial = "") {
  return replace_device(parsed(), {.old = old,
                                   .mac = mac,
                                   .serial = serial,
                                   .ticket = "4711",
                                   .day = std::chrono::sys_days(std::chrono::year(2026) / 11 / 29)});
}

TEST(Replace, TheNewDeviceTakesTheLineAndANoteSaysWhy) {
  const auto done = replaced("pump-1", "58-46-E1-00-09-09");
  ASSERT_TRUE(done) << done.error().text();
  EXPECT_EQ(done->id, "pump-1");
  auto expected = with(kRegister, "\"58:46:E1:00:01:07\"", "\"58:46:e1:00:09:09\"");
  expected = with(expected, "  - id: pump-1",
                  "  # 2026-11-29, ticket 4711: 58:46:e1:00:01:07 replaced by 58:46:e1:00:09:09\n  - id: pump-1");
  EXPECT_EQ(done->text, expected);
  EXPECT_TRUE(done->notices.empty());
  EXPECT_EQ(difference(kRegister, done->text).substr(0, 14), "@@ line 4 @@\n-");
}

TEST(Replace, OfSeveralMacsTheOneThatIsNamedGoes) {
  const auto done = replaced("58:46:e1:00:02:02", "58:46:e1:00:09:09", "78");
  ASSERT_TRUE(done) << done.error().text();
  EXPECT_THAT(done->text, HasSubstr("macs: [\"58:46:e1:00:02:01\", \"58:46:e1:00:09:09\"], serial: \"78\""));
  const auto told = replaced("58:46:e1:00:02:02", "58:46:e1:00:09:09");
  ASSERT_TRUE(told);
  ASSERT_EQ(told->notices.size(), 1U);
  EXPECT_THAT(told->notices[0], HasSubstr("serial '77' is still the old device's"));
}

TEST(Replace, WhatIsInDoubtIsRefused) {
  EXPECT_EQ(replaced("monitor-1", "58:46:e1:00:09:09").error().code, "asset.several-macs");
  EXPECT_EQ(replaced("pump-1", "58:46:e1:00:02:01").error().code, "asset.double-mac");
  EXPECT_EQ(replaced("pump-1", "58:46:e1:00:01:07").error().code, "asset.double-mac");
  EXPECT_EQ(replaced("pump-1", "01:00:5e:00:00:01").error().code, "asset.mac");
  EXPECT_EQ(replaced("pump-9", "58:46:e1:00:09:09").error().code, "asset.unknown");
}

}  // namespace
}  // namespace wardline::assets
