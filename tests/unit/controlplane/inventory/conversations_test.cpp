#include "controlplane/inventory/conversation.h"

#include <fmt/format.h>

#include "tests/unit/controlplane/inventory/store_folder.h"

namespace wardline::inventory {
namespace {

using Rows = std::vector<std::string>;

class ConversationsTest : public StoreTest {
 protected:
  static ConversationKey with(std::string peer, std::string device = "dev-1") {
    return {.device_id = std::move(device),
            .peer = std::move(peer),
            .app = "tls",
            .proto = "tcp",
            .port = 443,
            .verdict = "allow"};
  }
  static ConversationSums once(std::int64_t seconds) {
    return {.first_seen = at(seconds),
            .last_seen = at(seconds),
            .flows = 1,
            .packets = 10,
            .bytes_from_device = 100,
            .bytes_to_device = 1000};
  }
  Rows peers(const std::string& device) {
    return rows("SELECT peer FROM conversation WHERE device_id='" + device + "' ORDER BY last_seen");
  }
};

TEST_F(ConversationsTest, TheViewGivesNamesInsteadOfNumbers) {
  const auto store = open();
  auto inbound = with("10.40.2.9");
  inbound.to_device = true;
  inbound.app = "";
  inbound.verdict = "would_block";
  ASSERT_TRUE(store->add_conversations({{with("pump-servers"), once(5)}, {inbound, once(6)}}));
  EXPECT_EQ(rows("SELECT device_id, direction, peer, app, proto, port, verdict, first_seen, last_seen, flows, packets, "
                 "bytes_from_device, bytes_to_device FROM conversation ORDER BY first_seen"),
            (Rows{"dev-1|from_device|pump-servers|tls|tcp|443|allow|5000000|5000000|1|10|100|1000",
                  "dev-1|to_device|10.40.2.9||tcp|443|would_block|6000000|6000000|1|10|100|1000"}));
}

TEST_F(ConversationsTest, TheSameAgainAddsUpOverARestart) {
  ASSERT_TRUE(open()->add_conversations({{with("pacs"), once(50)}}));
  ASSERT_TRUE(open()->add_conversations({{with("pacs"), once(40)}}));
  EXPECT_EQ(rows("SELECT first_seen, last_seen, flows, packets, bytes_from_device, bytes_to_device FROM conversation"),
            Rows{"40000000|50000000|2|20|200|2000"});
}

TEST_F(ConversationsTest, ThoseOfOneDeviceAreReadAsTheyWereWritten) {
  const auto store = open();
  auto inbound = with("10.40.2.9");
  inbound.to_device = true;
  ASSERT_TRUE(
      store->add_conversations({{with("pacs"), once(5)}, {inbound, once(6)}, {with("pacs", "dev-2"), once(7)}}));
  const auto read = store->load_conversations("dev-1");
  ASSERT_TRUE(read) << read.error().text();
  ASSERT_EQ(read->size(), 2U);
  const auto& [key, sums] = *read->find(inbound);
  EXPECT_EQ(sums.last_seen, at(6));
  EXPECT_EQ(sums.packets, 10U);
  EXPECT_EQ(sums.bytes_to_device, 1000U);
}

TEST_F(ConversationsTest, ADeviceThatScansLosesItsOwnOldestAndTheAddressesNobodySpeaksWith) {
  const auto store = open({.conversations_per_device = 8});
  ASSERT_TRUE(store->add_conversations({{with("192.0.2.1", "dev-2"), once(0)}}));
  ASSERT_TRUE(store->add_conversations({{with("pacs"), once(0)}}));
  for (int i = 1; i <= 100; ++i) ASSERT_TRUE(store->add_conversations({{with(fmt::format("192.0.2.{}", i)), once(i)}}));
  const auto left = peers("dev-1");
  EXPECT_LE(left.size(), 9U);
  EXPECT_EQ(left.back(), "192.0.2.100");
  EXPECT_EQ(peers("dev-2"), Rows{"192.0.2.1"}) << "another device's conversation with the same peer stays";
  EXPECT_LE(rows("SELECT text FROM name WHERE text GLOB '192.*'").size(), 10U);
  ASSERT_TRUE(store->add_conversations({{with("192.0.2.1"), once(200)}}));
  EXPECT_EQ(peers("dev-1").back(), "192.0.2.1") << "a name that was dropped comes back";
}

TEST_F(ConversationsTest, OverTheBoundOfAllTheOneWithMostGivesUpSome) {
  const auto store = open({.conversations = 40});
  for (int i = 0; i < 5; ++i)
    ASSERT_TRUE(store->add_conversations({{with(fmt::format("10.0.0.{}", i), "dev-quiet"), once(i)}}));
  for (int i = 0; i < 200; ++i)
    ASSERT_TRUE(store->add_conversations({{with(fmt::format("192.0.2.{}", i)), once(1000 + i)}}));
  EXPECT_EQ(peers("dev-quiet").size(), 5U);
  EXPECT_LE(rows("SELECT peer FROM conversation").size(), 40U);
}

TEST_F(ConversationsTest, WhatIsOlderThanTheRetentionGoes) {
  const auto store = open({.retention = std::chrono::days(1)});
  ASSERT_TRUE(store->add_conversations({{with("192.0.2.1"), once(0)}, {with("192.0.2.2"), once(90'000)}}));
  ASSERT_TRUE(store->add_conversations({{with("192.0.2.1", "dev-2"), once(0)}}));
  ASSERT_TRUE(store->trim(at(100'000)));
  EXPECT_EQ(peers("dev-1"), Rows{"192.0.2.2"});
  EXPECT_TRUE(peers("dev-2").empty());
  EXPECT_TRUE(rows("SELECT text FROM name WHERE text='192.0.2.1'").empty());
}

TEST_F(ConversationsTest, ADeviceThatIsForgottenTakesItsConversationsAndItsNameAlong) {
  const auto store = open();
  ASSERT_TRUE(store->add_conversations({{with("pacs"), once(1)}}));
  ASSERT_TRUE(store->remove_device("dev-1"));
  EXPECT_TRUE(rows("SELECT * FROM conversation").empty());
  EXPECT_TRUE(rows("SELECT * FROM name WHERE text='dev-1'").empty());
  ASSERT_TRUE(store->add_conversations({{with("pacs"), once(2)}}));
  EXPECT_EQ(peers("dev-1"), Rows{"pacs"});
}

}  // namespace
}  // namespace wardline::inventory
