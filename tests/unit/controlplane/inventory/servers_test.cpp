#include "tests/unit/controlplane/inventory/store_folder.h"

namespace wardline::inventory {
namespace {

class Servers : public StoreTest {};

TEST_F(Servers, TheFirstAnswerOfAClassIsKept) {
  {
    const auto store = open();
    for (const int seconds : {900, 100, 500})
      ASSERT_TRUE(store->save_class_server({.device_class = "smart-tv", .app = "http", .first_seen = at(seconds)}));
    ASSERT_TRUE(store->save_class_server({.device_class = "smart-tv", .app = "", .first_seen = at(50)}));
  }
  const auto servers = open()->load_class_servers();
  ASSERT_TRUE(servers) << servers.error().text();
  ASSERT_EQ(servers->size(), 2U);
  EXPECT_EQ(servers->front().app, "");
  EXPECT_EQ(servers->back().device_class, "smart-tv");
  EXPECT_EQ(servers->back().app, "http");
  EXPECT_EQ(servers->back().first_seen, at(100));
}

}  // namespace
}  // namespace wardline::inventory
