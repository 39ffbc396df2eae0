#include "controlplane/reports/render.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/unit/controlplane/reports/made_inventory.h"

namespace wardline::reports {
namespace {

using testing::HasSubstr;
using testing::Not;
using RenderedInventory = MadeInventory;

Table a_table(Row row) {
  Table table{.name = "devices", .title = "Devices", .columns = {}, .rows = {}, .cut = false};
  for (std::size_t i = 0; i < row.size(); ++i) table.columns.push_back({"column_" + std::to_string(i)});
  table.rows.push_back(std::move(row));
  return table;
}

std::string csv_cell(const std::string& text) {
  const auto lines = csv_of(a_table({text}));
  const auto begin = lines.find("\r\n") + 2;
  return lines.substr(begin, lines.size() - begin - 2);
}

TEST(Csv, IsWrittenAsRfc4180Says) {
  const WallTime time{std::chrono::sys_days(std::chrono::year(2026) / 11 / 2)};
  EXPECT_EQ(csv_of(a_table({std::string("sw-1"), std::int64_t{12}, 37.5, Cell{}, time})),
            "column_0,column_1,column_2,column_3,column_4\r\nsw-1,12,37.5,,2026-11-02T00:00:00Z\r\n");
  EXPECT_EQ(csv_cell("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_cell("say \"hello\""), "\"say \"\"hello\"\"\"");
  EXPECT_EQ(csv_cell("two\r\nlines"), "\"two\r\nlines\"");
  EXPECT_EQ(csv_cell("plain text"), "plain text");
}

TEST(Csv, NoTextBecomesAFormula) {
  EXPECT_EQ(csv_cell("=1+1"), "'=1+1");
  EXPECT_EQ(csv_cell("+49 89"), "'+49 89");
  EXPECT_EQ(csv_cell("-2"), "'-2");
  EXPECT_EQ(csv_cell("@SUM(A1)"), "'@SUM(A1)");
  EXPECT_EQ(csv_cell("\t=1"), "'\t=1");
  EXPECT_EQ(csv_cell("  =1"), "'  =1");
  EXPECT_EQ(csv_cell("=HYPERLINK(\"http://x\",\"y\")"), "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"");
  EXPECT_EQ(csv_cell("a=b"), "a=b");
  EXPECT_THAT(csv_of(a_table({std::int64_t{-2}})), HasSubstr("\r\n-2\r\n")) << "a number stays one";
}

TEST_F(RenderedInventory, AHostileNameIsTextOnAPage) {
  sql("UPDATE device SET hostname='<script>alert(1)</script>', vendor='\"><img src=x onerror=''x''>' WHERE id='tv-1'");
  sql("INSERT INTO finding VALUES('n-1', 'rogue_dhcp', 'high', 'tv-1', '</td></table>', 'a & b <b>', '', 'open', '', "
      "'', "
      "NULL, 1, 1, 1)");
  for (const char* question : {"connected", "unauthorised", "purpose"}) {
    const auto page = html_of(report(question));
    EXPECT_THAT(page, Not(HasSubstr("<script")));
    EXPECT_THAT(page, Not(HasSubstr("<img")));
    EXPECT_THAT(page, Not(HasSubstr("</td></table>")));
    EXPECT_THAT(page, HasSubstr("&quot;&gt;&lt;img src=x onerror=&#39;x&#39;&gt;")) << question;
  }
  EXPECT_THAT(html_of(report("unauthorised")), HasSubstr("a &amp; b &lt;b&gt;"));
}

TEST_F(RenderedInventory, APageLoadsNothing) {
  for (const auto& question : questions()) {
    const auto page = html_of(report(question.name));
    EXPECT_THAT(page, HasSubstr("default-src 'none'"));
    for (const char* loads : {"src=", "href=", "url(", "@import", "<script", "<link", "http://", "https://"})
      EXPECT_THAT(page, Not(HasSubstr(loads))) << question.name;
  }
}

TEST_F(RenderedInventory, ATerminalIsNotSteeredByADatabaseFromElsewhere) {
  sql("UPDATE device SET hostname='a' || char(27) || '[2Jb' || char(10) || 'c' WHERE id='tv-1'");
  const auto shown = cell(table(report("connected"), "devices"), "tv-1", "hostname");
  EXPECT_EQ(shown.find('\x1b'), std::string::npos);
  EXPECT_EQ(shown.find('\n'), std::string::npos);
}

TEST_F(RenderedInventory, EveryLineOfJsonIsAnObjectWithTheTablesColumns) {
  sql("UPDATE device SET switch='', model='M \"1\"' WHERE id='tv-1'");
  std::istringstream lines(json_of(report("connected")));
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  const auto head = nlohmann::json::parse(line);
  EXPECT_EQ(head["type"], "report");
  EXPECT_EQ(head["question"], "connected");
  EXPECT_FALSE(head["notes"].empty());
  EXPECT_EQ(head["since"], nullptr);
  int devices = 0;
  while (std::getline(lines, line)) {
    const auto row = nlohmann::json::parse(line);
    EXPECT_EQ(row["type"], "row");
    if (row["table"] != "devices") continue;
    ++devices;
    EXPECT_TRUE(row["confidence"].is_number_integer());
    if (row["device_id"] == "tv-1") {
      EXPECT_EQ(row["model"], "M \"1\"");
    }
  }
  EXPECT_EQ(devices, 8);
}

}  // namespace
}  // namespace wardline::reports
