#include "controlplane/inventory/schema.h"

#include "tests/unit/controlplane/inventory/store_folder.h"

namespace wardline::inventory {
namespace {

// As version 1 made it, with one device and one record; written out, since it must not follow the program.
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
INSERT INTO device VALUES('dev-1','smart-tv','','','',100,'','','','','','','','','','','','inherit','contain',1,5,6);
INSERT INTO interface VALUES('dev-1',0,'02:00:00:00:00:01','rooms','10.20.0.1');
INSERT INTO record VALUES(1,'flow','f-1',5,'dev-1','allow','tv/web','{}');
PRAGMA user_version=1;
)sql";

class Schema : public StoreTest {};

TEST_F(Schema, AFileOfVersion1IsBroughtUpToDateWithAllThatStandsInIt) {
  execute(kVersion1);
  const auto store = open();
  EXPECT_TRUE(store->warnings().empty());
  EXPECT_EQ(rows("PRAGMA user_version"), std::vector<std::string>{"4"});
  const auto devices = store->load_devices();
  ASSERT_EQ(devices->size(), 1U);
  EXPECT_EQ(devices->front().quarantine, "contain");
  EXPECT_EQ(store->list_records({.type = "flow"})->size(), 1U);
  EXPECT_TRUE(store->load_findings()->empty());
  EXPECT_TRUE(store->load_class_servers()->empty());
  EXPECT_TRUE(store->load_holds(at(0))->empty()) << "a file from before holds has none";
  EXPECT_TRUE(rows("SELECT * FROM conversation").empty());
  EXPECT_TRUE(open()->warnings().empty()) << "and the next start has nothing to do";
}

TEST_F(Schema, AFileOfVersion1ThatHasHoldsKeepsThem) {
  execute(std::string(kVersion1) +
          "CREATE TABLE hold(device_id TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID;"
          "INSERT INTO hold VALUES('dev-1', 9000000);");
  EXPECT_EQ(open()->load_holds(at(1))->at("dev-1"), at(9));
}

TEST_F(Schema, AFileOfVersion3GetsTheServersOfClassesAndKeepsTheirHours) {
  {
    const auto store = open();
    ASSERT_TRUE(store->save_class_hour({.device_class = "smart-tv", .hour = 7, .first_seen = at(100)}));
  }
  execute("DROP TABLE class_server; PRAGMA user_version=3;");
  const auto store = open();
  EXPECT_TRUE(store->warnings().empty());
  EXPECT_EQ(rows("PRAGMA user_version"), std::vector<std::string>{"4"});
  EXPECT_EQ(store->load_class_hours()->size(), 1U);
  EXPECT_TRUE(store->load_class_servers()->empty());
}

TEST_F(Schema, AStepThatFailsLeavesTheFileAsItWas) {
  execute(std::string(kVersion1) + "CREATE TABLE history(other);");
  const auto store = Store::open(path_);
  ASSERT_FALSE(store);
  EXPECT_EQ(rows("PRAGMA user_version"), std::vector<std::string>{"1"});
  EXPECT_TRUE(rows("SELECT name FROM sqlite_schema WHERE name='finding'").empty());
  EXPECT_EQ(rows("SELECT id FROM device").size(), 1U);
}

TEST_F(Schema, AReaderOfAnOldFileIsToldWhoBringsItUpToDate) {
  execute(kVersion1);
  const auto store = Store::open(path_, {.read_only = true});
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, "store.older");
  EXPECT_NE(store.error().what.find("the daemon brings it up to date when it starts"), std::string::npos);
  EXPECT_EQ(rows("PRAGMA user_version"), std::vector<std::string>{"1"});
}

}  // namespace
}  // namespace wardline::inventory
