#include "dataplane/flow/expiry_wheel.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

namespace wardline::flow {
namespace {

constexpr CoarseTick kGranule = 128;

ExpiryWheel::Handle handle(FlowIndex index) {
  return {index, static_cast<std::uint16_t>(index * 7), index % 2 == 1};
}

TEST(ExpiryWheel, VisitsAHandleOnceWhenItsTimeHasCome) {
  ExpiryWheel wheel(4, 1000);
  ASSERT_TRUE(wheel.file(handle(3), 5000));
  int visits = 0;
  const auto visit = [&](ExpiryWheel::Handle due) {
    EXPECT_EQ(due.index, 3u);
    EXPECT_EQ(due.generation, 21);
    EXPECT_TRUE(due.v6);
    ++visits;
    return CoarseTick{0};
  };
  EXPECT_EQ(wheel.advance(4999, 10, visit), 0u);
  EXPECT_EQ(wheel.advance(5000 + kGranule, 10, visit), 1u);
  EXPECT_EQ(wheel.advance(9000000, 10, visit), 0u);
  EXPECT_EQ(visits, 1);
  EXPECT_EQ(wheel.filed(), 0u);
}

TEST(ExpiryWheel, RefusesMoreHandlesThanItHasRoomFor) {
  ExpiryWheel wheel(2, 0);
  EXPECT_TRUE(wheel.file(handle(0), 1000));
  EXPECT_TRUE(wheel.file(handle(1), 1000));
  EXPECT_FALSE(wheel.file(handle(2), 1000));
  wheel.advance(2000, 1, [](auto) { return CoarseTick{0}; });
  EXPECT_TRUE(wheel.file(handle(2), 3000));
}

TEST(ExpiryWheel, TakesNoMoreThanTheLimitAtOnce) {
  ExpiryWheel wheel(100, 0);
  for (FlowIndex i = 0; i < 100; ++i) wheel.file(handle(i), 200);
  const auto let_go = [](auto) { return CoarseTick{0}; };
  EXPECT_EQ(wheel.advance(10000, 32, let_go), 32u);
  EXPECT_EQ(wheel.filed(), 68u);
  EXPECT_EQ(wheel.advance(10000, 1000, let_go), 68u);
}

TEST(ExpiryWheel, KeepsATimeThatIsMoreThanATurnAway) {
  ExpiryWheel wheel(1, 0);
  const CoarseTick hour = 3'433'228;
  wheel.file(handle(0), hour);
  std::uint32_t visited = 0;
  for (CoarseTick now = 0; now < hour; now += 10000)
    visited += wheel.advance(now, 8, [](auto) { return CoarseTick{0}; });
  EXPECT_EQ(visited, 0u);
  EXPECT_EQ(wheel.filed(), 1u);
  for (int i = 0; i < 3; ++i) visited += wheel.advance(hour + kGranule, 8, [](auto) { return CoarseTick{0}; });
  EXPECT_EQ(visited, 1u);
}

// Random filing, re-filing and idle gaps against a list, over the wrap-around of the clock.
TEST(ExpiryWheel, AgreesWithAPlainListOverTheWrapAroundOfTime) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  constexpr std::uint32_t kCapacity = 500;
  CoarseTick now = 0xffffffff - 700'000;
  ExpiryWheel wheel(kCapacity, now);
  std::map<FlowIndex, CoarseTick> due_of;
  const auto wait = [&] { return static_cast<CoarseTick>(random() % (random() % 10 == 0 ? 2'000'000 : 60'000) + 1); };

  for (int round = 0; round < 5000; ++round) {
    if (const auto index = static_cast<FlowIndex>(random() % kCapacity); !due_of.contains(index)) {
      due_of[index] = now + wait();
      ASSERT_TRUE(wheel.file(handle(index), due_of[index]));
    }
    now += static_cast<CoarseTick>(random() % (random() % 50 == 0 ? 300'000 : 300));
    wheel.advance(now, 10 * kCapacity, [&](ExpiryWheel::Handle h) {
      EXPECT_TRUE(due_of.contains(h.index)) << "visited after it was let go";
      EXPECT_LE(age(now, due_of[h.index]), 0x7fffffffu) << "visited too early";
      if (random() % 2 == 0) {
        due_of.erase(h.index);
        return CoarseTick{0};
      }
      auto again = now + wait();
      if (again == 0) again = 1;
      return due_of[h.index] = again;
    });
    ASSERT_EQ(wheel.filed(), due_of.size());
    if (round % 100 != 0) continue;
    for (const auto& [index, due] : due_of) {
      const auto over = age(now, due);
      ASSERT_FALSE(over <= 0x7fffffff && over > kGranule) << "overdue by " << over;
    }
  }
}

}  // namespace
}  // namespace wardline::flow
