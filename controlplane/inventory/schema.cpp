#include "controlplane/inventory/schema.h"

#include <fmt/format.h>

#include <array>
#include <string>
#include <string_view>

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

// Later programs of version 1 made `hold`, earlier ones did not.
// Conversations are many: their texts stand once, in `name`, and a row has numbers only. `direction` is 0 where the
// device opened, 1 where the peer did. The indices are what reports ask: the refused ones (answered from the index
// alone), the opaque, the one-sided.
constexpr const char* kVersion2 = R"sql(
CREATE TABLE IF NOT EXISTS hold(device_id TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE finding(
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, severity TEXT NOT NULL, device_id TEXT NOT NULL, subject TEXT NOT NULL,
  explanation TEXT NOT NULL, evidence TEXT NOT NULL, state TEXT NOT NULL, note TEXT NOT NULL, "by" TEXT NOT NULL,
  until INTEGER, first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL, count INTEGER NOT NULL,
  UNIQUE(kind, device_id, subject)) WITHOUT ROWID;
CREATE INDEX finding_device_id ON finding(device_id);
CREATE TABLE history(
  device_id TEXT NOT NULL, time INTEGER NOT NULL, attribute TEXT NOT NULL, "before" TEXT NOT NULL,
  "after" TEXT NOT NULL);
CREATE INDEX history_time ON history(time);
CREATE INDEX history_device_id ON history(device_id);
CREATE TABLE name(id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE conversation_row(
  id INTEGER PRIMARY KEY, device INTEGER NOT NULL, direction INTEGER NOT NULL, peer INTEGER NOT NULL,
  app INTEGER NOT NULL, proto INTEGER NOT NULL, port INTEGER NOT NULL, verdict INTEGER NOT NULL,
  first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL, flows INTEGER NOT NULL, packets INTEGER NOT NULL,
  bytes_from_device INTEGER NOT NULL, bytes_to_device INTEGER NOT NULL,
  UNIQUE(device, direction, peer, app, proto, port, verdict));
CREATE INDEX conversation_row_peer ON conversation_row(peer);
CREATE INDEX conversation_row_verdict ON conversation_row(verdict, device, last_seen, flows);
CREATE INDEX conversation_row_app ON conversation_row(app);
CREATE INDEX conversation_row_one_sided ON conversation_row(proto) WHERE bytes_from_device=0 OR bytes_to_device=0;
CREATE VIEW conversation AS
  SELECT d.text AS device_id, CASE r.direction WHEN 0 THEN 'from_device' ELSE 'to_device' END AS direction,
    p.text AS peer, a.text AS app, t.text AS proto, r.port AS port, v.text AS verdict, r.first_seen AS first_seen,
    r.last_seen AS last_seen, r.flows AS flows, r.packets AS packets, r.bytes_from_device AS bytes_from_device,
    r.bytes_to_device AS bytes_to_device
  FROM conversation_row r JOIN name d ON d.id=r.device JOIN name p ON p.id=r.peer JOIN name a ON a.id=r.app
    JOIN name t ON t.id=r.proto JOIN name v ON v.id=r.verdict;
)sql";

constexpr const char* kVersion3 = R"sql(
CREATE TABLE class_hour(
  class TEXT NOT NULL, hour INTEGER NOT NULL, first_seen INTEGER NOT NULL, PRIMARY KEY(class, hour)) WITHOUT ROWID;
)sql";

constexpr const char* kVersion4 = R"sql(
CREATE TABLE class_server(
  class TEXT NOT NULL, app TEXT NOT NULL, first_seen INTEGER NOT NULL, PRIMARY KEY(class, app)) WITHOUT ROWID;
)sql";

// What brings a database from each version to the next. Never change one that was shipped; add one.
constexpr std::array<const char*, kSchemaVersion> kSteps{kVersion1, kVersion2, kVersion3, kVersion4};

// Small tables, which a start reads, and the version that brought each.
struct SmallTable {
  std::string_view name;
  int since;
};
constexpr std::array kSmallTables{SmallTable{"device", 1},     SmallTable{"interface", 1},   SmallTable{"evidence", 1},
                                  SmallTable{"quarantine", 1}, SmallTable{"approval", 1},    SmallTable{"finding", 2},
                                  SmallTable{"class_hour", 3}, SmallTable{"class_server", 4}};

Result<void> quick_check(Database& database, std::string_view what) {
  auto statement = database.prepare(fmt::format("PRAGMA quick_check({})", what));
  if (!statement) return std::unexpected(statement.error());
  const auto row = statement->step();
  if (!row) return std::unexpected(row.error());
  const auto answer = *row ? statement->text() : std::string("nothing");
  if (answer != "ok") return fail("store.damaged", "", "the database's self-check says: " + answer);
  return {};
}

// All steps at once: a program that dies on the way leaves the database as it was.
Result<void> bring_up_to_date(Database& database, std::int64_t version) {
  std::string sql = "BEGIN IMMEDIATE;";
  for (auto step = version; step < kSchemaVersion; ++step) sql += kSteps[static_cast<std::size_t>(step)];
  auto done = database.execute(sql + fmt::format("PRAGMA user_version={};COMMIT;", kSchemaVersion));
  if (!done) static_cast<void>(database.execute("ROLLBACK"));
  return done;
}

}  // namespace

Result<void> check_content(Database& database, bool records) {
  if (records) return quick_check(database, "1");
  const auto version = database.number("PRAGMA user_version");
  if (!version) return std::unexpected(version.error());
  for (const auto& table : kSmallTables) {
    if (table.since > *version) continue;
    if (auto checked = quick_check(database, table.name); !checked) return checked;
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
  if (*version > kSchemaVersion) return check_schema(database);
  if (*version != 0) {
    if (auto content = check_content(database, check_records); !content) return content;
  } else {
    const auto tables = database.number("SELECT count(*) FROM sqlite_schema");
    if (!tables) return std::unexpected(tables.error());
    if (*tables != 0) return fail("store.damaged", "", "the file is an SQLite database, but not an inventory");
  }
  return *version == kSchemaVersion ? Result<void>{} : bring_up_to_date(database, *version);
}

}  // namespace wardline::inventory
