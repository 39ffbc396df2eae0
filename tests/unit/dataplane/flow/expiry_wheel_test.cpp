#include "dataplane/flow/expiry_wheel.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

namespace wardline::flow {
namespace {

constexpr CoarseTick kGranule = 8;

std::vector<FlowIndex> taken(ExpiryWheel& wheel, CoarseTick now, std::size_t limit = 10) {
  std::vector<FlowIndex> due(limit);
  due.resize(wheel.take(now, due));
  return due;
}

TEST(ExpiryWheel, GivesARecordOnceWhenItsTimeHasCome) {
  ExpiryWheel wheel(4, 1000);
  wheel.file(3, 5000);
  EXPECT_TRUE(wheel.filed(3));
  EXPECT_FALSE(wheel.filed(2));
  EXPECT_EQ(taken(wheel, 4999), std::vector<FlowIndex>{});
  EXPECT_EQ(taken(wheel, 5000 + kGranule), std::vector<FlowIndex>{3});
  EXPECT_FALSE(wheel.filed(3));
  EXPECT_EQ(taken(wheel, 9000000), std::vector<FlowIndex>{});
  EXPECT_EQ(wheel.filed_count(), 0u);
}

TEST(ExpiryWheel, HasRoomForEveryRecord) {
  ExpiryWheel wheel(2, 0);
  wheel.file(0, 1000);
  wheel.file(1, 1000);
  EXPECT_EQ(taken(wheel, 2000, 1), std::vector<FlowIndex>{1});
  wheel.file(1, 1000);  // in the past: it comes next
  EXPECT_EQ(taken(wheel, 2000), (std::vector<FlowIndex>{1, 0}));
}

TEST(ExpiryWheel, TakesNoMoreThanThereIsRoomForAtOnce) {
  ExpiryWheel wheel(100, 0);
  for (FlowIndex i = 0; i < 100; ++i) wheel.file(i, 200);
  EXPECT_EQ(taken(wheel, 10000, 32).size(), 32u);
  EXPECT_EQ(wheel.filed_count(), 68u);
  EXPECT_EQ(taken(wheel, 10000, 1000).size(), 68u);
}

TEST(ExpiryWheel, GivesATimeThatIsMoreThanATurnAwayAfterATurn) {
  ExpiryWheel wheel(1, 0);
  const CoarseTick hour = 3'433'228, turn = 65535 * kGranule;
  wheel.file(0, hour);
  EXPECT_EQ(taken(wheel, turn), std::vector<FlowIndex>{});
  EXPECT_EQ(taken(wheel, turn + kGranule), std::vector<FlowIndex>{0});
}

// Random filing, re-filing and idle gaps against a list, over the wrap-around of the clock.
TEST(ExpiryWheel, AgreesWithAPlainListOverTheWrapAroundOfTime) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  constexpr std::uint32_t kRecords = 500;
  CoarseTick now = 0xffffffff - 700'000;
  ExpiryWheel wheel(kRecords, now);
  std::map<FlowIndex, CoarseTick> due_of, filed_at;
  const auto wait = [&] { return static_cast<CoarseTick>(random() % (random() % 10 == 0 ? 2'000'000 : 60'000) + 1); };
  const auto is_over = [&](CoarseTick due) { return age(now, due) <= 0x7fffffffu; };

  for (int round = 0; round < 5000; ++round) {
    if (const auto record = static_cast<FlowIndex>(random() % kRecords); !wheel.filed(record)) {
      due_of[record] = now + wait();
      wheel.file(record, due_of[record]);
      filed_at[record] = now;
    }
    now += static_cast<CoarseTick>(random() % (random() % 50 == 0 ? 300'000 : 300));
    for (const auto record : taken(wheel, now, kRecords)) {
      ASSERT_TRUE(due_of.contains(record)) << "given after it was let go";
      const CoarseTick due = due_of[record];
      constexpr CoarseTick kTurn = 65000 * kGranule;
      EXPECT_TRUE(is_over(due) || age(now, filed_at[record]) > kTurn) << "given too early";
      if (is_over(due) && random() % 2 == 0) {
        due_of.erase(record);
        continue;
      }
      if (is_over(due)) due_of[record] = now + wait();
      wheel.file(record, due_of[record]);
      filed_at[record] = now;
    }
    ASSERT_EQ(wheel.filed_count(), due_of.size());
    if (round % 100 != 0) continue;
    for (const auto& [record, due] : due_of) ASSERT_FALSE(is_over(due) && age(now, due) > kGranule) << "overdue";
  }
}

}  // namespace
}  // namespace wardline::flow
