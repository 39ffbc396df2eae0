#include "dataplane/runtime/idle.h"

#include <gtest/gtest.h>

namespace wardline::runtime {
namespace {

using Kind = IdleSteps::Kind;
using Step = IdleSteps::Step;

Step after_empty_turns(IdleSteps& idle, std::uint32_t turns) {
  Step step;
  for (std::uint32_t turn = 0; turn < turns; ++turn) step = idle.after_nothing();
  return step;
}

TEST(Idle, AutoSpinsOnCardsAloneAndSleepsElsewhere) {
  EXPECT_EQ(Idle::kSpin, idle_mode(Idle::kAuto, true));
  EXPECT_EQ(Idle::kSleep, idle_mode(Idle::kAuto, false));
  for (const Idle wish : {Idle::kSpin, Idle::kSleep, Idle::kPause}) EXPECT_EQ(wish, idle_mode(wish, true));
}

TEST(Idle, ASpinningWorkerNeverWaits) {
  IdleSteps idle(Idle::kSpin, true);
  for (int turn = 0; turn < 10'000; ++turn) ASSERT_EQ(Step{}, idle.after_nothing());
}

TEST(Idle, ASleeperLooksForAWhileThenSleepsTwiceAsLongEachTimeUpToABound) {
  IdleSteps idle(Idle::kSleep, false);
  EXPECT_EQ(Step{}, after_empty_turns(idle, IdleSteps::kTurnsBeforeSleep));
  for (std::uint32_t wait = IdleSteps::kFirstSleep; wait < IdleSteps::kLongestSleep; wait *= 2)
    EXPECT_EQ((Step{Kind::kSleep, wait}), idle.after_nothing());
  for (int turn = 0; turn < 1000; ++turn)
    ASSERT_EQ((Step{Kind::kSleep, IdleSteps::kLongestSleep}), idle.after_nothing());
}

TEST(Idle, AFrameEndsTheSilence) {
  IdleSteps idle(Idle::kSleep, false);
  after_empty_turns(idle, 1000);
  idle.after_frames();
  EXPECT_EQ(Step{}, after_empty_turns(idle, IdleSteps::kTurnsBeforeSleep));
  EXPECT_EQ((Step{Kind::kSleep, IdleSteps::kFirstSleep}), idle.after_nothing());
}

// What the next frame may wait for is never much more than the time that was spent waiting already.
TEST(Idle, AWaitIsNotLongerThanTheSilenceBeforeIt) {
  for (const Idle mode : {Idle::kSleep, Idle::kPause}) {
    IdleSteps idle(mode, true);
    const std::uint32_t first = mode == Idle::kSleep ? IdleSteps::kFirstSleep : IdleSteps::kFirstPause;
    std::uint64_t waited = 0;
    for (int turn = 0; turn < 2000; ++turn) {
      const auto step = idle.after_nothing();
      ASSERT_LE(step.nanoseconds, waited + first);
      waited += step.nanoseconds;
    }
  }
}

TEST(Idle, ThePauseOfTheCpuIsUsedWhereThereIsOne) {
  IdleSteps pausing(Idle::kPause, true), sleeping(Idle::kSleep, true), without(Idle::kPause, false);
  EXPECT_EQ(Step{}, after_empty_turns(pausing, IdleSteps::kTurnsBeforePause));
  EXPECT_EQ((Step{Kind::kPause, IdleSteps::kFirstPause}), pausing.after_nothing());
  EXPECT_EQ((Step{Kind::kPause, 2 * IdleSteps::kFirstPause}), pausing.after_nothing());
  EXPECT_EQ((Step{Kind::kPause, IdleSteps::kLongestPause}), after_empty_turns(pausing, 1000)) << "it never sleeps";
  EXPECT_EQ((Step{Kind::kPause, IdleSteps::kFirstPause}), after_empty_turns(sleeping, IdleSteps::kTurnsBeforeSleep))
      << "until it sleeps";
  EXPECT_EQ(Kind::kSleep, sleeping.after_nothing().kind);
  EXPECT_EQ(Step{}, after_empty_turns(without, 100'000));
}

}  // namespace
}  // namespace wardline::runtime
