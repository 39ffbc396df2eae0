#include <algorithm>
#include <array>
#include <set>

#include "controlplane/inventory/store_impl.h"

namespace wardline::inventory {
namespace {

constexpr std::size_t kMostNamesCached = 65'536;
constexpr std::size_t kDevicesTrimmedAtOnce = 64;  // a bound on what one write of the control thread waits for
constexpr std::size_t kDevicesAgedAtOnce = 256;    // of each trim(); the rest have their turn later

// Deleting is dearer than inserting, so the bound is passed by an eighth and then restored in one go.
std::uint64_t with_slack(std::uint64_t bound) {
  return bound + bound / 8;
}

std::int64_t number(std::uint64_t value) {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(value, INT64_MAX));
}

}  // namespace

void ConversationSums::add(const ConversationSums& more) {
  const bool fresh = last_seen == WallTime{};
  first_seen = fresh ? more.first_seen : std::min(first_seen, more.first_seen);
  last_seen = std::max(last_seen, more.last_seen);
  flows += more.flows;
  packets += more.packets;
  bytes_from_device += more.bytes_from_device;
  bytes_to_device += more.bytes_to_device;
}

Result<std::int64_t> Store::Impl::name_id(const std::string& text) {
  if (const auto known = names.find(text); known != names.end()) return known->second;
  auto insert = statement("INSERT OR IGNORE INTO name(text) VALUES(?)");
  if (!insert) return std::unexpected(insert.error());
  if (auto done = (*insert)->bind(text).run(); !done) return std::unexpected(done.error());
  auto select = statement("SELECT id FROM name WHERE text=?");
  if (!select) return std::unexpected(select.error());
  std::int64_t id = 0;
  (*select)->bind(text);
  if (auto read = for_each_row(**select, [&](Statement& row) { id = row.number(); }); !read)
    return std::unexpected(read.error());
  if (names.size() >= kMostNamesCached) names.clear();
  names.emplace(text, id);
  return id;
}

Result<void> Store::Impl::count_conversations() {
  auto select = statement("SELECT device, count(*) FROM conversation_row GROUP BY device");
  if (!select) return std::unexpected(select.error());
  conversation_counts = ConversationCounts{};
  auto& counts = *conversation_counts;
  auto counted = for_each_row(**select, [&](Statement& row) {
    const auto device = row.number();
    const auto count = static_cast<std::uint64_t>(row.number());
    counts.by_device[device] = count;
    counts.all += count;
  });
  if (!counted) conversation_counts.reset();
  return counted;
}

// True where it is a row that was not there.
Result<bool> Store::Impl::add_conversation(const ConversationKey& key, const ConversationSums& sums,
                                           std::int64_t device) {
  std::array<std::int64_t, 4> names_of_key{};
  const std::array texts{&key.peer, &key.app, &key.proto, &key.verdict};
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto id = name_id(*texts[i]);
    if (!id) return std::unexpected(id.error());
    names_of_key[i] = *id;
  }
  const auto write = [&](Statement& row) {
    row.bind(microseconds(sums.first_seen)).bind(microseconds(sums.last_seen)).bind(number(sums.flows));
    row.bind(number(sums.packets)).bind(number(sums.bytes_from_device)).bind(number(sums.bytes_to_device));
    for (const auto id : names_of_key) row.bind(id);
    row.bind(device).bind(std::int64_t{key.to_device}).bind(std::int64_t{key.port});
    return row.run();
  };
  auto update = statement(
      "UPDATE conversation_row SET first_seen=min(first_seen,?1), last_seen=max(last_seen,?2), flows=flows+?3, "
      "packets=packets+?4, bytes_from_device=bytes_from_device+?5, bytes_to_device=bytes_to_device+?6 "
      "WHERE peer=?7 AND app=?8 AND proto=?9 AND verdict=?10 AND device=?11 AND direction=?12 AND port=?13");
  if (!update) return std::unexpected(update.error());
  if (auto done = write(**update); !done) return std::unexpected(done.error());
  if (database.changes() != 0) return false;
  auto insert = statement(
      "INSERT INTO conversation_row(first_seen, last_seen, flows, packets, bytes_from_device, bytes_to_device, peer, "
      "app, proto, verdict, device, direction, port) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)");
  if (!insert) return std::unexpected(insert.error());
  if (auto done = write(**insert); !done) return std::unexpected(done.error());
  return true;
}

// An address that nobody speaks with any more: a device that scans would fill the table of names for ever. Names of
// roles, applications and verdicts are the policy's, so there are few, and they stay.
Result<void> Store::Impl::drop_peer_name(std::int64_t id) {
  auto remove = statement(
      "DELETE FROM name WHERE id=?1 AND (text GLOB '*:*' OR text GLOB '[0-9]*.[0-9]*.[0-9]*.[0-9]*') "
      "AND NOT EXISTS(SELECT 1 FROM conversation_row WHERE peer=?1) "
      "AND NOT EXISTS(SELECT 1 FROM conversation_row WHERE device=?1) RETURNING text");
  if (!remove) return std::unexpected(remove.error());
  (*remove)->bind(id);
  return for_each_row(**remove, [&](Statement& row) { names.erase(row.text()); });
}

// `remove` gives the peer of each row of this device that goes; its values are bound already.
Result<void> Store::Impl::remove_conversations(Statement& remove, std::int64_t device) {
  std::set<std::int64_t> peers;
  std::uint64_t gone = 0;
  auto read = for_each_row(remove, [&](Statement& row) {
    peers.insert(row.number());
    ++gone;
  });
  if (!read) return read;
  if (conversation_counts && gone != 0) {
    conversation_counts->all -= std::min(gone, conversation_counts->all);
    auto& count = conversation_counts->by_device[device];
    count -= std::min(gone, count);
    if (count == 0) conversation_counts->by_device.erase(device);
  }
  for (const auto peer : peers)
    if (auto dropped = drop_peer_name(peer); !dropped) return dropped;
  return {};
}

