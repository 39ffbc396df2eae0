#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/unit/controlplane/appliance/hand_made.h"

namespace wardline::appliance {
namespace {

using Json = nlohmann::json;

struct DeviceStory : testing::Test {
  DeviceStory() {
    site.use(site.policy());
    site.put(site.event(EventKind::kAddressSeen, 1));
    site.drain();
  }
  ~DeviceStory() override { std::filesystem::remove_all(folder); }

  void tell(EventKind kind, std::uint64_t flow_id, std::uint8_t device = 1) {
    auto event = site.event(kind, device);
    event.flow_id = flow_id;
    event.final = true;
    event.packets_from_device = event.packets_to_device = 2;
    site.put(event);
    site.drain();
  }
  Json shown() { return Json::parse(site.ask(R"({"op":"device.show","device":"10.20.0.1"})"))["record"]; }
  Json status() { return Json::parse(site.ask(R"({"op":"status"})"))["status"]; }

  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("wardline-story-" + std::to_string(getpid()));
  HandMade site{(std::filesystem::create_directories(folder), folder / "store.db"), folder / "slots"};
};

TEST_F(DeviceStory, WhatIsNotYetWrittenAddsUpWithWhatIs) {
  tell(EventKind::kFlow, 1);
  site.tick(2 * kSecond);
  tell(EventKind::kFlow, 2);
  const auto conversations = shown()["conversations"];
  ASSERT_EQ(conversations.size(), 1u);
  EXPECT_EQ(conversations[0]["flows"], 2);
  EXPECT_EQ(conversations[0]["direction"], "from_device");
  EXPECT_EQ(conversations[0]["peer"], "203.0.113.10");
}

TEST_F(DeviceStory, OneAnswerHasItsBlocksItsQuarantineAndWhatChanged) {
  tell(EventKind::kViolation, 1);
  site.tick(2 * kSecond);  // the inventory's first sight of it
  ASSERT_TRUE(Json::parse(
      site.ask(R"({"op":"quarantine.add","device":"10.20.0.1","profile":"contain","reason":"odd firmware"})"))["ok"]);
  site.tick(2 * kSecond);
  const auto record = shown();
  EXPECT_EQ(record["type"], "device");
  EXPECT_EQ(record["class_title"], "Smart TV");
  EXPECT_TRUE(record["registered"]);
  ASSERT_EQ(record["violations"].size(), 1u);
  EXPECT_EQ(record["violations"][0]["reason"], "no_rule");
  ASSERT_EQ(record["quarantines"].size(), 1u);
  EXPECT_EQ(record["quarantines"][0]["reason"], "odd firmware");
  ASSERT_FALSE(record["history"].empty());
  EXPECT_EQ(record["history"][0]["attribute"], "quarantine");
  EXPECT_EQ(record["history"][0]["after"], "contain");
}

TEST_F(DeviceStory, TheDevicesWithMostComeFirstInTheStatus) {
  site.put(site.event(EventKind::kDeviceSeen, 2));
  site.drain();
  for (std::uint64_t id = 1; id <= 3; ++id) tell(EventKind::kViolation, id, 2);
  tell(EventKind::kViolation, 9);
  tell(EventKind::kFlow, 10);
  tell(EventKind::kFlow, 10);  // told twice, one flow
  const auto lately = status()["lately"];
  ASSERT_EQ(lately["violations"].size(), 2u);
  EXPECT_EQ(lately["violations"][0]["device_id"], HandMade::id_of(2));
  EXPECT_EQ(lately["violations"][0]["count"], 3);
  ASSERT_EQ(lately["flows"].size(), 1u);
  EXPECT_EQ(lately["flows"][0]["count"], 1);
}

TEST_F(DeviceStory, WhatIsLongAgoIsNotLately) {
  tell(EventKind::kViolation, 1);
  site.now += 11 * 60 * kSecond;
  EXPECT_TRUE(status()["lately"]["violations"].empty());
}

}  // namespace
}  // namespace wardline::appliance
