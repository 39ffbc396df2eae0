#include "controlplane/inventory/store_impl.h"

namespace wardline::inventory {
namespace {

constexpr std::int64_t kRemovedAtOnce = 10'000;  // a bound on what the control thread waits for

}  // namespace

// Rows of `history` are numbered in the order of writing, so the oldest of a device are those with the lowest rowid.
Result<void> Store::Impl::write_changes(const std::vector<Change>& changes, WallTime time) {
  if (changes.empty()) return {};
  auto insert = statement("INSERT INTO history(device_id, time, attribute, \"before\", \"after\") VALUES(?,?,?,?,?)");
  if (!insert) return std::unexpected(insert.error());
  for (const auto& change : changes) {
    auto& row = **insert;
    row.bind(change.device_id).bind(microseconds(time)).bind(change.attribute).bind(change.before).bind(change.after);
    if (auto written = row.run(); !written) return written;
  }
  auto remove = statement(
      "DELETE FROM history WHERE device_id=?1 AND rowid <= "
      "(SELECT rowid FROM history WHERE device_id=?1 ORDER BY rowid DESC LIMIT 1 OFFSET ?2)");
  if (!remove) return std::unexpected(remove.error());
  return (*remove)->bind(changes.front().device_id).bind(static_cast<std::int64_t>(options.changes_per_device)).run();
}

Result<std::vector<Change>> Store::load_changes(const std::string& device_id) {
  const std::lock_guard lock(impl_->mutex);
  auto select = impl_->statement(
      "SELECT time, attribute, \"before\", \"after\" FROM history WHERE device_id=? ORDER BY rowid DESC");
  if (!select) return std::unexpected(select.error());
  (*select)->bind(device_id);
  std::vector<Change> changes;
  auto read = for_each_row(**select, [&](Statement& row) {
    changes.push_back({.device_id = device_id,
                       .time = wall_time(row.number()),
                       .attribute = row.text(),
                       .before = row.text(),
                       .after = row.text()});
  });
  if (!read) return std::unexpected(read.error());
  return changes;
}

Result<void> Store::Impl::age_history(WallTime before) {
  auto aged = statement("DELETE FROM history WHERE rowid IN (SELECT rowid FROM history WHERE time<? LIMIT ?)");
  if (!aged) return std::unexpected(aged.error());
  if (auto done = (*aged)->bind(microseconds(before)).bind(kRemovedAtOnce).run(); !done) return done;
  auto beyond = statement(
      "DELETE FROM history WHERE rowid IN (SELECT rowid FROM history WHERE rowid <= "
      "(SELECT max(rowid) FROM history) - ? ORDER BY rowid LIMIT ?)");
  if (!beyond) return std::unexpected(beyond.error());
  return (*beyond)->bind(static_cast<std::int64_t>(options.changes)).bind(kRemovedAtOnce).run();
}

Result<void> Store::Impl::forget_history(const std::string& device_id) {
  auto remove = statement("DELETE FROM history WHERE device_id=?");
  if (!remove) return std::unexpected(remove.error());
  return (*remove)->bind(device_id).run();
}

}  // namespace wardline::inventory
