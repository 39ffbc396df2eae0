#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wardline::cli {

// Where the output goes.
struct Terminal {
  std::size_t width = 0;  // columns; 0: not a terminal, no limit
  std::size_t height = 0;
  bool colour = false;  // a terminal, and NO_COLOR is not set
  static Terminal of_stdout();
};

enum class Colour : std::uint8_t { kNone, kGood, kBad, kNotice };
std::string coloured(std::string_view text, Colour colour, const Terminal& terminal);

// Aligned columns for people. Cells that do not fit the terminal lose their end, widest columns first; the last
// column is padded with nothing.
class Table {
 public:
  struct Cell {
    std::string text;
    Colour colour = Colour::kNone;
  };
  explicit Table(std::vector<std::string> headings) : headings_(std::move(headings)) {}
  void add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }  // as many cells as headings
  bool empty() const { return rows_.empty(); }
  std::string text(const Terminal& terminal) const;

 private:
  std::vector<std::size_t> widths(std::size_t limit) const;
  std::vector<std::string> headings_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace wardline::cli
