#include "controlplane/appliance/leg_losses.h"

#include <gtest/gtest.h>

#include "controlplane/records/time_text.h"

namespace wardline::appliance {
namespace {

struct Losses : testing::Test {
  static WallTime at(int seconds) { return WallTime(std::chrono::seconds(seconds)); }
  static std::string text(int seconds) { return records::text_of(at(seconds)); }
  void look(int seconds, std::uint64_t lost_in, std::uint64_t lost_out) {
    losses.note({{"main", "a/core (eth2)", lost_in, lost_out}, {"other", "b/core (eth4)", 0, 0}}, at(seconds));
  }
  std::vector<LegLoss> between(int from, int to, std::string_view bundle = "main") const {
    return losses.between(bundle, text(from), text(to));
  }
  LegLosses losses{at(0)};
};

TEST_F(Losses, WhatWasLostLiesBetweenTwoLooks) {
  look(10, 0, 0);
  look(20, 0, 12);
  look(30, 0, 12);
  EXPECT_TRUE(between(0, 9).empty());
  EXPECT_TRUE(between(21, 30).empty()) << "it was lost before";
  const auto found = between(15, 15);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].lost_out, 12U);
  EXPECT_EQ(found[0].lost_in, 0U);
  EXPECT_EQ(found[0].since, text(10));
  EXPECT_EQ(found[0].until, text(20));
  EXPECT_TRUE(between(15, 15, "other").empty());
  EXPECT_EQ(between(15, 15, "").size(), 1U) << "of all bundles";
}

TEST_F(Losses, BeforeTheFirstLookCountersWereZero) {
  look(1, 3, 0);
  ASSERT_EQ(between(0, 0).size(), 1U);
  EXPECT_EQ(between(0, 0)[0].since, text(0));
}

TEST_F(Losses, NearOnesAreOneSpellAndFarOnesAreApart) {
  look(1, 0, 1);
  look(5, 0, 3);
  look(100, 0, 3);
  look(101, 2, 4);
  EXPECT_EQ(between(0, 50)[0].lost_out, 3U);
  EXPECT_EQ(between(60, 120)[0].lost_out, 1U);
  EXPECT_EQ(between(60, 120)[0].lost_in, 2U);
  EXPECT_EQ(between(0, 120)[0].lost_out, 4U);
}

TEST_F(Losses, ACounterThatBeganAnewIsNoLossOfMillions) {
  look(1, 1000, 0);
  look(100, 5, 0);
  EXPECT_EQ(between(50, 100)[0].lost_in, 5U);
}

TEST_F(Losses, WhatLeftMemoryIsSaidToBeUnknown) {
  EXPECT_EQ(losses.known_since(), text(0));
  for (int spell = 1; spell <= static_cast<int>(LegLosses::kMostSpells) + 1; ++spell)
    look(spell * 100, 0, static_cast<std::uint64_t>(spell));
  EXPECT_EQ(losses.known_since(), text(100));
  EXPECT_TRUE(between(0, 99).empty());
}

TEST_F(Losses, TheyAreToldInASentence) {
  EXPECT_EQ(text_of(std::vector<LegLoss>{}), "");
  look(3600, 1, 0);
  look(3601, 1, 12);
  EXPECT_EQ(
      text_of(between(0, 4000)),
      "lost meanwhile: 12 frames on the way out by a/core (eth2), 1 frame on the way in by a/core (eth2), between "
      "00:00:00 and 01:00:01 UTC");
}

}  // namespace
}  // namespace wardline::appliance
