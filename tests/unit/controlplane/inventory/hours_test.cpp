#include "tests/unit/controlplane/inventory/store_folder.h"

namespace wardline::inventory {
namespace {

class Hours : public StoreTest {};

TEST_F(Hours, TheFirstSightOfAClassAtAnHourIsKept) {
  const auto store = open();
  for (const int seconds : {100, 900})
    ASSERT_TRUE(store->save_class_hour({.device_class = "smart-tv", .hour = 7, .first_seen = at(seconds)}));
  ASSERT_TRUE(store->save_class_hour({.device_class = "smart-tv", .hour = 8, .first_seen = at(200)}));
  const auto hours = store->load_class_hours();
  ASSERT_TRUE(hours) << hours.error().text();
  ASSERT_EQ(hours->size(), 2U);
  EXPECT_EQ(hours->front().device_class, "smart-tv");
  EXPECT_EQ(hours->front().hour, 7);
  EXPECT_EQ(hours->front().first_seen, at(100));
}

}  // namespace
}  // namespace wardline::inventory
