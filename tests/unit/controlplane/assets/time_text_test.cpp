#include "controlplane/assets/time_text.h"

#include <gtest/gtest.h>

namespace wardline::assets {
namespace {

TEST(TimeText, TimesAreReadAsLogsWriteThem) {
  const auto seven = std::chrono::sys_days(std::chrono::year(2026) / 11 / 29) + std::chrono::hours(7);
  for (const char* text : {"2026-11-29T07:00:00Z", "2026-11-29 07:00:00", "2026-11-29t07:00:00z",
                           "2026-11-29T08:00:00+01:00", "2026-11-28T23:30:00-07:30", "2026-11-29T07:00:00.000Z",
                           "Nov 29 2026 07:00:00 UTC", "Nov 29 2026 07:00:00 GMT", "1795935600"})
    EXPECT_EQ(read_time(text), seven) << text;
  EXPECT_EQ(read_time("2026-11-29T07:00:00.5Z"), seven + std::chrono::milliseconds(500));
  EXPECT_EQ(read_time("2026-11-29T08:00:00.123456789+01:00"), seven + std::chrono::microseconds(123'456));
  EXPECT_EQ(read_time("Nov  9 2026 07:00:00 UTC"), seven - std::chrono::days(20));
}

TEST(TimeText, WhatIsNoTimeIsRefused) {
  for (const char* text :
       {"", "2026-13-01T00:00:00Z", "2026-02-30 00:00:00", "29.11.2026 07:00", "-5", "2026-11-29",
        "2026-11-29T07:00:00+1:00", "2026-11-29T07:00:00+01:0", "2026-11-29T07:00:00Z+01:00", "2026-11-29T07:00:00.Z",
        "2026-11-29T24:00:00Z", "2026-11-29T07:00:00Zx", "-026-11-29T07:00:00Z", "Nov 29 2026 07:00:00",
        "Nov 29 2026 07:00:00 CET", "Nov 31 2026 07:00:00 UTC", "Nov 9 2026 07:00:00 UTC", "Now 29 2026 07:00:00 UTC"})
    EXPECT_FALSE(read_time(text)) << text;
}

}  // namespace
}  // namespace wardline::assets
