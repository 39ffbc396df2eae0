#include "controlplane/reports/source.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "controlplane/inventory/text.h"
#include "controlplane/reports/policy_tables.h"

namespace wardline::reports {
namespace {

constexpr std::size_t kMostText = 4096;  // bytes of one cell

// What stands in for a table that came with a later schema than the database's.
struct StandIn {
  std::string_view table, columns;
};
constexpr std::array kStandIns{
    StandIn{"finding",
            "id, kind, severity, device_id, subject, explanation, evidence, state, note, \"by\", until, first_seen, "
            "last_seen, count"},
    StandIn{"history", "device_id, time, attribute, \"before\", \"after\""},
    StandIn{"conversation",
            "device_id, direction, peer, app, proto, port, verdict, first_seen, last_seen, flows, packets, "
            "bytes_from_device, bytes_to_device"},
    StandIn{"conversation_row", "device, app, proto, verdict, last_seen, flows, bytes_from_device, bytes_to_device"},
    StandIn{"name", "id, text"},
};

// Nearly all text is, and a report may have millions of cells.
bool plain(std::string_view text) {
  return text.size() <= kMostText && std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

// The daemon cleans what comes from the wire before it is stored. A file from elsewhere is made harmless here.
Cell cell_of(inventory::Statement& row, Kind kind) {
  const bool absent = row.null();
  switch (kind) {
    case Kind::kCount:
      if (const auto count = row.number(); !absent) return count;
      return {};
    case Kind::kShare:
      if (const auto thousandths = row.number(); !absent) return static_cast<double>(thousandths) / 1000;
      return {};
    case Kind::kTime:
      if (const auto time = row.number(); !absent) return WallTime(std::chrono::microseconds(time));
      return {};
    case Kind::kText:
      break;
  }
  const auto text = row.text();
  if (absent) return {};
  return plain(text) ? text : inventory::clean_text(text, kMostText);
}

}  // namespace

Result<Source> Source::open(const std::string& path, const policy::StatedPolicy* policy, const Options& options) {
  std::error_code fault;
  if (!std::filesystem::is_regular_file(path, fault))
    return fail("store.missing", path, "there is no database here; `--db` names another");
  if (access(path.c_str(), R_OK) != 0) return fail("store.not-permitted", path, "you may not read the database");
  auto database = inventory::Database::open(path, true);
  if (!database) return std::unexpected(database.error());
  Source source;
  source.database_ = std::move(*database);
  source.options_ = options;
  if (policy != nullptr) source.policy_hash_ = policy->hash;
  // One transaction, so that all queries see one moment while the daemon goes on writing.
  auto ready = source.database_.execute("PRAGMA temp_store=MEMORY; PRAGMA cache_size=-65536; BEGIN;");
  if (ready) ready = source.stand_in();
  if (!ready) return std::unexpected(ready.error());
  make_policy_tables(source, policy);
  if (source.error()) return std::unexpected(*source.error());
  return source;
}

Result<void> Source::stand_in() {
  const auto there = [&](std::string_view table) {
    return database_.number(fmt::format("SELECT count(*) FROM main.sqlite_schema WHERE name='{}'", table));
  };
  const auto devices = there("device");
  if (!devices) return std::unexpected(devices.error());
  if (*devices == 0) return fail("store.damaged", "", "the file is an SQLite database, but not an inventory");
  for (const auto& [table, columns] : kStandIns) {
    const auto known = there(table);
    if (!known) return std::unexpected(known.error());
    if (*known != 0) continue;
    missing_.emplace(table);
    if (auto made = database_.execute(fmt::format("CREATE TEMP TABLE {}({})", table, columns)); !made) return made;
  }
  return {};
}

std::int64_t Source::since() const {
  return options_.since ? options_.since->time_since_epoch().count() : 0;
}

std::int64_t Source::now() const {
  return options_.now.time_since_epoch().count();
}

void Source::keep(const Error& error) {
  if (!error_) error_ = error;
}

std::optional<inventory::Statement> Source::prepare(const std::string& sql, std::initializer_list<Value> values) {
  if (error_) return std::nullopt;
  auto statement = database_.prepare(sql);
  if (!statement) {
    keep(statement.error());
    return std::nullopt;
  }
  for (const auto& value : values) std::visit([&](const auto& bound) { statement->bind(bound); }, value);
  return std::move(*statement);
}

Table Source::table(std::string name, std::string title, std::vector<Column> columns, const std::string& sql,
                    std::initializer_list<Value> values) {
  Table table{
      .name = std::move(name), .title = std::move(title), .columns = std::move(columns), .rows = {}, .cut = false};
  auto statement = prepare(sql, values);
  while (statement) {
    const auto row = statement->step();
    if (!row) keep(row.error());
    if (!row || !*row) break;
    table.cut = table.rows.size() == options_.limit;
    if (table.cut) break;
    auto& cells = table.rows.emplace_back();
    cells.reserve(table.columns.size());
    for (const auto& column : table.columns) cells.push_back(cell_of(*statement, column.kind));
  }
  return table;
}

std::int64_t Source::number(const std::string& sql, std::initializer_list<Value> values) {
  auto statement = prepare(sql, values);
  if (!statement) return 0;
  const auto row = statement->step();
  if (!row) keep(row.error());
  return row && *row ? statement->number() : 0;
}

void Source::execute(const std::string& sql, std::initializer_list<Value> values) {
  auto statement = prepare(sql, values);
  if (!statement) return;
  if (const auto done = statement->run(); !done) keep(done.error());
}

}  // namespace wardline::reports
