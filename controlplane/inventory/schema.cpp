#include "controlplane/inventory/schema.h"

#include <fmt/format.h>

#include <string>
#include <vector>

namespace wardline::inventory {
namespace {

// Columns are called as the fields of the JSON records; times are microseconds since 1970, UTC.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE device(
  id TEXT PRIMARY KEY, class TEXT NOT NULL, class_reason TEXT NOT NULL, former_class TEXT NOT NULL,
  pinned_class TEXT NOT NULL, confidence INTEGER NOT NULL, runners_up TEXT NOT NULL,
  vendor TEXT NOT NULL, model TEXT NOT NULL, os TEXT NOT NULL, firmware TEXT NOT NULL, serial TEXT NOT NULL,
  hostname TEXT NOT NULL, owner TEXT NOT NULL, ward TEXT NOT NULL, switch TEXT NOT NULL, port TEXT NOT NULL,
  mode TEXT NOT NULL, quarantine TEXT NOT NULL, registered INTEGER NOT NULL,
  first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE interface(
  device_id TEXT NOT NULL REFERENCES device(id) ON DELETE CASCADE, number INTEGER NOT NULL,
  mac TEXT NOT NULL, segment TEXT NOT NULL, ips TEXT NOT NULL,
  PRIMARY KEY(device_id, number)) WITHOUT ROWID;
CREATE INDEX interface_mac ON interface(mac);
CREATE TABLE evidence(
  device_id TEXT NOT NULL REFERENCES device(id) ON DELETE CASCADE, number INTEGER NOT NULL,
  source TEXT NOT NULL, attribute TEXT NOT NULL, value TEXT NOT NULL, weight INTEGER NOT NULL,
  evidence_group INTEGER NOT NULL, first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL,
  PRIMARY KEY(device_id, number)) WITHOUT ROWID;
CREATE TABLE quarantine(
  id TEXT PRIMARY KEY, device_id TEXT NOT NULL, profile TEXT NOT NULL, state TEXT NOT NULL, "by" TEXT NOT NULL,
  reason TEXT NOT NULL, created INTEGER NOT NULL, until INTEGER) WITHOUT ROWID;
CREATE TABLE approval(
  subject TEXT NOT NULL, user TEXT NOT NULL, policy_hash TEXT NOT NULL, time INTEGER NOT NULL,
  PRIMARY KEY(subject, user, policy_hash)) WITHOUT ROWID;
CREATE TABLE record(
  row INTEGER PRIMARY KEY AUTOINCREMENT, type TEXT NOT NULL, id TEXT NOT NULL, time INTEGER NOT NULL,
  device_id TEXT NOT NULL, verdict TEXT NOT NULL, rule TEXT NOT NULL, json TEXT NOT NULL);
CREATE INDEX record_type ON record(type);
CREATE INDEX record_id ON record(id);
CREATE INDEX record_time ON record(time);
CREATE INDEX record_device_id ON record(device_id);
CREATE INDEX record_rule ON record(rule);
)sql";

// Added later: a database without it is as good as one with none in it.
constexpr const char* kHolds =
    "CREATE TABLE IF NOT EXISTS hold(device_id TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID;";

}  // namespace

Result<void> check_content(Database& database, bool records) {
  const std::vector<std::string> some{"(device)", "(interface)", "(evidence)", "(quarantine)", "(approval)"};
  for (const auto& what : records ? std::vector<std::string>{"(1)"} : some) {
    auto statement = database.prepare("PRAGMA quick_check" + what);
    if (!statement) return std::unexpected(statement.error());
    const auto row = statement->step();
    if (!row) return std::unexpected(row.error());
    const auto answer = *row ? statement->text() : std::string("nothing");
    if (answer != "ok") return fail("store.damaged", "", "the database's self-check says: " + answer);
  }
  return {};
}

Result<void> check_schema(Database& database) {
  const auto version = database.number("PRAGMA user_version");
  if (!version) return std::unexpected(version.error());
  if (*version > kSchemaVersion) {
    return fail("store.newer", "",
                fmt::format("the database has schema {}, this program knows up to {}", *version, kSchemaVersion));
  }
  if (*version < kSchemaVersion) {
    return fail(
        "store.older", "",
        fmt::format("the database has schema {}, this program reads {}; the daemon brings it up to date when it "
                    "starts",
                    *version, kSchemaVersion));
  }
  return {};
}

Result<void> prepare_schema(Database& database, bool check_records) {
  const auto version = database.number("PRAGMA user_version");
  if (!version) return std::unexpected(version.error());
  if (*version != 0) {
    if (auto known = check_schema(database); !known) return known;
    if (auto content = check_content(database, check_records); !content) return content;
    return database.execute(kHolds);
  }
  const auto tables = database.number("SELECT count(*) FROM sqlite_schema");
  if (!tables) return std::unexpected(tables.error());
  if (*tables != 0) return fail("store.damaged", "", "the file is an SQLite database, but not an inventory");
  return database.execute(
      fmt::format("BEGIN IMMEDIATE;{}{}PRAGMA user_version={};COMMIT;", kVersion1, kHolds, kSchemaVersion));
}

}  // namespace wardline::inventory
