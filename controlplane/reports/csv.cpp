#include "controlplane/reports/render.h"

namespace wardline::reports {
namespace {

// A spreadsheet takes text that begins so for a formula, and a formula can send what stands beside it elsewhere. A
// blank or a line end before it does not hinder all of them.
bool like_formula(std::string_view text) {
  const auto first = text.find_first_not_of(" ");
  return first != std::string_view::npos && std::string_view("=+-@\t\r\n").find(text[first]) != std::string_view::npos;
}

// RFC 4180, section 2, rules 5 to 7.
void put_quoted(std::string& line, std::string_view text) {
  if (text.find_first_of("\",\r\n") == std::string_view::npos) {
    line += text;
    return;
  }
  line += '"';
  for (const char c : text) line.append(c == '"' ? 2 : 1, c);
  line += '"';
}

void put_cell(std::string& line, const Cell& cell) {
  const auto* text = std::get_if<std::string>(&cell);
  put_quoted(line, text != nullptr && like_formula(*text) ? "'" + *text : text_of(cell));
}

}  // namespace

std::string csv_of(const Table& table) {
  std::string lines;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (i != 0) lines += ',';
    put_quoted(lines, table.columns[i].name);
  }
  lines += "\r\n";
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i != 0) lines += ',';
      put_cell(lines, row[i]);
    }
    lines += "\r\n";
  }
  return lines;
}

}  // namespace wardline::reports
