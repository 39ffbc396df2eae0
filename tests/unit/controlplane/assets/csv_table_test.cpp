#include "controlplane/assets/csv_table.h"

#include <gtest/gtest.h>

namespace wardline::assets {
namespace {

// Cells as "line:column text", rows apart by newlines.
std::string cells_of(const std::string& bytes) {
  Errors errors;
  const auto table = read_csv(bytes, "f.csv", errors);
  if (!table) return errors.empty() ? "nothing, without a word" : errors.front().text();
  std::string text;
  for (const auto& row : table->rows) {
    for (const auto& cell : row)
      text += std::to_string(cell.at.line) + ":" + std::to_string(cell.at.column) + " " + cell.text + "|";
    text += "\n";
  }
  return text;
}

TEST(Csv, CellsHaveTheirPlaces) {
  EXPECT_EQ(cells_of("a,b\n1,22\n\n333,4\n"), "2:1 1|2:3 22|\n4:1 333|4:5 4|\n");
  EXPECT_EQ(cells_of("a,b\r\n1,\r\n,2\r\n"), "2:1 1|2:3 |\n3:1 |3:2 2|\n");
  EXPECT_EQ(cells_of("a,b\n  \n1,2\n"), "3:1 1|3:3 2|\n");
  EXPECT_EQ(cells_of("a,b\n1,2"), "2:1 1|2:3 2|\n");
}

TEST(Csv, ACellInQuotationMarksMayHoldSeparatorsLinesAndMarks) {
  EXPECT_EQ(cells_of("a,b\n\"1,\n2\",\"say \"\"so\"\"\"\n3,4\n"), "2:1 1,\n2|3:4 say \"so\"|\n4:1 3|4:3 4|\n");
}

TEST(Csv, SemicolonsAndAByteOrderMarkAreTaken) {
  EXPECT_EQ(cells_of("\xef\xbb\xbf"
                     "a;b;c,d\n1;2,3;4\n"),
            "2:1 1|2:3 2,3|2:7 4|\n");
}

TEST(Csv, WhatIsNoneIsRefusedAtItsPlace) {
  EXPECT_EQ(cells_of(""), "f.csv:1:1: the file is empty; expected a line of names and lines of cells");
  EXPECT_EQ(cells_of("a,b\n1,2\n1\n").substr(0, 32), "f.csv:3:1: this line has 1 cells");
  EXPECT_EQ(cells_of("a,b\n1,2\"3\n").substr(0, 28), "f.csv:2:3: the quotation mar");
  EXPECT_EQ(cells_of("a,b\n1,\"2\n\n").substr(0, 28), "f.csv:2:3: the quotation mar");
  EXPECT_EQ(cells_of("\xff\xfe"
                     "a\0")
                .substr(0, 29),
            "f.csv:1:1: the file is UTF-16");
}

}  // namespace
}  // namespace wardline::assets
