#include "controlplane/inventory/store_impl.h"

namespace wardline::inventory {

Result<void> Store::save_class_server(const ClassServer& server) {
  const std::lock_guard lock(impl_->mutex);
  auto insert = impl_->statement(
      "INSERT INTO class_server(class, app, first_seen) VALUES(?,?,?) "
      "ON CONFLICT DO UPDATE SET first_seen=min(first_seen, excluded.first_seen)");
  if (!insert) return std::unexpected(insert.error());
  return (*insert)->bind(server.device_class).bind(server.app).bind(microseconds(server.first_seen)).run();
}

Result<std::vector<ClassServer>> Store::load_class_servers() {
  const std::lock_guard lock(impl_->mutex);
  auto select = impl_->statement("SELECT class, app, first_seen FROM class_server");
  if (!select) return std::unexpected(select.error());
  std::vector<ClassServer> servers;
  auto read = for_each_row(**select, [&](Statement& row) {
    ClassServer server{.device_class = row.text(), .app = row.text()};
    server.first_seen = wall_time(row.number());
    servers.push_back(std::move(server));
  });
  if (!read) return std::unexpected(read.error());
  return servers;
}

}  // namespace wardline::inventory
