// A leg's link that runs at another speed than it did.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/unit/controlplane/appliance/hand_made.h"

namespace wardline::appliance {
namespace {

using Json = nlohmann::json;

struct LinkSpeeds : testing::Test {
  LinkSpeeds() { site.use(site.policy()); }
  ~LinkSpeeds() override { std::filesystem::remove_all(folder); }

  void runs_at(std::uint32_t megabits, bool full_duplex = true) {
    site.tick(kSecond);
    const WallTime wall(std::chrono::microseconds(site.now / 1000));
    site.appliance->note_link("east/device (eth1)", megabits, full_duplex, site.now, wall);
    site.tick(kSecond);
  }
  Json open() { return Json::parse(site.ask(R"({"op":"finding.list","kind":"link_speed_changed"})"))["records"]; }

  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("wardline-links-" + std::to_string(getpid()));
  HandMade site{(std::filesystem::create_directories(folder), folder / "store.db"), folder / "slots"};
};

TEST_F(LinkSpeeds, AChangeIsToldWithBothSpeedsUntilTheFormerIsBack) {
  runs_at(1000);
  EXPECT_TRUE(open().empty());
  runs_at(100, false);
  runs_at(100, false);
  ASSERT_EQ(open().size(), 1U);
  EXPECT_EQ(open()[0]["subject"], "east/device (eth1)");
  EXPECT_EQ(open()[0]["severity"], "low");
  EXPECT_EQ(open()[0]["evidence"], (Json{"1 Gb/s full duplex", "100 Mb/s half duplex"}));
  runs_at(1000);
  EXPECT_TRUE(open().empty());
}

TEST_F(LinkSpeeds, ALinkThatWentAndCameBackAsItWasIsNone) {
  runs_at(1000);
  runs_at(0);
  runs_at(1000);
  EXPECT_EQ(site.appliance->records_made("finding"), 0U);
}

TEST_F(LinkSpeeds, TheUsualSpeedIsKnownOverARestart) {
  runs_at(10000);
  runs_at(1000);
  site.restart(true);
  site.use(site.policy());
  runs_at(1000);
  ASSERT_EQ(open().size(), 1U);
  EXPECT_EQ(open()[0]["evidence"][0], "10 Gb/s full duplex");
  runs_at(10000);
  EXPECT_TRUE(open().empty());
}

TEST_F(LinkSpeeds, AMonthMakesASpeedTheUsualOne) {
  runs_at(1000);
  runs_at(100);
  site.tick(31 * 24 * 3600 * kSecond);
  EXPECT_TRUE(open().empty());
  runs_at(100);
  runs_at(1000);
  EXPECT_EQ(open()[0]["evidence"][0], "100 Mb/s full duplex");
}

}  // namespace
}  // namespace wardline::appliance
