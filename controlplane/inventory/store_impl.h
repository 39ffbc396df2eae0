#pragma once
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "controlplane/inventory/database.h"
#include "controlplane/inventory/history.h"
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
  // Ids of rows of `name`; bounded.
  std::unordered_map<std::string, std::int64_t> names;
  // Absent until the first conversation is written, as above.
  struct ConversationCounts {
    std::uint64_t all = 0;
    std::unordered_map<std::int64_t, std::uint64_t> by_device;
  };
  std::optional<ConversationCounts> conversation_counts;
  std::int64_t aged_up_to = 0;  // the device whose old conversations were removed last

  // After a transaction that was undone: what is remembered of the tables may not be so.
  void forget_cached();

  // Prepared once and kept. The pointer is valid as long as the store.
  Result<Statement*> statement(std::string_view sql);
  // Counts what is there, so that the bound on records holds from the start.
  Result<void> count_records();

  // The rows of one device. The caller makes the writes atomic.
  Result<void> write_device(const Device& device);
  Result<void> write_interfaces(const Device& device);
  Result<void> write_evidence(const Device& device);
  Result<void> delete_device(const std::string& id);
  Result<std::optional<Device>> stored_device(const std::string& id);  // with its interfaces, without evidence
  Result<void> read_interfaces(std::map<std::string, Device>& devices);
  Result<void> read_evidence(std::map<std::string, Device>& devices);

  // --- store_history.cpp ---
  Result<void> write_changes(const std::vector<Change>& changes, WallTime time);
  Result<void> age_history(WallTime before);
  Result<void> forget_history(const std::string& device_id);

  // --- store_conversations.cpp ---
  Result<std::int64_t> name_id(const std::string& text);
  Result<void> count_conversations();
  Result<bool> add_conversation(const ConversationKey& key, const ConversationSums& sums, std::int64_t device);
  Result<void> drop_peer_name(std::int64_t id);
  Result<void> remove_conversations(Statement& remove, std::int64_t device);
  Result<void> keep_conversations(std::int64_t device, std::uint64_t keep);
  Result<void> bound_conversations();
  Result<void> write_conversations(const Conversations& conversations);
  Result<void> forget_conversations(const std::string& device_id);
  Result<void> age_conversations(WallTime before);

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
