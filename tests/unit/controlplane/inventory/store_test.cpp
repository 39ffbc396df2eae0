#include "controlplane/inventory/store.h"

#include <fstream>

#include "tests/unit/controlplane/inventory/store_folder.h"

namespace wardline::inventory {
namespace {

class StoreFile : public StoreTest {
 protected:
  void overwrite(std::size_t offset, std::string_view bytes) {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(offset));
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }

  int files_set_aside() const {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder_))
      count += entry.path().filename().string().starts_with("inventory.db.damaged-");
    return count;
  }
};

StoredRecord a_record(std::string type, std::int64_t seconds) {
  return {.row = 0,
          .type = std::move(type),
          .id = "r-" + std::to_string(seconds),
          .time = at(seconds),
          .device_id = "dev-1",
          .verdict = "block",
          .rule = "tv/web",
          .json = "{}"};
}

TEST_F(StoreTest, ADeviceComesBackWholeAfterARestart) {
  ASSERT_TRUE(open()->save_device(a_pump()));
  const auto devices = open()->load_devices();
  ASSERT_TRUE(devices);
  ASSERT_EQ(devices->size(), 1U);
  const auto& device = devices->front();
  const auto pump = a_pump();
  EXPECT_EQ(device.id, pump.id);
  ASSERT_EQ(device.interfaces.size(), 1U);
  EXPECT_EQ(device.interfaces[0].mac, pump.interfaces[0].mac);
  EXPECT_EQ(device.interfaces[0].segment, "icu-4b");
  EXPECT_EQ(device.interfaces[0].ips, pump.interfaces[0].ips);
  EXPECT_EQ(device.device_class, "infusion-pump");
  EXPECT_EQ(device.class_reason, pump.class_reason);
  EXPECT_EQ(device.runners_up, pump.runners_up);
  EXPECT_EQ(device.hostname, pump.hostname);
  EXPECT_EQ(device.switch_port, "Gi1/0/7");
  ASSERT_EQ(device.evidence.size(), 2U);
  EXPECT_EQ(device.evidence[0].value, "TestPump SP-1");
  EXPECT_EQ(device.evidence[0].weight, 30);
  EXPECT_EQ(device.evidence[1].group, policy::EvidenceGroup::kPlace);
  EXPECT_EQ(device.evidence[1].last_seen, at(21));
  EXPECT_EQ(device.quarantine, "contain");
  EXPECT_TRUE(device.registered);
  EXPECT_EQ(device.first_seen, pump.first_seen);
  EXPECT_EQ(device.slot, kNoSlot) << "slots have their own memory";
}

TEST_F(StoreTest, SavingADeviceAgainReplacesIt) {
  const auto store = open();
  auto device = a_pump();
  ASSERT_TRUE(store->save_device(device));
  device.evidence.pop_back();
  device.interfaces[0].ips.clear();
  ASSERT_TRUE(store->save_device(device));
  const auto devices = store->load_devices();
  ASSERT_EQ(devices->size(), 1U);
  EXPECT_EQ(devices->front().evidence.size(), 1U);
  EXPECT_TRUE(devices->front().interfaces[0].ips.empty());
  ASSERT_TRUE(store->remove_device(device.id));
  EXPECT_TRUE(store->load_devices()->empty());
}

