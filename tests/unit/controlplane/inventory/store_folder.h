#pragma once
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "controlplane/inventory/address_text.h"
#include "controlplane/inventory/store.h"

namespace wardline::inventory {

inline WallTime at(std::int64_t seconds) {
  return WallTime(std::chrono::seconds(seconds));
}

// A store in a folder of its own, and a look at its tables as another program would have it.
class StoreTest : public testing::Test {
 protected:
  StoreTest() {
    std::string name = (std::filesystem::temp_directory_path() / "wardline-store-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    path_ = (folder_ / "inventory.db").string();
  }
  ~StoreTest() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<Store> open(const StoreOptions& options = {}) {
    auto store = Store::open(path_, options);
    EXPECT_TRUE(store) << store.error().text();
    return store ? std::move(*store) : nullptr;
  }

  void execute(const std::string& sql) {
    sqlite3* other = nullptr;
    ASSERT_EQ(sqlite3_open(path_.c_str(), &other), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(other, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(other);
    sqlite3_close(other);
  }

  // One line a row, "|" between columns.
  std::vector<std::string> rows(const std::string& sql) {
    sqlite3* other = nullptr;
    EXPECT_EQ(sqlite3_open_v2(path_.c_str(), &other, SQLITE_OPEN_READONLY, nullptr), SQLITE_OK);
    std::vector<std::string> found;
    const auto take = [](void* into, int columns, char** values, char**) {
      std::string line;
      for (int i = 0; i < columns; ++i) line.append(i == 0 ? "" : "|").append(values[i] == nullptr ? "" : values[i]);
      static_cast<std::vector<std::string>*>(into)->push_back(line);
      return 0;
    };
    EXPECT_EQ(sqlite3_exec(other, sql.c_str(), take, &found, nullptr), SQLITE_OK) << sqlite3_errmsg(other);
    sqlite3_close(other);
    return found;
  }

  std::filesystem::path folder_;
  std::string path_;
};

inline Device a_pump() {
  Device device;
  device.id = "dev-0003b1a2c3d4";
  device.interfaces = {
      {*parse_mac("00:03:b1:a2:c3:d4"), "icu-4b", {*parse_address("10.20.4.7"), *parse_address("fe80::7")}}};
  device.device_class = "infusion-pump";
  device.class_reason = "claims 30 + exchange 30 = 60 of 60";
  device.confidence = 100;
  device.runners_up = {{"patient-monitor", 30}, {"workstation", 5}};
  device.vendor = "ICU Medical, Inc.";
  device.hostname = "pump'); DROP TABLE device;--";
  device.switch_name = "sw-4b";
  device.switch_port = "Gi1/0/7";
  device.evidence = {{"dhcp", "dhcp.vendor_class", "TestPump SP-1", 30, policy::EvidenceGroup::kClaims, at(10), at(20)},
                     {"segment", "expects", "infusion-pump", 0, policy::EvidenceGroup::kPlace, at(11), at(21)}};
  device.quarantine = "contain";
  device.registered = true;
  device.first_seen = at(10) + std::chrono::microseconds(7);
  device.last_seen = at(20);
  device.slot = 5000;
  return device;
}

}  // namespace wardline::inventory
