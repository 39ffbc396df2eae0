#include "controlplane/assets/places_in.h"

#include <gtest/gtest.h>

#include "controlplane/inventory/address_text.h"

namespace wardline::assets {
namespace {

const auto kImported = std::chrono::sys_days(std::chrono::year(2026) / 11 / 29);

struct PlaceFile {
  Errors errors;
  PlacesIn in;
  PlaceFile(const std::string& csv, PlaceKind kind) {
    const auto document = policy::YamlDocument::parse(
        "columns: {mac: [MAC, Calling-Station-Id], switch: [Switch, NAS-Identifier], port: Port, time: Time}\n",
        "map.yaml", errors);
    const auto map = read_column_map(document->root(), kPlaceKeys, kPlaceKeysRequired);
    const auto table = read_csv("MAC,Calling-Station-Id,Switch,NAS-Identifier,Port,Time\n" + csv, "t.csv", errors);
    const auto mapped = table ? MappedTable::bind(map, *table, errors) : std::nullopt;
    if (mapped) in = places_in(*mapped, kind, kImported, errors);
  }
  std::string place_of(const std::string& mac) const {
    for (const auto& place : in.places)
      if (inventory::text_of(place.mac) == mac) return place.switch_name + " " + place.port;
    return "";
  }
};

TEST(PlacesIn, AMacIsAtThePortWithTheFewestMacsAndAnUplinkIsNoPlace) {
  std::string csv;
  for (int i = 1; i <= 9; ++i) csv += "02:00:00:00:00:0" + std::to_string(i) + ",,core,,Te1/1,\n";
  csv += "02:00:00:00:00:01,,edge,,Gi1,\n02:00:00:00:00:02,,edge,,Gi2,\n01:00:5e:00:00:01,,edge,,CPU,\n";
  const PlaceFile file(csv, PlaceKind::kSwitchTable);
  ASSERT_TRUE(file.errors.empty()) << file.errors.front().text();
  EXPECT_EQ(file.place_of("02:00:00:00:00:01"), "edge Gi1");
  EXPECT_EQ(file.place_of("02:00:00:00:00:02"), "edge Gi2");
  EXPECT_EQ(file.place_of("02:00:00:00:00:03"), "");
  EXPECT_EQ(file.in.places.size(), 2U);
  EXPECT_EQ(file.in.uplinks, 1U);
  EXPECT_EQ(file.in.passed_over, 7U);
}

TEST(PlacesIn, AMacOnTwoPortsAlikeHasNoPlace) {
  const PlaceFile file("02:00:00:00:00:01,,a,,1,\n02:00:00:00:00:01,,b,,1,\n", PlaceKind::kSwitchTable);
  EXPECT_TRUE(file.in.places.empty());
  EXPECT_EQ(file.in.passed_over, 1U);
}

TEST(PlacesIn, OfRadiusSessionsTheLastCounts) {
  const PlaceFile file(
      ",02-00-00-00-00-01,,nas-2,7,2026-11-28T10:00:00Z\n,02-00-00-00-00-01,,nas-1,3,2026-11-27 10:00:00\n",
      PlaceKind::kRadius);
  ASSERT_TRUE(file.errors.empty()) << file.errors.front().text();
  EXPECT_EQ(file.place_of("02:00:00:00:00:01"), "nas-2 7");
  EXPECT_EQ(file.in.places[0].time, std::chrono::sys_days(std::chrono::year(2026) / 11 / 28) + std::chrono::hours(10));
}

TEST(PlacesIn, BrokenLinesAreToldAtTheirPlaces) {
  EXPECT_EQ(PlaceFile("x,,a,,1,\n", PlaceKind::kSwitchTable).errors.front().where, "t.csv:2:1");
  EXPECT_EQ(PlaceFile("02:00:00:00:00:01,,,,1,\n", PlaceKind::kSwitchTable).errors.front().what,
            "the name of the switch is missing");
  EXPECT_EQ(PlaceFile("02:00:00:00:00:01,,a,,,\n", PlaceKind::kSwitchTable).errors.front().what, "the port is missing");
  EXPECT_EQ(PlaceFile("02:00:00:00:00:01,,a,,1,yesterday\n", PlaceKind::kRadius).errors.front().where, "t.csv:2:25");
}

TEST(PlacesIn, OfSessionsWithoutATimeTheLastLineCounts) {
  const std::string mac = ",02-00-00-00-00-01,,";
  EXPECT_EQ(PlaceFile(mac + "nas-1,3,\n" + mac + "nas-2,7,\n", PlaceKind::kRadius).place_of("02:00:00:00:00:01"),
            "nas-2 7");
}

}  // namespace
}  // namespace wardline::assets
