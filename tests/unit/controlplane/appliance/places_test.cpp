#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/unit/controlplane/appliance/hand_made.h"

namespace wardline::appliance {
namespace {

using Json = nlohmann::json;

struct ImportedPlaces : testing::Test {
  ImportedPlaces() {
    site.use(site.policy());
    site.put(site.event(EventKind::kDeviceSeen, 1));
    site.drain();
  }
  ~ImportedPlaces() override { std::filesystem::remove_all(folder); }

  // `seconds` 0: now.
  Json import(const std::string& source, const std::string& switch_name, const std::string& port, int seconds = 0) {
    Json place{{"mac", "02:00:00:00:00:01"}, {"switch", switch_name}, {"port", port}};
    if (seconds != 0) place["seconds"] = seconds;
    return Json::parse(
        site.ask(Json{{"op", "place.import"}, {"source", source}, {"places", Json::array({place})}}.dump()));
  }
  std::string location() {
    return Json::parse(site.ask(R"({"op":"device.show","device":"02:00:00:00:00:01"})"))["record"]["location"];
  }

  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("wardline-places-" + std::to_string(getpid()));
  HandMade site{(std::filesystem::create_directories(folder), folder / "store.db"), folder / "slots"};
};

TEST_F(ImportedPlaces, ADeviceIsWhereTheTableHasItsMacAndStaysThereOverARestart) {
  EXPECT_EQ(import("switch-table", "sw-4b-1", "Gi1/0/12")["placed"], 1);
  EXPECT_EQ(location(), "4B/sw-4b-1/Gi1/0/12");
  site.tick(2 * kSecond);
  site.restart(true);
  site.use(site.policy());
  EXPECT_EQ(location(), "4B/sw-4b-1/Gi1/0/12");
  EXPECT_EQ(import("switch-table", "sw-4b-2", "Gi1/0/3")["placed"], 1);
  EXPECT_EQ(location(), "4B/sw-4b-2/Gi1/0/3");
}

TEST_F(ImportedPlaces, TheNewestWordCountsAndTheRegistersBeforeAny) {
  import("switch-table", "sw-1", "1", 2000);
  import("radius", "sw-2", "2", 3000);
  EXPECT_EQ(location(), "4B/sw-2/2");
  import("radius", "sw-3", "3", 1000);  // an old log that is read late
  EXPECT_EQ(location(), "4B/sw-2/2");
  auto policy = site.policy();
  policy->devices[0].switch_name = "sw-9";
  policy->devices[0].switch_port = "9";
  site.use(policy);
  EXPECT_EQ(location(), "4B/sw-9/9");
  import("radius", "sw-4", "4", 4000);
  EXPECT_EQ(location(), "4B/sw-9/9");
}

TEST_F(ImportedPlaces, WhatIsBadIsRefusedWholeAndUnknownMacsAreCounted) {
  EXPECT_EQ(import("lldp", "sw-1", "1")["exit"], 2);
  EXPECT_EQ(import("radius", "", "1")["exit"], 2);
  const auto half = Json::parse(site.ask(
      R"({"op":"place.import","source":"radius","places":[{"mac":"02:00:00:00:00:01","switch":"s","port":"1"},{"mac":"x"}]})"));
  EXPECT_EQ(half["exit"], 2);
  EXPECT_EQ(location(), "4B/-/-");
  const auto unknown = Json::parse(site.ask(
      R"({"op":"place.import","source":"radius","places":[{"mac":"02:00:00:00:00:63","switch":"s","port":"1"}]})"));
  EXPECT_EQ(unknown["unknown"], 1);
  EXPECT_EQ(unknown["placed"], 0);
}

}  // namespace
}  // namespace wardline::appliance
