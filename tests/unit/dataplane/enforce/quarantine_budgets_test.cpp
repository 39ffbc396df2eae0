#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "dataplane/enforce/device_slots.h"

namespace wardline::enforce {
namespace {

TEST(QuarantineBudgets, GiveNothingBeforeTheFirstRefill) {
  QuarantineBudgets budgets;
  EXPECT_FALSE(budgets.take(1, 1));
}

TEST(QuarantineBudgets, TakeATokenOfEachOrNone) {
  QuarantineBudgets budgets;
  budgets.refill(3, 2, 1);
  EXPECT_TRUE(budgets.take(1, 1));
  EXPECT_FALSE(budgets.take(1, 1)) << "the segment's is spent";
  EXPECT_TRUE(budgets.take(1, 2)) << "and the refusal cost the site and the class nothing";
  EXPECT_FALSE(budgets.take(1, 3)) << "the class's is spent";
  EXPECT_TRUE(budgets.take(2, 3));
  EXPECT_FALSE(budgets.take(3, 4)) << "the site's is spent";
  budgets.refill(1, 1, 1);
  EXPECT_TRUE(budgets.take(3, 4));
}

TEST(QuarantineBudgets, KnowNoClassOrSegmentOutOfRange) {
  QuarantineBudgets budgets;
  budgets.refill(3, 3, 3);
  EXPECT_FALSE(budgets.take(4096, 1));
  EXPECT_FALSE(budgets.take(1, 4096));
}

TEST(QuarantineBudgets, GiveSeveralWorkersNoMoreThanThereIs) {
  QuarantineBudgets budgets;
  budgets.refill(1000, 100000, 100000);
  std::atomic<int> taken{0};
  const auto work = [&](ClassId device_class) {
    for (int i = 0; i < 2000; ++i) taken += budgets.take(device_class, device_class) ? 1 : 0;
  };
  std::thread other(work, ClassId{1});
  work(2);
  other.join();
  EXPECT_EQ(taken, 1000);
}

}  // namespace
}  // namespace wardline::enforce
