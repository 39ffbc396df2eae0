#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "controlplane/inventory/database.h"
#include "tests/unit/controlplane/appliance/hand_made.h"

namespace wardline::appliance {
namespace {

using Json = nlohmann::json;

// Device 1, by its class a TV, is a serial server: a ventilator hangs on its port 4001.
struct BehindServer : testing::Test {
  BehindServer() {
    site.use(policy("infusion-pump"));
    site.put(site.event(EventKind::kDeviceSeen, 1));
    site.drain();
  }
  ~BehindServer() override { std::filesystem::remove_all(folder); }

  // `device_class` "": nobody pins what hangs there.
  std::shared_ptr<policy::Policy> policy(const std::string& device_class) {
    auto made = site.policy();
    policy::RegisterEntry entry;
    entry.id = "vent-1";
    entry.device_class = device_class;
    entry.serial = "77";
    made->devices.push_back(entry);
    made->devices[0].behind = {{4001, "vent-1", {"devices.yaml", 3, 14}}};
    return made;
  }
  Event answered_at(std::uint16_t port) const {
    auto event = site.event(EventKind::kFlow, 1);
    event.opened_by = flow::OpenedBy::kPeer;
    event.device_port = port;
    event.flow_id = port;
    event.final = true;
    event.packets_from_device = event.packets_to_device = 3;
    event.bytes_from_device = event.bytes_to_device = 300;
    event.payload_from_device = true;
    return event;
  }
  Json tell(const Event& event) {
    site.put(event);
    site.drain();
    return Json::parse(site.records("flow").back());
  }
  Json flow_at(std::uint16_t port) { return tell(answered_at(port)); }
  Json shown(const std::string& device) {
    return Json::parse(site.ask(R"({"op":"device.show","device":")" + device + "\"}"))["record"];
  }
  std::int64_t conversations_of(const std::string& device) {
    site.tick(2 * kSecond);
    auto database = inventory::Database::open(folder / "store.db", true);
    EXPECT_TRUE(database);
    return database->number("SELECT count(*) FROM conversation WHERE device_id='" + device + "'").value_or(-1);
  }

  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("wardline-behind-" + std::to_string(getpid()));
  HandMade site{(std::filesystem::create_directories(folder), folder / "store.db"), folder / "slots"};
};

TEST_F(BehindServer, AFlowOfItsPortIsTheDevicesInRecordsAndConversations) {
  const auto record = flow_at(4001);
  EXPECT_EQ(record["behind"], "vent-1");
  EXPECT_EQ(record["device_id"], HandMade::id_of(1));
  EXPECT_TRUE(flow_at(4002)["behind"].is_null());
  EXPECT_EQ(conversations_of("vent-1"), 1);
  EXPECT_EQ(conversations_of(HandMade::id_of(1)), 1);
}

TEST_F(BehindServer, TheDeviceIsInTheInventoryWithTheClassOfItsLine) {
  EXPECT_TRUE(shown("vent-1").is_null()) << "nothing was seen of it yet";
  flow_at(4001);
  const auto record = shown("vent-1");
  EXPECT_EQ(record["class"], "infusion-pump");
  EXPECT_EQ(record["serial"], "77");
  EXPECT_TRUE(record["interfaces"].empty());
  EXPECT_EQ(Json::parse(site.ask(R"({"op":"quarantine.add","device":"vent-1"})"))["errors"][0]["code"],
            "device.behind");
  site.tick(2 * kSecond);
  site.restart(true);
  site.use(policy("infusion-pump"));
  EXPECT_EQ(shown("vent-1")["class"], "infusion-pump");
  site.use(site.policy());  // its line is gone
  EXPECT_TRUE(shown("vent-1").is_null());
}

TEST_F(BehindServer, WhatNothingCameFromIsNotSeen) {
  auto unanswered = answered_at(4001);
  unanswered.payload_from_device = false;  // the server's SYN-ACK and acknowledgements
  EXPECT_EQ(tell(unanswered)["behind"], "vent-1") << "it is meant, though";
  EXPECT_TRUE(shown("vent-1").is_null()) << "a port that accepts says nothing of what hangs on it";
  unanswered.packets_from_device = unanswered.bytes_from_device = 0;
  unanswered.verdict = enforce::Verdict::kBlock;
  unanswered.applied_drop = true;
  tell(unanswered);
  EXPECT_TRUE(shown("vent-1").is_null());
  flow_at(4001);
  const auto seen = shown("vent-1")["last_seen"];
  site.now += 3600 * kSecond;
  tell(unanswered);
  auto others = answered_at(4002);
  others.time = others.first_seen = site.now;
  tell(others);
  EXPECT_NE(shown(HandMade::id_of(1))["last_seen"], seen) << "the server speaks";
  EXPECT_EQ(shown("vent-1")["last_seen"], seen);
}

TEST_F(BehindServer, ALongFlowThatFellSilentIsNoSignOfIt) {
  auto report = answered_at(4001);
  report.final = false;
  tell(report);
  const auto seen = shown("vent-1")["last_seen"];
  site.now += 300 * kSecond;
  report.time = site.now;
  report.packets_from_device = report.bytes_from_device = 60;
  report.payload_from_device = false;
  EXPECT_EQ(tell(report)["bytes_from_device"], 360) << "the record has the flow's total";
  EXPECT_EQ(shown("vent-1")["last_seen"], seen);
}

TEST_F(BehindServer, ItWasSeenWhenItsFlowWas) {
  const auto late = answered_at(4001);
  const auto then = shown(HandMade::id_of(1))["last_seen"];
  site.now += 60 * kSecond;
  flow_at(4002);
  tell(late);
  EXPECT_EQ(shown("vent-1")["first_seen"], then);
  EXPECT_EQ(shown("vent-1")["last_seen"], then);
}

TEST_F(BehindServer, WhatTheServerOpensFromAPortOfThatNumberIsItsOwn) {
  auto event = answered_at(4001);
  event.opened_by = flow::OpenedBy::kDevice;
  EXPECT_TRUE(tell(event)["behind"].is_null());
  EXPECT_TRUE(shown("vent-1").is_null());
  event.guessed = true;  // seen from its middle
  EXPECT_EQ(tell(event)["behind"], "vent-1");
}

TEST_F(BehindServer, OneThatIsSeenWithAnInterfaceOfItsOwnHasASlotFromThenOn) {
  auto with_mac = policy("infusion-pump");
  const Mac mac{{2, 0, 0, 0, 0, 77}};
  with_mac->devices.back().macs = {mac};
  with_mac->register_by_mac[mac] = with_mac->devices.size() - 1;
  site.use(with_mac);
  flow_at(4001);
  ASSERT_EQ(site.appliance->device("vent-1")->slot, kNoSlot);
  site.put(site.event(EventKind::kDeviceSeen, 77));
  site.drain();
  ASSERT_NE(site.appliance->device("vent-1")->slot, kNoSlot);
  EXPECT_EQ(site.slots->word(site.appliance->device("vent-1")->slot).device_class, HandMade::kPump);
  flow_at(4001);
  EXPECT_EQ(site.appliance->device("vent-1")->interfaces.size(), 1U);
}

TEST_F(BehindServer, TheServerIsAsCriticalAsWhatHangsOnIt) {
  EXPECT_EQ(shown(HandMade::id_of(1))["criticality"], "life-critical");
  const auto asked = Json::parse(
      site.ask(R"({"op":"quarantine.add","device":")" + HandMade::id_of(1) + R"(","profile":"isolate","reason":"x"})"));
  EXPECT_EQ(asked["record"]["state"], "pending") << "more than contain takes two people";
  site.use(policy("smart-tv"));
  EXPECT_EQ(shown(HandMade::id_of(1))["criticality"], "none");
  site.use(policy(""));  // it may be a ventilator
  EXPECT_EQ(shown(HandMade::id_of(1))["criticality"], "life-critical");
}

TEST_F(BehindServer, WorkersGoByWhatHangsOnTheServer) {
  using enforce::Criticality;
  const auto word = [this] { return site.slots->word(site.appliance->device(HandMade::id_of(1))->slot); };
  EXPECT_EQ(word().inherited, Criticality::kLifeCritical);
  const auto epoch = word().epoch;
  site.use(policy("smart-tv"));
  EXPECT_EQ(word().inherited, Criticality::kNone);
  EXPECT_NE(word().epoch, epoch) << "flows that stand are decided again";
  site.use(policy(""));
  site.tick(2 * kSecond);
  site.restart(true);
  EXPECT_EQ(word().inherited, Criticality::kLifeCritical) << "before a policy is there";
}

TEST_F(BehindServer, AnIsolationOfAServerIsWeakenedWhenALifeHangsOnIt) {
  site.use(site.policy());
  const auto added = Json::parse(
      site.ask(R"({"op":"quarantine.add","device":")" + HandMade::id_of(1) + R"(","profile":"isolate","reason":"x"})"));
  ASSERT_EQ(added["record"]["state"], "active") << added;
  site.use(policy("infusion-pump"));
  EXPECT_EQ(site.appliance->device(HandMade::id_of(1))->quarantine, "contain");
}

}  // namespace
}  // namespace wardline::appliance