TEST_F(StoreTest, AQuarantineKeepsItsStateAndItsApprovals) {
  {
    const auto store = open();
    Quarantine quarantine{.id = "q-1",
                          .device_id = "dev-1",
                          .profile = "isolate",
                          .by = "automatic",
                          .reason = "3 detections in 60 s",
                          .created = at(100),
                          .until = at(200),
                          .approvals = {}};
    ASSERT_TRUE(store->save_quarantine(quarantine));
    quarantine.state = QuarantineState::kActive;
    quarantine.until.reset();
    ASSERT_TRUE(store->save_quarantine(quarantine));
    ASSERT_TRUE(store->add_approval({"alice", at(101), "cafe", "quarantine q-1"}));
    ASSERT_TRUE(store->add_approval({"alice", at(109), "cafe", "quarantine q-1"}));
    ASSERT_TRUE(store->add_approval({"bob", at(102), "cafe", "quarantine q-1"}));
    ASSERT_TRUE(store->add_approval({"bob", at(103), "cafe", "policy"}));
  }
  const auto quarantines = open()->load_quarantines();
  ASSERT_TRUE(quarantines);
  ASSERT_EQ(quarantines->size(), 1U);
  const auto& quarantine = quarantines->front();
  EXPECT_EQ(quarantine.profile, "isolate");
  EXPECT_EQ(quarantine.state, QuarantineState::kActive);
  EXPECT_EQ(quarantine.created, at(100));
  EXPECT_FALSE(quarantine.until);
  ASSERT_EQ(quarantine.approvals.size(), 2U) << "the same person twice is one person";
  EXPECT_EQ(quarantine.approvals[0].user, "alice");
  EXPECT_EQ(quarantine.approvals[0].time, at(101));
}

TEST_F(StoreTest, RecordsAreFoundByEachOfTheirFields) {
  const auto store = open();
  for (int i = 0; i < 10; ++i) {
    auto record = a_record(i % 2 ? "violation" : "flow", i);
    record.device_id = i < 5 ? "dev-1" : "dev-2";
    record.verdict = i == 7 ? "would_block" : "block";
    record.rule = i == 3 ? "tv/dns" : "tv/web";
    ASSERT_TRUE(store->append_record(record));
  }
  EXPECT_EQ(store->list_records({})->size(), 10U);
  EXPECT_EQ(store->list_records({.type = "flow"})->size(), 5U);
  EXPECT_EQ(store->list_records({.type = "violation", .device_id = "dev-2"})->size(), 3U);
  EXPECT_EQ(store->list_records({.verdict = "would_block"})->size(), 1U);
  EXPECT_EQ(store->list_records({.rule = "tv/dns"})->front().id, "r-3");
  EXPECT_EQ(store->list_records({.id = "r-4"})->front().time, at(4));
  EXPECT_EQ(store->list_records({.since = at(8)})->size(), 2U);
  const auto newest = store->list_records({.limit = 3});
  ASSERT_EQ(newest->size(), 3U);
  EXPECT_EQ(newest->front().id, "r-9");
  const auto next = store->list_records({.before_row = newest->back().row, .limit = 3});
  EXPECT_EQ(next->front().id, "r-6");
}

TEST_F(StoreTest, TheOldestRecordsOfATypeGoAndOtherTypesStay) {
  {
    const auto store = open({.records_per_type = 80});
    ASSERT_TRUE(store->append_record(a_record("quarantine", 1)));
    for (int i = 0; i < 1000; ++i) ASSERT_TRUE(store->append_record(a_record("flow", i)));
    const auto flows = store->list_records({.type = "flow", .limit = 1000});
    EXPECT_GE(flows->size(), 80U);
    EXPECT_LE(flows->size(), 90U);
    EXPECT_EQ(flows->front().id, "r-999");
    EXPECT_EQ(store->list_records({.type = "quarantine"})->size(), 1U);
  }
  const auto store = open({.records_per_type = 8});
  ASSERT_TRUE(store->append_record(a_record("flow", 1000)));
  EXPECT_EQ(store->list_records({.type = "flow", .limit = 1000})->size(), 8U) << "the bound holds over a restart";
}

TEST_F(StoreTest, ABatchIsKeptWholeOrNotAtAll) {
  const auto store = open();
  ASSERT_TRUE(store->begin());
  ASSERT_TRUE(store->begin()) << "a second begin is the same batch";
  ASSERT_TRUE(store->save_device(a_pump()));
  ASSERT_TRUE(store->append_record(a_record("flow", 1)));
  const auto beside = Store::open(path_, {.read_only = true});
  ASSERT_TRUE(beside) << beside.error().text();
  EXPECT_TRUE((*beside)->load_devices()->empty());
  ASSERT_TRUE(store->commit());
  EXPECT_EQ((*beside)->load_devices()->size(), 1U);
  EXPECT_FALSE((*beside)->append_record(a_record("flow", 2))) << "a reader cannot write";
}

