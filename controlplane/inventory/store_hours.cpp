#include "controlplane/inventory/store_impl.h"

namespace wardline::inventory {

Result<void> Store::save_class_hour(const ClassHour& hour) {
  const std::lock_guard lock(impl_->mutex);
  auto insert = impl_->statement("INSERT OR IGNORE INTO class_hour(class, hour, first_seen) VALUES(?,?,?)");
  if (!insert) return std::unexpected(insert.error());
  auto& row = **insert;
  row.bind(hour.device_class).bind(static_cast<std::int64_t>(hour.hour)).bind(microseconds(hour.first_seen));
  return row.run();
}

Result<std::vector<ClassHour>> Store::load_class_hours() {
  const std::lock_guard lock(impl_->mutex);
  auto select = impl_->statement("SELECT class, hour, first_seen FROM class_hour");
  if (!select) return std::unexpected(select.error());
  std::vector<ClassHour> hours;
  auto read = for_each_row(**select, [&](Statement& row) {
    ClassHour hour{.device_class = row.text()};
    hour.hour = static_cast<int>(row.number());
    hour.first_seen = wall_time(row.number());
    hours.push_back(std::move(hour));
  });
  if (!read) return std::unexpected(read.error());
  return hours;
}

}  // namespace wardline::inventory
