#pragma once
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/inventory/database.h"
#include "controlplane/inventory/store.h"

namespace wardline::inventory {

// What the files of the store share. Every public call holds `mutex`.
struct Store::Impl {
  std::mutex mutex;
  StoreOptions options;
  Database database;
  std::map<std::string, Statement, std::less<>> statements;  // by their SQL; destroyed before the connection
  // By type; absent until the first record is written: to count a full store takes longer than a start may.
  std::optional<std::map<std::string, std::uint64_t, std::less<>>> record_counts;
  std::vector<Error> warnings;
  bool in_batch = false;

  // Prepared once and kept. The pointer is valid as long as the store.
  Result<Statement*> statement(std::string_view sql);
  // Counts what is there, so that the bound on records holds from the start.
  Result<void> count_records();

  // The rows of one device. The caller makes the writes atomic.
  Result<void> write_device(const Device& device);
  Result<void> write_interfaces(const Device& device);
  Result<void> write_evidence(const Device& device);
  Result<void> delete_device(const std::string& id);
  Result<void> read_interfaces(std::map<std::string, Device>& devices);
  Result<void> read_evidence(std::map<std::string, Device>& devices);

  Result<std::vector<Approval>> approvals(const std::string& subject);
  Result<void> drop_oldest(const std::string& type, std::uint64_t& count);
};

inline std::int64_t microseconds(WallTime time) {
  return time.time_since_epoch().count();
}
inline WallTime wall_time(std::int64_t microseconds) {
  return WallTime(std::chrono::microseconds(microseconds));
}

// Calls `read` with the statement at each row.
template <typename Read>
Result<void> for_each_row(Statement& statement, Read read) {
  for (;;) {
    const auto row = statement.step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return {};
    read(statement);
  }
}

}  // namespace wardline::inventory
