#include "dataplane/event_ring.h"

#include <gtest/gtest.h>

#include <thread>

namespace wardline {
namespace {

TEST(SpscRing, GivesItemsBackInOrder) {
  SpscRing<int> ring(4);
  EXPECT_EQ(ring.front(), nullptr);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(ring.put(i));
  for (int i = 0; i < 3; ++i) {
    ASSERT_NE(ring.front(), nullptr);
    EXPECT_EQ(*ring.front(), i);
    ring.pop();
  }
  EXPECT_EQ(ring.front(), nullptr);
}

TEST(SpscRing, RefusesWhenFullAndTakesAgainAfterAPop) {
  SpscRing<int> ring(4);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(ring.put(i)) << i;
  EXPECT_FALSE(ring.put(4));
  EXPECT_EQ(ring.size(), 4u);
  ring.pop();
  EXPECT_TRUE(ring.put(4));
}

TEST(SpscRing, KeepsRoomForWorthierItems) {
  SpscRing<int> ring(8);
  int put = 0;
  while (ring.put(put, 3)) ++put;
  EXPECT_EQ(put, 5);
  EXPECT_TRUE(ring.put(99));
}

TEST(SpscRing, LosesAndDoublesNothingBetweenTwoThreads) {
  SpscRing<std::uint64_t> ring(64);
  constexpr std::uint64_t kItems = 200'000;
  std::thread producer([&] {
    for (std::uint64_t i = 0; i < kItems;)
      if (ring.put(i))
        ++i;
      else
        std::this_thread::yield();
  });
  std::uint64_t expected = 0;
  while (expected < kItems) {
    const auto* item = ring.front();
    if (item == nullptr) {
      std::this_thread::yield();
      continue;
    }
    ASSERT_EQ(*item, expected);
    ring.pop();
    ++expected;
  }
  producer.join();
  EXPECT_EQ(ring.size(), 0u);
}

}  // namespace
}  // namespace wardline
