#include <fmt/format.h>

#include <algorithm>

#include "controlplane/reports/render.h"

namespace wardline::reports {
namespace {

// The policy forbids the page to load anything or run a script, should an escape ever be forgotten.
constexpr std::string_view kHead = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
)";
constexpr std::string_view kStyle = R"(<style>
body { font: 15px/1.4 sans-serif; margin: 2em; color: #222; background: #fff }
table { border-collapse: collapse; margin-bottom: 2em }
caption { text-align: left; font-size: 1.2em; font-weight: bold; padding: .4em 0 }
th, td { text-align: left; vertical-align: top; padding: .2em .8em .2em 0; border-bottom: 1px solid #ccc }
td.number { text-align: right }
th { position: sticky; top: 0; background: #fff }
@media print { th { position: static } body { margin: 0 } }
</style>
</head>
<body>
)";

std::string escaped(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  for (const char c : text) switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        safe += c;
    }
  return safe;
}

std::string words_of(std::string name) {
  std::ranges::replace(name, '_', ' ');
  return name;
}

void put_table(std::string& page, const Table& table) {
  page += "<table id=\"" + escaped(table.name) + "\">\n<caption>" + escaped(table.title) + "</caption>\n<thead><tr>";
  for (const auto& column : table.columns) page += "<th>" + escaped(words_of(column.name)) + "</th>";
  page += "</tr></thead>\n<tbody>\n";
  for (const auto& row : table.rows) {
    page += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) {
      const auto kind = table.columns[i].kind;
      page += kind == Kind::kCount || kind == Kind::kShare ? "<td class=\"number\">" : "<td>";
      page += escaped(text_of(row[i])) + "</td>";
    }
    page += "</tr>\n";
  }
  page += "</tbody>\n</table>\n";
  if (table.rows.empty()) page += "<p>None.</p>\n";
}

}  // namespace

std::string html_of(const Report& report) {
  std::string page(kHead);
  page += "<title>" + escaped(report.title) + "</title>\n";
  page += kStyle;
  page += "<h1>" + escaped(report.title) + "</h1>\n<p>" + text_of(report.time);
  if (report.since) page += ", since " + text_of(*report.since);
  if (!report.policy_hash.empty()) page += ", policy " + escaped(report.policy_hash);
  page += "</p>\n<ul>\n";
  for (const auto& note : report.notes) page += "<li>" + escaped(note) + "</li>\n";
  page += "</ul>\n";
  for (const auto& table : report.tables) put_table(page, table);
  return page + "</body>\n</html>\n";
}

}  // namespace wardline::reports
