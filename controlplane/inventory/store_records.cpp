#include <algorithm>

#include "controlplane/inventory/store_impl.h"

namespace wardline::inventory {
namespace {

// Deleting is dearer than inserting, so the bound is passed by a little and then restored in one go.
std::uint64_t slack(std::uint64_t bound) {
  return std::min<std::uint64_t>(1024, bound / 8);
}

StoredRecord read_record(Statement& row) {
  StoredRecord record;
  record.row = row.number();
  record.type = row.text();
  record.id = row.text();
  record.time = wall_time(row.number());
  record.device_id = row.text();
  record.verdict = row.text();
  record.rule = row.text();
  record.json = row.text();
  return record;
}

// The SQL has only the conditions that are asked for, so that each question can use its index.
std::string select_for(const RecordFilter& filter) {
  std::string sql = "SELECT row, type, id, time, device_id, verdict, rule, json FROM record WHERE 1";
  if (!filter.type.empty()) sql += " AND type=?";
  if (!filter.id.empty()) sql += " AND id=?";
  if (!filter.device_id.empty()) sql += " AND device_id=?";
  if (!filter.verdict.empty()) sql += " AND verdict=?";
  if (!filter.rule.empty()) sql += " AND rule=?";
  if (filter.since) sql += " AND time>=?";
  if (filter.before_row) sql += " AND row<?";
  return sql + " ORDER BY row DESC LIMIT ?";
}

void bind_filter(Statement& select, const RecordFilter& filter) {
  for (const auto* text : {&filter.type, &filter.id, &filter.device_id, &filter.verdict, &filter.rule})
    if (!text->empty()) select.bind(*text);
  if (filter.since) select.bind(microseconds(*filter.since));
  if (filter.before_row) select.bind(*filter.before_row);
  select.bind(static_cast<std::int64_t>(std::min<std::size_t>(filter.limit, 1'000'000)));
}

}  // namespace

Result<void> Store::Impl::count_records() {
  auto select = statement("SELECT type, count(*) FROM record GROUP BY type");
  if (!select) return std::unexpected(select.error());
  auto& counts = record_counts.emplace();
  auto counted = for_each_row(**select, [&](Statement& row) {
    const auto type = row.text();
    counts[type] = static_cast<std::uint64_t>(row.number());
  });
  if (!counted) record_counts.reset();
  return counted;
}

Result<void> Store::Impl::drop_oldest(const std::string& type, std::uint64_t& count) {
  auto remove = statement(
      "DELETE FROM record WHERE type=?1 AND row <= "
      "(SELECT row FROM record WHERE type=?1 ORDER BY row DESC LIMIT 1 OFFSET ?2)");
  if (!remove) return std::unexpected(remove.error());
  auto removed = (*remove)->bind(type).bind(static_cast<std::int64_t>(options.records_per_type)).run();
  if (removed) count = options.records_per_type;
  return removed;
}

Result<void> Store::append_record(const StoredRecord& record) {
  const std::lock_guard lock(impl_->mutex);
  if (!impl_->record_counts)
    if (auto counted = impl_->count_records(); !counted) return counted;
  auto insert =
      impl_->statement("INSERT INTO record(type, id, time, device_id, verdict, rule, json) VALUES(?,?,?,?,?,?,?)");
  if (!insert) return std::unexpected(insert.error());
  auto& row = **insert;
  row.bind(record.type).bind(record.id).bind(microseconds(record.time)).bind(record.device_id);
  row.bind(record.verdict).bind(record.rule).bind(record.json);
  if (auto written = row.run(); !written) return written;
  auto& count = (*impl_->record_counts)[record.type];
  const auto bound = impl_->options.records_per_type;
  return ++count > bound + slack(bound) ? impl_->drop_oldest(record.type, count) : Result<void>{};
}

Result<std::vector<StoredRecord>> Store::list_records(const RecordFilter& filter) {
  const std::lock_guard lock(impl_->mutex);
  auto select = impl_->statement(select_for(filter));
  if (!select) return std::unexpected(select.error());
  bind_filter(**select, filter);
  std::vector<StoredRecord> records;
  auto read = for_each_row(**select, [&](Statement& row) { records.push_back(read_record(row)); });
  if (!read) return std::unexpected(read.error());
  return records;
}

}  // namespace wardline::inventory
