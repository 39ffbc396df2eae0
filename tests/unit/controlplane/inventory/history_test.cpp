#include "controlplane/inventory/history.h"

#include "tests/unit/controlplane/inventory/store_folder.h"

namespace wardline::inventory {
namespace {

using Rows = std::vector<std::string>;

class History : public StoreTest {
 protected:
  Rows changes() { return rows("SELECT time, attribute, \"before\", \"after\" FROM history ORDER BY rowid"); }
};

TEST_F(History, TheFirstSightOfADeviceIsNoChange) {
  ASSERT_TRUE(open()->save_device(a_pump()));
  EXPECT_TRUE(changes().empty());
}

TEST_F(History, EachColumnThatBecameAnotherIsToldWithBoth) {
  const auto store = open();
  auto device = a_pump();
  ASSERT_TRUE(store->save_device(device));
  device.device_class = "patient-monitor";
  device.firmware = "6.05";
  device.registered = false;
  device.quarantine = "none";
  ASSERT_TRUE(store->save_device(device, at(30)));
  EXPECT_EQ(changes(), (Rows{"30000000|class|infusion-pump|patient-monitor", "30000000|firmware||6.05",
                             "30000000|quarantine|contain|none", "30000000|registered|yes|no"}));
}

TEST_F(History, ChangesOfOneDeviceAreReadNewestFirst) {
  const auto store = open();
  auto device = a_pump();
  ASSERT_TRUE(store->save_device(device));
  device.firmware = "6.05";
  ASSERT_TRUE(store->save_device(device, at(30)));
  device.firmware = "6.06";
  ASSERT_TRUE(store->save_device(device, at(40)));
  const auto read = store->load_changes(device.id);
  ASSERT_TRUE(read) << read.error().text();
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ(read->front().attribute, "firmware");
  EXPECT_EQ(read->front().before, "6.05");
  EXPECT_EQ(read->front().after, "6.06");
  EXPECT_EQ(read->front().time, at(40));
}

TEST_F(History, WhatIsNoColumnOfItLeavesNoTrace) {
  const auto store = open();
  auto device = a_pump();
  ASSERT_TRUE(store->save_device(device));
  device.last_seen = at(500);
  device.confidence = 3;
  device.evidence.clear();
  ASSERT_TRUE(store->save_device(device));
  EXPECT_TRUE(changes().empty());
}

TEST_F(History, AddressesAreComparedWithoutTheirOrder) {
  const auto store = open();
  auto device = a_pump();
  ASSERT_TRUE(store->save_device(device));
  std::swap(device.interfaces[0].ips[0], device.interfaces[0].ips[1]);
  ASSERT_TRUE(store->save_device(device));
  EXPECT_TRUE(changes().empty());
  device.interfaces[0].ips.push_back(*parse_address("10.20.4.8"));
  ASSERT_TRUE(store->save_device(device));
  EXPECT_EQ(changes(), Rows{"20000000|ips|10.20.4.7 fe80::7|10.20.4.7 10.20.4.8 fe80::7"});
}

TEST_F(History, ADeviceThatChangesAllTheTimePushesOutItsOwnOldestChanges) {
  const auto store = open({.changes_per_device = 5});
  auto quiet = a_pump();
  quiet.id = "dev-quiet";
  ASSERT_TRUE(store->save_device(quiet));
  quiet.os = "QNX";
  ASSERT_TRUE(store->save_device(quiet));
  auto restless = a_pump();
  for (int i = 0; i < 20; ++i) {
    restless.hostname = "h" + std::to_string(i);
    ASSERT_TRUE(store->save_device(restless, at(100 + i)));
  }
  EXPECT_EQ(rows("SELECT \"after\" FROM history WHERE device_id='dev-0003b1a2c3d4' ORDER BY rowid"),
            (Rows{"h15", "h16", "h17", "h18", "h19"}));
  EXPECT_EQ(rows("SELECT \"after\" FROM history WHERE device_id='dev-quiet'"), Rows{"QNX"});
}

TEST_F(History, WhatIsOlderThanTheRetentionOrBeyondTheBoundGoes) {
  const auto store = open({.changes = 3, .retention = std::chrono::days(1)});
  auto device = a_pump();
  ASSERT_TRUE(store->save_device(device));
  for (int day = 0; day < 6; ++day) {
    device.hostname = "h" + std::to_string(day);
    ASSERT_TRUE(store->save_device(device, at(86'400 * day)));
  }
  ASSERT_TRUE(store->trim(at(0)));
  EXPECT_EQ(rows("SELECT \"after\" FROM history").size(), 3U);
  ASSERT_TRUE(store->trim(at(86'400 * 6 - 1)));
  EXPECT_EQ(rows("SELECT \"after\" FROM history"), Rows{"h5"});
}

TEST_F(History, ADeviceThatIsForgottenTakesItsHistoryAlong) {
  const auto store = open();
  auto device = a_pump();
  ASSERT_TRUE(store->save_device(device));
  device.os = "QNX";
  ASSERT_TRUE(store->save_device(device));
  ASSERT_TRUE(store->remove_device(device.id));
  EXPECT_TRUE(changes().empty());
}

}  // namespace
}  // namespace wardline::inventory
