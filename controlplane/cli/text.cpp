#include "controlplane/cli/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace wardline::cli {
namespace {

constexpr std::string_view kEllipsis = "\xe2\x80\xa6";

bool begins_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0) != 0x80;
}

}  // namespace

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, begins_character));
}

std::string fitted(const std::string& text, std::size_t width) {
  if (width_of(text) <= width) return text;
  std::string cut;
  std::size_t taken = 0;
  for (const char byte : text) {
    if (begins_character(byte) && taken++ == width - 1) break;
    cut.push_back(byte);
  }
  return cut.append(kEllipsis);
}

std::string wrapped(std::string_view text, std::size_t width, std::size_t indent) {
  std::string lines;
  std::size_t column = indent;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    const auto word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    const bool begins_line = column == indent;
    if (!begins_line && column + 1 + width_of(word) > width) {
      lines += '\n' + std::string(indent, ' ');
      column = indent;
    } else if (!begins_line) {
      lines += ' ';
      ++column;
    }
    lines += word;
    column += width_of(word);
  }
  return lines;
}

std::string amount(double value) {
  constexpr std::array kUnits{"", "k", "M", "G", "T", "P"};
  std::size_t unit = 0;
  for (; value >= 999.5 && unit + 1 < kUnits.size(); ++unit) value /= 1000;
  const bool whole = value >= 9.95 || (unit == 0 && value == static_cast<double>(static_cast<std::uint64_t>(value)));
  return whole ? fmt::format("{:.0f}{}", value, kUnits[unit]) : fmt::format("{:.1f}{}", value, kUnits[unit]);
}

}  // namespace wardline::cli
