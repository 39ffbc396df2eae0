#include "controlplane/cli/table.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "controlplane/cli/text.h"

namespace wardline::cli {
namespace {

constexpr std::size_t kGap = 2, kLeast = 6;

}  // namespace

Terminal Terminal::of_stdout() {
  Terminal terminal;
  if (isatty(STDOUT_FILENO) == 0) return terminal;
  winsize size{};
  const bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
  terminal.width = known && size.ws_col >= 20 ? size.ws_col : 80;
  terminal.height = known && size.ws_row >= 5 ? size.ws_row : 24;
  terminal.colour = std::getenv("NO_COLOR") == nullptr;
  return terminal;
}

std::string coloured(std::string_view text, Colour colour, const Terminal& terminal) {
  if (!terminal.colour || colour == Colour::kNone) return std::string(text);
  const char* const code = colour == Colour::kGood ? "\x1b[32m" : colour == Colour::kBad ? "\x1b[31m" : "\x1b[33m";
  return code + std::string(text) + "\x1b[0m";
}

std::vector<std::size_t> Table::widths(std::size_t limit) const {
  std::vector<std::size_t> widths;
  for (const auto& heading : headings_) widths.push_back(width_of(heading));
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i].text));
  if (limit == 0) return widths;
  const std::size_t gaps = kGap * (widths.size() - 1);
  while (std::accumulate(widths.begin(), widths.end(), gaps) > limit) {
    const auto widest = std::ranges::max_element(widths);
    if (*widest <= kLeast) break;  // a terminal this narrow wraps
    --*widest;
  }
  return widths;
}

std::string Table::text(const Terminal& terminal) const {
  const auto columns = widths(terminal.width);
  std::string text;
  const auto put = [&](const std::string& cell, std::size_t column, Colour colour) {
    const auto shown = fitted(cell, columns[column]);
    text += coloured(shown, colour, terminal);
    if (column + 1 < columns.size())
      text.append(columns[column] - width_of(shown) + kGap, ' ');
    else
      text += '\n';
  };
  for (std::size_t i = 0; i < headings_.size(); ++i) put(headings_[i], i, Colour::kNone);
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i) put(row[i].text, i, row[i].colour);
  return text;
}

}  // namespace wardline::cli
