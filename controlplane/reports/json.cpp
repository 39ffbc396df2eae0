#include <nlohmann/json.hpp>

#include "controlplane/reports/render.h"

namespace wardline::reports {
namespace {

using Json = nlohmann::ordered_json;

std::string dumped(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string value_of(const Cell& cell) {
  struct Values {
    std::string operator()(std::monostate) const { return "null"; }
    std::string operator()(const std::string& text) const { return dumped(text); }
    std::string operator()(std::int64_t count) const { return std::to_string(count); }
    std::string operator()(double percent) const { return dumped(percent); }
    std::string operator()(WallTime time) const { return '"' + text_of(time) + '"'; }
  };
  return std::visit(Values{}, cell);
}

// Put together by hand: there may be millions of cells, and what stands before each is the same in every row.
void put_rows(std::string& text, const Table& table) {
  std::vector<std::string> before;
  for (const auto& column : table.columns) before.push_back(',' + dumped(column.name) + ':');
  const auto begin = R"({"type":"row","table":)" + dumped(table.name);
  for (const auto& row : table.rows) {
    text += begin;
    for (std::size_t i = 0; i < row.size(); ++i) (text += before[i]) += value_of(row[i]);
    text += "}\n";
  }
}

}  // namespace

std::string json_of(const Report& report) {
  const Json head{{"type", "report"},
                  {"question", report.question},
                  {"title", report.title},
                  {"time", text_of(report.time)},
                  {"since", report.since ? Json(text_of(*report.since)) : Json(nullptr)},
                  {"policy_hash", report.policy_hash.empty() ? Json(nullptr) : Json(report.policy_hash)},
                  {"notes", report.notes}};
  std::string text = dumped(head) + '\n';
  for (const auto& table : report.tables) put_rows(text, table);
  return text;
}

}  // namespace wardline::reports
