#include <array>
#include <nlohmann/json.hpp>

#include "controlplane/inventory/store_impl.h"

namespace wardline::inventory {
namespace {

using Json = nlohmann::json;

constexpr std::array kStates{FindingState::kOpen, FindingState::kAcknowledged, FindingState::kResolved};

std::string list_text(const std::vector<std::string>& list) {
  return Json(list).dump(-1, ' ', false, Json::error_handler_t::replace);
}

// A hand at the file may have written anything.
std::vector<std::string> parse_list(const std::string& text) {
  std::vector<std::string> list;
  const auto json = Json::parse(text, nullptr, false);
  if (!json.is_array()) return list;
  for (const auto& item : json)
    if (item.is_string()) list.push_back(item.get<std::string>());
  return list;
}

Finding read_finding(Statement& row) {
  Finding finding;
  for (auto* text :
       {&finding.id, &finding.kind, &finding.severity, &finding.device_id, &finding.subject, &finding.explanation})
    *text = row.text();
  finding.evidence = parse_list(row.text());
  finding.state = finding_state_named(row.text()).value_or(FindingState::kOpen);
  finding.note = row.text();
  finding.by = row.text();
  const bool ends = !row.null();
  const auto until = wall_time(row.number());
  if (ends) finding.until = until;
  finding.first_seen = wall_time(row.number());
  finding.last_seen = wall_time(row.number());
  finding.count = static_cast<std::uint64_t>(row.number());
  return finding;
}

}  // namespace

std::string_view text_of(FindingState state) {
  switch (state) {
    case FindingState::kOpen:
      return "open";
    case FindingState::kAcknowledged:
      return "acknowledged";
    case FindingState::kResolved:
      return "resolved";
  }
  return "open";
}

std::optional<FindingState> finding_state_named(std::string_view text) {
  for (const auto state : kStates)
    if (text_of(state) == text) return state;
  return std::nullopt;
}

Result<void> Store::save_finding(const Finding& finding) {
  const std::lock_guard lock(impl_->mutex);
  auto insert = impl_->statement(
      "INSERT OR REPLACE INTO finding(id, kind, severity, device_id, subject, explanation, evidence, state, note, "
      "\"by\", until, first_seen, last_seen, count) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
  if (!insert) return std::unexpected(insert.error());
  auto& row = **insert;
  for (const auto* text :
       {&finding.id, &finding.kind, &finding.severity, &finding.device_id, &finding.subject, &finding.explanation})
    row.bind(*text);
  row.bind(list_text(finding.evidence)).bind(text_of(finding.state)).bind(finding.note).bind(finding.by);
  if (finding.until) {
    row.bind(microseconds(*finding.until));
  } else {
    row.bind_null();
  }
  row.bind(microseconds(finding.first_seen)).bind(microseconds(finding.last_seen));
  row.bind(static_cast<std::int64_t>(finding.count));
  return row.run();
}

Result<void> Store::remove_finding(const std::string& id) {
  const std::lock_guard lock(impl_->mutex);
  auto remove = impl_->statement("DELETE FROM finding WHERE id=?");
  if (!remove) return std::unexpected(remove.error());
  return (*remove)->bind(id).run();
}

Result<std::vector<Finding>> Store::load_findings() {
  const std::lock_guard lock(impl_->mutex);
  auto select = impl_->statement(
      "SELECT id, kind, severity, device_id, subject, explanation, evidence, state, note, \"by\", until, first_seen, "
      "last_seen, count FROM finding ORDER BY first_seen, id");
  if (!select) return std::unexpected(select.error());
  std::vector<Finding> findings;
  auto read = for_each_row(**select, [&](Statement& row) { findings.push_back(read_finding(row)); });
  if (!read) return std::unexpected(read.error());
  return findings;
}

}  // namespace wardline::inventory
