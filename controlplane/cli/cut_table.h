#pragma once
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "controlplane/cli/table.h"

namespace wardline::cli {

// A table of at most `most` rows, and a line that says how many more there are.
class CutTable {
 public:
  CutTable(std::vector<std::string> headings, std::size_t most) : table_(std::move(headings)), most_(most) {}

  void add(std::vector<Table::Cell> row) {
    if (shown_ == most_) return hide();
    ++shown_;
    table_.add(std::move(row));
  }
  void hide() { ++hidden_; }  // a row that is not worth a line here

  // Behind an empty line; "" where there is nothing to show.
  std::string text(const Terminal& terminal) const {
    if (shown_ == 0) return "";
    auto text = "\n" + table_.text(terminal);
    if (hidden_ != 0) text += "... and " + std::to_string(hidden_) + " more (--json has all)\n";
    return text;
  }

 private:
  Table table_;
  std::size_t most_, shown_ = 0, hidden_ = 0;
};

}  // namespace wardline::cli
