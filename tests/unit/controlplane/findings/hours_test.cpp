#include "controlplane/findings/hours.h"

#include <gtest/gtest.h>

namespace wardline::findings {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

const WallTime kMonday{days(4 + 7 * 2900)};  // 1970 began on a Thursday

struct UnusualHours : testing::Test {
  UnusualHours() {
    device.id = "dev-1";
    device.device_class = "imaging-modality";
  }
  std::optional<Condition> alive(WallTime time) { return known.note(device, time); }
  // Eight to six on working days.
  void work(int weeks) {
    for (int day = 0; day < weeks * 7; ++day)
      for (int hour = 8; hour < 18 && day % 7 < 5; ++hour)
        EXPECT_FALSE(alive(kMonday + days(day) + hours(hour))) << day << " " << hour;
  }
  inventory::Device device;
  ClassHours known;
};

TEST_F(UnusualHours, AnHourAtWhichTheClassWasNeverSeenIsTold) {
  work(3);
  const auto told = alive(kMonday + days(21) + hours(3));
  ASSERT_TRUE(told);
  EXPECT_EQ(told->kind, "unusual_hours");
  EXPECT_NE(told->explanation.find("Monday at 03:00 UTC"), std::string::npos) << told->explanation;
  EXPECT_TRUE(alive(kMonday + days(21) + hours(4))) << "it goes on";
}

TEST_F(UnusualHours, EveryDeviceOfTheClassIsToldInThatHour) {
  work(3);
  EXPECT_TRUE(alive(kMonday + days(21) + hours(3)));
  device.id = "dev-2";
  EXPECT_TRUE(alive(kMonday + days(21) + hours(3) + minutes(30)));
}

TEST_F(UnusualHours, AWeekLaterItIsNoLongerNever) {
  work(3);
  EXPECT_TRUE(alive(kMonday + days(21) + hours(3)));
  EXPECT_FALSE(alive(kMonday + days(28) + hours(3)));
}

TEST_F(UnusualHours, AClockThatChangesAndAShiftThatTakesLongerAreNone) {
  work(3);
  EXPECT_FALSE(alive(kMonday + days(21) + hours(7)));
  EXPECT_FALSE(alive(kMonday + days(21) + hours(18)));
}

TEST_F(UnusualHours, BeforeTwoWeeksAreKnownNothingIs) {
  work(1);
  EXPECT_FALSE(alive(kMonday + days(9) + hours(3)));
}

TEST_F(UnusualHours, OfAnotherClassAndOfTheUnidentifiedNothingIsKnown) {
  work(3);
  for (const auto* name : {"infusion-pump", "unidentified"}) {
    device.device_class = name;
    EXPECT_FALSE(alive(kMonday + days(21) + hours(3))) << name;
  }
}

TEST_F(UnusualHours, WhatIsKnownOutlivesTheProcess) {
  work(3);
  ClassHours next;
  for (const auto& hour : known.take_unsaved()) next.restore(hour);
  EXPECT_TRUE(known.take_unsaved().empty());
  known = next;
  EXPECT_FALSE(alive(kMonday + days(21) + hours(9)));
  EXPECT_TRUE(alive(kMonday + days(21) + hours(3)));
}

}  // namespace
}  // namespace wardline::findings
