#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>

#include "tests/unit/controlplane/appliance/hand_made.h"

namespace wardline::appliance {
namespace {

using Rows = std::vector<std::string>;

struct Conversations : testing::Test {
  Conversations() {
    auto policy = site.policy();
    policy->roles["intranet"] = {{Address::v4(0xcb007100), Address::v4(0xcb0071ff)}};
    policy->roles["tv-updates"] = {{Address::v4(0xcb00710a), Address::v4(0xcb00710a)}};
    policy->roles["world"] = {{Address::v4(0), Address::v4(0xffffffff)}};
    site.use(policy);
    site.put(site.event(EventKind::kDeviceSeen, 1));
    site.drain();
  }
  ~Conversations() override { std::filesystem::remove_all(folder); }

  Event flow(std::uint64_t id, bool final = true) {
    auto event = site.event(EventKind::kFlow, 1);
    event.flow_id = id;
    event.final = final;
    event.packets_from_device = 3;
    event.packets_to_device = 2;
    event.bytes_from_device = 300;
    event.bytes_to_device = 200;
    return event;
  }
  void put(const Event& event) {
    site.put(event);
    site.drain();
  }
  // After what is pending was written.
  Rows rows(const std::string& columns) {
    site.tick(2 * kSecond);
    sqlite3* database = nullptr;
    EXPECT_EQ(sqlite3_open_v2((folder / "store.db").c_str(), &database, SQLITE_OPEN_READONLY, nullptr), SQLITE_OK);
    Rows found;
    const auto take = [](void* into, int count, char** values, char**) {
      std::string line;
      for (int i = 0; i < count; ++i) line.append(i == 0 ? "" : "|").append(values[i] == nullptr ? "" : values[i]);
      static_cast<Rows*>(into)->push_back(line);
      return 0;
    };
    const auto sql = "SELECT " + columns + " FROM conversation ORDER BY first_seen";
    EXPECT_EQ(sqlite3_exec(database, sql.c_str(), take, &found, nullptr), SQLITE_OK) << sqlite3_errmsg(database);
    sqlite3_close(database);
    return found;
  }

  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("wardline-conversations-" + std::to_string(getpid()));
  HandMade site{(std::filesystem::create_directories(folder), folder / "store.db"), folder / "slots"};
};

TEST_F(Conversations, FlowsWithOnePeerAddUpUnderTheRoleThatSaysMost) {
  put(flow(1));
  put(flow(2));
  EXPECT_EQ(rows("device_id, direction, peer, app, proto, port, verdict, flows, packets, bytes_from_device, "
                 "bytes_to_device"),
            Rows{HandMade::id_of(1) + "|from_device|tv-updates|tls|tcp|443|allow|2|10|600|400"});
}

TEST_F(Conversations, AFlowThatIsToldSeveralTimesIsOneFlow) {
  put(flow(1, false));
  put(flow(1, false));
  EXPECT_EQ(rows("flows, packets"), Rows{"1|10"});
  put(flow(1, true));
  EXPECT_EQ(rows("flows, packets"), Rows{"1|15"});
}

TEST_F(Conversations, WhoOpenedAndWhichPortAcceptsAreKept) {
  auto event = flow(1);
  event.opened_by = flow::OpenedBy::kPeer;
  event.device_port = 8080;
  put(event);
  EXPECT_EQ(rows("direction, port"), Rows{"to_device|8080"});
}

TEST_F(Conversations, FlowsThatStandForSeveralPeersNameNone) {
  auto event = flow(0);
  event.flows = 40;
  event.several.peers = event.several.ports = true;
  put(event);
  EXPECT_EQ(rows("peer, port, flows"), Rows{"|0|40"});
}

TEST_F(Conversations, WhatWasWrittenGoesOnAfterARestart) {
  put(flow(1));
  ASSERT_EQ(rows("flows"), Rows{"1"});
  site.restart(true);
  auto policy = site.policy();
  policy->roles["tv-updates"] = {{Address::v4(0xcb00710a), Address::v4(0xcb00710a)}};
  site.use(policy);
  put(flow(1));
  EXPECT_EQ(rows("flows"), Rows{"2"});
}

}  // namespace
}  // namespace wardline::appliance
