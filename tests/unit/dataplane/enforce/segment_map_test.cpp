#include <gtest/gtest.h>

#include "dataplane/enforce/snapshot.h"

namespace wardline::enforce {
namespace {

constexpr auto kDev = Side::kDevice;
constexpr auto kCore = Side::kCore;

TEST(SegmentMap, WithoutEntriesKnowsNoSegment) {
  EXPECT_EQ(SegmentMap().find(0, kDev, 0, 0, false), kUnknownSegment);
}

TEST(SegmentMap, TellsBundlesSidesAndTagsApart) {
  const SegmentMap::Entry entries[]{{0, kDev, 410, -1, 7}, {0, kCore, 1410, -1, 7}, {1, kDev, 410, -1, 8}};
  const SegmentMap map(entries, 2);
  EXPECT_EQ(map.find(0, kDev, 410, 0, false), 7);
  EXPECT_EQ(map.find(0, kCore, 1410, 0, false), 7);
  EXPECT_EQ(map.find(0, kCore, 410, 0, false), kUnknownSegment);
  EXPECT_EQ(map.find(1, kDev, 410, 0, false), 8);
  EXPECT_EQ(map.find(2, kDev, 410, 0, false), kUnknownSegment) << "a bundle that the policy does not know";
  EXPECT_EQ(map.find(0, kDev, 0, 0, false), kUnknownSegment);
}

TEST(SegmentMap, PrefersAnExactInnerTagToAnyInnerTag) {
  const SegmentMap::Entry entries[]{{-1, kDev, 100, -1, 1}, {-1, kDev, 100, 20, 2}, {-1, kDev, 100, 0, 3}};
  const SegmentMap map(entries, 1);
  EXPECT_EQ(map.find(0, kDev, 100, 0, false), 1) << "no inner tag";
  EXPECT_EQ(map.find(0, kDev, 100, 20, true), 2);
  EXPECT_EQ(map.find(0, kDev, 100, 21, true), 1);
  EXPECT_EQ(map.find(0, kDev, 100, 0, true), 3) << "a priority tag inside";
}

TEST(SegmentMap, LetsOneBundleOverrideWhatIsSaidOfAll) {
  const SegmentMap::Entry entries[]{
      {1, kDev, 5, -1, 9}, {-1, kDev, 5, -1, 4}, {1, kDev, 5, 6, 19}, {-1, kDev, 5, 6, 14}};
  const SegmentMap map(entries, 3);
  EXPECT_EQ(map.find(0, kDev, 5, 0, false), 4);
  EXPECT_EQ(map.find(1, kDev, 5, 0, false), 9);
  EXPECT_EQ(map.find(2, kDev, 5, 6, true), 14);
  EXPECT_EQ(map.find(1, kDev, 5, 6, true), 19);
}

TEST(SegmentMap, IgnoresEntriesThatNoFrameCanMeet) {
  const SegmentMap::Entry entries[]{{0, kDev, 4096, -1, 7}, {9, kDev, 1, -1, 8}, {0, kDev, 1, 4096, 9}};
  const SegmentMap map(entries, 1);
  EXPECT_EQ(map.find(0, kDev, 1, 4095, true), kUnknownSegment);
  EXPECT_EQ(map.find(0, kDev, 4096, 0, false), kUnknownSegment);
}

}  // namespace
}  // namespace wardline::enforce