// Of one device, the least recently seen go.
Result<void> Store::Impl::keep_conversations(std::int64_t device, std::uint64_t keep) {
  auto remove = statement(
      "DELETE FROM conversation_row WHERE id IN (SELECT id FROM conversation_row WHERE device=? "
      "ORDER BY last_seen DESC, id DESC LIMIT -1 OFFSET ?) RETURNING peer");
  if (!remove) return std::unexpected(remove.error());
  (*remove)->bind(device).bind(number(keep));
  return remove_conversations(**remove, device);
}

// Over the bound of all, whoever has most gives up an eighth: a device that scans loses its own history, not another's.
Result<void> Store::Impl::bound_conversations() {
  auto& counts = *conversation_counts;
  for (std::size_t i = 0; i < kDevicesTrimmedAtOnce && counts.all > options.conversations; ++i) {
    const auto most = std::ranges::max_element(counts.by_device, {}, [](const auto& item) { return item.second; });
    if (most == counts.by_device.end()) return {};
    const auto [device, count] = *most;
    if (auto kept = keep_conversations(device, count - std::max<std::uint64_t>(1, count / 8)); !kept) return kept;
  }
  return {};
}

Result<void> Store::Impl::write_conversations(const Conversations& conversations) {
  if (!conversation_counts)
    if (auto counted = count_conversations(); !counted) return counted;
  for (const auto& [key, sums] : conversations) {
    const auto device = name_id(key.device_id);
    if (!device) return std::unexpected(device.error());
    const auto added = add_conversation(key, sums, *device);
    if (!added) return std::unexpected(added.error());
    if (!*added) continue;
    ++conversation_counts->all;
    if (++conversation_counts->by_device[*device] <= with_slack(options.conversations_per_device)) continue;
    if (auto kept = keep_conversations(*device, options.conversations_per_device); !kept) return kept;
  }
  return bound_conversations();
}

Result<void> Store::add_conversations(const Conversations& conversations) {
  const std::lock_guard lock(impl_->mutex);
  if (conversations.empty()) return {};
  auto done = impl_->database.execute("SAVEPOINT conversations");
  if (!done) return done;
  done = impl_->write_conversations(conversations);
  if (!done) {
    static_cast<void>(impl_->database.execute("ROLLBACK TO conversations"));
    impl_->forget_cached();
  }
  auto released = impl_->database.execute("RELEASE conversations");
  return done ? released : done;
}

Result<Conversations> Store::load_conversations(const std::string& device_id) {
  const std::lock_guard lock(impl_->mutex);
  auto select = impl_->statement(
      "SELECT direction, peer, app, proto, port, verdict, first_seen, last_seen, flows, packets, bytes_from_device, "
      "bytes_to_device FROM conversation WHERE device_id=?");
  if (!select) return std::unexpected(select.error());
  (*select)->bind(device_id);
  Conversations conversations;
  const auto count = [](Statement& row) { return static_cast<std::uint64_t>(row.number()); };
  auto read = for_each_row(**select, [&](Statement& row) {
    ConversationKey key{.device_id = device_id, .to_device = row.text() == "to_device"};
    key.peer = row.text();
    key.app = row.text();
    key.proto = row.text();
    key.port = static_cast<std::uint16_t>(row.number());
    key.verdict = row.text();
    auto& sums = conversations[std::move(key)];
    sums.first_seen = wall_time(row.number());
    sums.last_seen = wall_time(row.number());
    sums.flows = count(row);
    sums.packets = count(row);
    sums.bytes_from_device = count(row);
    sums.bytes_to_device = count(row);
  });
  if (!read) return std::unexpected(read.error());
  return conversations;
}

// All of a device that is forgotten, and its name.
Result<void> Store::Impl::forget_conversations(const std::string& device_id) {
  auto select = statement("SELECT id FROM name WHERE text=?");
  if (!select) return std::unexpected(select.error());
  std::optional<std::int64_t> device;
  (*select)->bind(device_id);
  auto read = for_each_row(**select, [&](Statement& row) { device = row.number(); });
  if (!read || !device) return read;
  if (auto kept = keep_conversations(*device, 0); !kept) return kept;
  names.erase(device_id);
  auto remove = statement("DELETE FROM name WHERE id=?");
  if (!remove) return std::unexpected(remove.error());
  return (*remove)->bind(*device).run();
}

// Those too old, of the devices whose turn it is.
Result<void> Store::Impl::age_conversations(WallTime before) {
  auto next = statement("SELECT min(device) FROM conversation_row WHERE device>?");
  auto remove = statement("DELETE FROM conversation_row WHERE device=? AND last_seen<? RETURNING peer");
  if (!next || !remove) return std::unexpected(next ? remove.error() : next.error());
  for (std::size_t i = 0; i < kDevicesAgedAtOnce; ++i) {
    std::optional<std::int64_t> device;
    (*next)->bind(aged_up_to);
    auto read = for_each_row(**next, [&](Statement& row) {
      if (!row.null()) device = row.number();
    });
    if (!read) return read;
    aged_up_to = device.value_or(0);
    if (!device) return {};
    (*remove)->bind(*device).bind(microseconds(before));
    if (auto removed = remove_conversations(**remove, *device); !removed) return removed;
  }
  return {};
}

}  // namespace wardline::inventory