TEST_F(StoreFile, AFileThatIsNoDatabaseIsSetAside) {
  std::ofstream(path_) << std::string(8192, 'x');
  const auto store = open();
  ASSERT_EQ(store->warnings().size(), 1U);
  EXPECT_EQ(store->warnings()[0].code, "store.damaged");
  EXPECT_EQ(files_set_aside(), 1);
  EXPECT_TRUE(store->save_device(a_pump()));
}

TEST_F(StoreFile, ATornFileIsSetAsideAndTheNextStartIsClean) {
  {
    const auto store = open();
    for (int i = 0; i < 2000; ++i) ASSERT_TRUE(store->append_record(a_record("flow", i)));
  }
  const auto size = std::filesystem::file_size(path_);
  ASSERT_GT(size, 40'000U);
  overwrite(size / 2, std::string(12'288, '\xa5'));
  EXPECT_EQ(open()->warnings().size(), 1U);
  EXPECT_EQ(files_set_aside(), 1);
  EXPECT_TRUE(open()->warnings().empty());
}

TEST_F(StoreFile, RecordsMayBeCheckedBesideTheWorkAndTheNextStartSetsThemAside) {
  {
    const auto store = open();
    for (int i = 0; i < 2000; ++i) ASSERT_TRUE(store->append_record(a_record("flow", i)));
    EXPECT_TRUE(Store::check_records(path_));
  }
  overwrite(std::filesystem::file_size(path_) / 2, std::string(12'288, '\xa5'));
  {
    const auto store = Store::open(path_, {.check_records = false});
    ASSERT_TRUE(store) << store.error().text();
    EXPECT_TRUE((*store)->warnings().empty()) << "the tables that a start reads are whole";
    const auto checked = Store::check_records(path_);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, "store.damaged");
    EXPECT_EQ(files_set_aside(), 0);
  }
  const auto store = Store::open(path_, {.check_records = false});
  ASSERT_TRUE(store);
  EXPECT_EQ((*store)->warnings().size(), 1U);
  EXPECT_EQ(files_set_aside(), 1);
  EXPECT_TRUE(open()->warnings().empty()) << "and is done with it";
}

TEST_F(StoreFile, AFileCutOffInTheMiddleIsSetAside) {
  {
    const auto store = open();
    for (int i = 0; i < 2000; ++i) ASSERT_TRUE(store->append_record(a_record("flow", i)));
  }
  std::filesystem::resize_file(path_, std::filesystem::file_size(path_) / 2);
  EXPECT_EQ(open()->warnings().size(), 1U);
}

TEST_F(StoreFile, AnotherProgramsDatabaseIsSetAsideAndNotTouched) {
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(path_.c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "CREATE TABLE recipe(name)", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(other);
  EXPECT_EQ(open()->warnings().size(), 1U);
  EXPECT_EQ(files_set_aside(), 1);
}

TEST_F(StoreFile, ADatabaseOfANewerProgramIsSetAside) {
  open();
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(path_.c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "PRAGMA user_version=99", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(other);
  const auto store = open();
  ASSERT_EQ(store->warnings().size(), 1U);
  EXPECT_EQ(store->warnings()[0].code, "store.newer");
}

TEST_F(StoreFile, AFolderThatIsNotThereIsAnErrorWithItsPath) {
  const auto store = Store::open((folder_ / "absent" / "inventory.db").string());
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, "store.failed");
  EXPECT_NE(store.error().text().find("absent"), std::string::npos);
}

}  // namespace
}  // namespace wardline::inventory
