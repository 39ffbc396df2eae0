// What is remembered of a device is bounded, and so is what is told of it.
#include <gtest/gtest.h>

#include "tests/unit/dataplane/detect/settings.h"

namespace wardline::detect {
namespace {

TEST(Window, CountsUntilItPassed) {
  Window window;
  const auto within = seconds(60);
  EXPECT_EQ(window.add(1, kStart, within), 1U);
  EXPECT_EQ(window.add(1, kStart + seconds(29), within), 2U);
  EXPECT_EQ(window.add(1, kStart + seconds(31), within), 3U) << "the older half still counts";
  EXPECT_EQ(window.add(1, kStart + seconds(61), within), 2U) << "it fell away";
  EXPECT_EQ(window.add(1, kStart + seconds(200), within), 1U);
}

TEST(Distinct, CountsDifferentThingsAndNotRepetitions) {
  Distinct distinct;
  const auto within = seconds(60);
  for (std::uint64_t i = 0; i < 20; ++i) distinct.add(mix(i), kStart, within);
  const auto once = distinct.estimate();
  for (std::uint64_t i = 0; i < 20; ++i) distinct.add(mix(i), kStart + seconds(40), within);
  EXPECT_NEAR(once, 20, 2);
  EXPECT_EQ(distinct.estimate(), once) << "the same in both halves count once";
  EXPECT_EQ(distinct.add(mix(99), kStart + seconds(300), within), 1U);
}

TEST(Distinct, IsNearTheTruthUpToItsBits) {
  for (std::uint64_t truth : {50U, 100U, 200U}) {
    double sum = 0;
    constexpr std::uint64_t kTrials = 20;
    for (std::uint64_t seed = 0; seed < kTrials; ++seed) {
      Distinct distinct;
      for (std::uint64_t i = 0; i < truth; ++i) distinct.add(mix(i, mix(seed)), kStart, seconds(60));
      EXPECT_NEAR(distinct.estimate(), static_cast<double>(truth), static_cast<double>(truth) / 4);
      sum += distinct.estimate();
    }
    EXPECT_NEAR(sum / kTrials, static_cast<double>(truth), static_cast<double>(truth) / 20);
  }
}

TEST(Distinct, SaturatesAndStaysBounded) {
  Distinct distinct;
  for (std::uint64_t i = 0; i < 100'000; ++i) distinct.add(mix(i), kStart, seconds(60));
  EXPECT_EQ(distinct.estimate(), Distinct::kMost);
}

TEST(Watched, ADeviceKeepsItsEntryAndOthersDoNotShareIt) {
  WatchedDevices devices(64);
  devices.touch(1, kStart).owed = 5;
  devices.touch(2, kStart).owed = 6;
  EXPECT_EQ(devices.touch(1, kStart).owed, 5U);
  EXPECT_EQ(devices.touch(2, kStart).owed, 6U);
  EXPECT_EQ(devices.replaced(), 0U);
}

TEST(Watched, TheLeastRecentlyUsedGivesWayAndIsCounted) {
  WatchedDevices devices(8);  // one set
  ASSERT_EQ(devices.size(), 8U);
  for (std::uint64_t key = 1; key <= 8; ++key) devices.touch(key, kStart + static_cast<CoarseTick>(key)).owed = 1;
  devices.touch(1, kStart + 100);
  EXPECT_EQ(devices.touch(9, kStart + 101).owed, 0U);
  EXPECT_EQ(devices.replaced(), 1U);
  EXPECT_EQ(devices.touch(1, kStart + 102).owed, 1U) << "used lately";
  EXPECT_EQ(devices.touch(2, kStart + 103).owed, 0U) << "it had been idle for longest";
}

TEST(Watched, EachWayOfASetIsFoundByItsWholeKey) {
  constexpr std::uint64_t kHigh = std::uint64_t{7} << 32;
  WatchedDevices devices(8);  // one set
  for (std::uint64_t key = 1; key <= 8; ++key)
    devices.touch(kHigh | key, kStart).owed = static_cast<std::uint32_t>(key);
  for (std::uint64_t key = 1; key <= 8; ++key) {
    const auto set = devices.prefetch_set(kHigh | key);
    const auto place = devices.prefetch_entry<kOpening>(kHigh | key, set);
    auto* const entry = devices.touch_at(place, kHigh | key, kStart);
    ASSERT_NE(entry, nullptr);
    EXPECT_EQ(entry->owed, key);
    EXPECT_EQ(devices.touch_at(place, key, kStart), nullptr) << "the same lower half";
    EXPECT_EQ(devices.touch_at(place, (kHigh << 1) | key, kStart), nullptr);
    EXPECT_EQ(devices.prefetch_entry<kOpening>(key, devices.prefetch_set(key)), 0U) << "of no entry";
  }
}

TEST(Watched, WhoIsFoundWhereItWasLookedForIsUsedLately) {
  WatchedDevices devices(8);  // one set
  for (std::uint64_t key = 1; key <= 8; ++key) devices.touch(key, kStart + static_cast<CoarseTick>(key));
  const auto place = devices.prefetch_entry<kEnding>(1, devices.prefetch_set(1));
  ASSERT_NE(devices.touch_at(place, 1, kStart + 100), nullptr);
  devices.touch(9, kStart + 101);
  EXPECT_NE(devices.touch_at(place, 1, kStart + 102), nullptr);
  const auto of_second = devices.prefetch_entry<kEnding>(9, devices.prefetch_set(9));
  EXPECT_EQ(devices.touch_at(of_second, 2, kStart + 103), nullptr) << "another device took its place";
}

TEST(Watched, AnAlarmIsToldOnceInItsWindowAndStillActs) {
  Watched watched;
  const auto settings = only(Detector::kMiraiScan, 1, 60);
  const auto raise_at = [&](CoarseTick now) {
    Alarms alarms;
    count_one(watched, settings, Detector::kMiraiScan, now, {}, alarms);
    return alarms;
  };
  EXPECT_TRUE(raise_at(kStart).all().front().tell);
  EXPECT_FALSE(raise_at(kStart + seconds(30)).all().front().tell);
  EXPECT_TRUE(raise_at(kStart + seconds(75)).all().front().tell);
  EXPECT_EQ(raise_at(kStart).all().front().signature, 7);
}

TEST(Watched, ADetectorThatThePolicyLeavesOutIsSilent) {
  Watched watched;
  Alarms alarms;
  count_one(watched, {}, Detector::kMiraiScan, kStart, {}, alarms);
  EXPECT_TRUE(alarms.empty());
}

TEST(Note, IsPrintableAndBounded) {
  EXPECT_EQ(Note("a\nb\xff").view(), "a?b?");
  EXPECT_EQ(Note(std::string(100, 'x')).view().size(), 31U);
  EXPECT_EQ(Note(Address::v4(0x0a0100fe)).view(), "10.1.0.254");
  EXPECT_EQ(Note(Mac{{0, 0x1b, 2, 3, 4, 0xff}}).view(), "00:1b:02:03:04:ff");
}

}  // namespace
}  // namespace wardline::detect
