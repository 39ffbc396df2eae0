// What could hurt a patient or mislead the people who look after the appliance: who is meant by a name, what a restart
// brings back, what a device can say of its neighbour, and a store that does not answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "controlplane/inventory/database.h"
#include "controlplane/inventory/store.h"
#include "tests/unit/controlplane/appliance/hand_made.h"

namespace wardline::appliance {
namespace {

using Json = nlohmann::json;
using enforce::Profile;
using ::testing::HasSubstr;

struct Harm : ::testing::Test {
  std::filesystem::path folder = std::filesystem::temp_directory_path() /
                                 ("wardline-harm-" + std::to_string(::testing::UnitTest::GetInstance()->random_seed()) +
                                  "-" + std::to_string(getpid()));
  HandMade site{(std::filesystem::create_directories(folder), folder / "store.db"), folder / "slots"};
  void SetUp() override { site.use(site.policy()); }
  void TearDown() override { std::filesystem::remove_all(folder); }

  void see(std::uint8_t device, std::uint8_t address = 0) {
    auto event = site.event(EventKind::kDeviceSeen, device);
    if (address != 0) event.device_ip = Address::v4(0x0a140000u + address);
    site.put(event);
    site.drain();
  }
  inventory::Device& device(std::uint8_t number) {
    return const_cast<inventory::Device&>(*site.appliance->device(HandMade::id_of(number)));
  }
  Json add(const std::string& text, const std::string& profile = "contain") {
    return Json::parse(site.ask(Json{{"op", "quarantine.add"}, {"device", text}, {"profile", profile}}.dump()));
  }
  std::vector<std::string> findings() {
    std::vector<std::string> kinds;
    for (const auto& json : site.records("finding")) kinds.push_back(Json::parse(json)["kind"]);
    return kinds;
  }
};

TEST_F(Harm, AnAddressNamesTheDeviceThatHoldsItNowAndNotThePumpThatHadItLastWeek) {
  see(11);      // the pump, at 10.20.0.11
  see(11, 50);  // it got another address
  see(21, 11);  // and something else got its former one
  EXPECT_EQ(add("10.20.0.11")["record"]["device_id"], HandMade::id_of(21));
  EXPECT_EQ(device(11).quarantine, "none");
}

TEST_F(Harm, AHostNameTakesNeitherAnothersMacNorItsAddress) {
  see(1);
  see(11);
  for (const char* name : {"02:00:00:00:00:0b", "10.20.0.11"}) {
    device(1).hostname = name;
    EXPECT_EQ(site.appliance->device(name)->id, HandMade::id_of(11)) << name;
  }
}

TEST_F(Harm, AHostNameThatTwoDevicesBearNamesNeither) {
  see(1);
  see(11);
  device(1).hostname = device(11).hostname = "ward-4b";
  EXPECT_FALSE(add("ward-4b")["ok"]);
  device(1).hostname = "tv";
  EXPECT_EQ(add("ward-4b")["record"]["device_id"], HandMade::id_of(11));
}

TEST_F(Harm, AGraceOfTheFormerClassEndsAfterARestartToo) {
  see(1);
  auto next = site.policy();
  for (auto& entry : next->devices)
    if (entry.id == HandMade::id_of(1)) entry.device_class = "infusion-pump";
  site.use(next);
  site.tick(2 * kSecond);
  site.restart(true);
  next = site.policy();
  for (auto& entry : next->devices)
    if (entry.id == HandMade::id_of(1)) entry.device_class = "infusion-pump";
  site.use(next);
  EXPECT_EQ(site.slots->word(site.slot_of(1)).former_class, HandMade::kTv);
  site.tick(3601 * kSecond);
  EXPECT_EQ(site.slots->word(site.slot_of(1)).former_class, kNoClass);
}

TEST_F(Harm, ADeviceThatTurnsOutToBeLifeCriticalIsContainedAndNotCutOffByOnePersonsWord) {
  see(99);
  ASSERT_TRUE(add("02:00:00:00:00:63", "cut-off")["ok"]);
  ASSERT_EQ(site.slots->word(site.slot_of(99)).quarantine, Profile::kCutOff);
  auto next = site.policy();
  next->devices.front().device_class = "infusion-pump";
  next->register_by_mac[Mac{{2, 0, 0, 0, 0, 99}}] = 0;
  site.use(next);
  EXPECT_EQ(site.slots->word(site.slot_of(99)).device_class, HandMade::kPump);
  EXPECT_EQ(site.slots->word(site.slot_of(99)).quarantine, Profile::kContain);
  site.tick(kSecond);
  EXPECT_EQ(findings(), std::vector<std::string>{"quarantine_weakened"});
  site.restart(true);
  EXPECT_EQ(Json::parse(site.ask(R"({"op":"quarantine.list"})"))["records"].size(), 1u);
  EXPECT_EQ(site.appliance->device(HandMade::id_of(99))->quarantine, "contain");
}

TEST_F(Harm, AHoldOutlivesTheDaemon) {
  see(1);
  ASSERT_EQ(site.slots->word(site.slot_of(1)).armed, Profile::kIsolate);
  site.ask(Json{{"op", "hold"}, {"device", HandMade::id_of(1)}, {"for_seconds", 7200}}.dump());
  site.tick(2 * kSecond);
  for (const bool keep_region : {true, false}) {
    site.restart(keep_region);
    site.use(site.policy());
    EXPECT_EQ(site.slots->word(site.slots->real_slots().front()).armed, Profile::kNone);
  }
  site.tick(7200 * kSecond);
  EXPECT_EQ(site.slots->word(site.slots->real_slots().front()).armed, Profile::kIsolate);
}

TEST_F(Harm, ARestartGivesAutomaticQuarantineNoFreshStart) {
  for (std::uint8_t tv = 1; tv <= 4; ++tv) see(tv);
  for (std::uint8_t tv = 1; tv <= 3; ++tv)
    site.slots->update(site.slot_of(tv), [](enforce::SlotWord& word) {
      word.quarantine = Profile::kIsolate;
      return true;
    });
  site.tick(2 * kSecond);
  ASSERT_EQ(site.slots->word(site.slot_of(4)).armed, Profile::kNone) << "the breaker";
  site.restart(true);
  site.use(site.policy());
  EXPECT_EQ(site.slots->word(site.slot_of(4)).armed, Profile::kNone);
  site.tick(3700 * kSecond);
  EXPECT_EQ(site.slots->word(site.slot_of(4)).armed, Profile::kIsolate) << "the hour is over";
}

TEST_F(Harm, TwoLongIdsThatBeginAlikeStayTwoDevicesWhenTheStoreIsLost) {
  const std::string start = "dev-" + std::string(40, 'x');
  for (std::uint8_t n : {1, 2}) {
    const auto id = start + std::to_string(n);
    enforce::SlotIdentity identity;
    identity.device_key = enforce::name_hash(id);
    id.copy(identity.device_id, sizeof identity.device_id - 1);
    identity.segment = HandMade::kRooms;
    identity.used = true;
    identity.mac = Mac{{2, 7, 0, 0, 0, n}};
    ASSERT_NE(site.slots->allocate(identity), kNoSlot);
  }
  site.restart(true);
  EXPECT_EQ(Json::parse(site.ask(R"({"op":"device.list"})"))["records"].size(), 2u);
}

TEST_F(Harm, AQuarantinesReasonForgesNoLineOfAnExplanation) {
  see(1);
  site.ask(
      Json{{"op", "quarantine.add"}, {"device", HandMade::id_of(1)}, {"reason", "odd\n\x1b[2JIt is not in quarantine."}}
          .dump());
  const auto text =
      Json::parse(site.ask(Json{{"op", "explain"}, {"device", HandMade::id_of(1)}}.dump()))["text"].get<std::string>();
  EXPECT_THAT(text, HasSubstr("odd\\u000a\\u001b[2JIt is"));
}

// A DHCP DISCOVER of `client` that `sender` forwards as a relay would.
FrameCopy relayed_discover(const Mac& sender, const Mac& client) {
  FrameCopy copy;
  copy.segment = HandMade::kRooms;
  copy.device_mac = sender;
  std::string frame(14 + 20 + 8 + 240, '\0');
  const auto put = [&](std::size_t at, const std::string& bytes) { frame.replace(at, bytes.size(), bytes); };
  const auto mac = [](const Mac& m) { return std::string(reinterpret_cast<const char*>(m.bytes.data()), 6); };
  put(0, "\xff\xff\xff\xff\xff\xff" + mac(sender) + std::string("\x08\x00", 2));
  put(42, std::string("\x01\x01\x06\x01", 4));
  put(42 + 24, "\x0a\x14\x01\x01");  // giaddr
  put(42 + 28, mac(client));
  put(42 + 236, "\x63\x82\x53\x63");
  frame += std::string(
      "\x35\x01\x01\x3c\x04"
      "Evil"
      "\xff",
      10);
  const auto udp = frame.size() - 34, ip = frame.size() - 14;
  put(14, std::string("\x45\x00\x00", 3) + static_cast<char>(ip & 0xff));
  frame[16] = static_cast<char>(ip >> 8);
  put(22, std::string("\x40\x11", 2));
  put(26, std::string("\x0a\x14\x00\x63\xff\xff\xff\xff", 8));
  put(34, std::string("\x00\x43\x00\x43", 4) + static_cast<char>(udp >> 8) + static_cast<char>(udp & 0xff));
  copy.length = static_cast<std::uint16_t>(frame.size());
  std::memcpy(copy.bytes.data(), frame.data(), frame.size());
  return copy;
}

TEST_F(Harm, WhatCallsItselfARelaySaysNothingOfItsNeighbours) {
  see(11);
  see(99);
  const Mac rogue{{2, 0, 0, 0, 0, 99}}, pump{{2, 0, 0, 0, 0, 11}};
  const auto vendor_class = [&](std::uint8_t number) {
    return std::ranges::count(device(number).evidence, "dhcp.vendor_class", &inventory::Evidence::attribute);
  };
  site.put(relayed_discover(rogue, pump));
  site.drain();
  EXPECT_EQ(vendor_class(11), 0);
  site.put(relayed_discover(pump, pump));
  site.drain();
  EXPECT_EQ(vendor_class(11), 1) << "of itself it is heard";
}

TEST_F(Harm, AStoreThatAnotherProgramHoldsStopsNothing) {
  see(1);
  auto other = inventory::Database::open(folder / "store.db", false);
  ASSERT_TRUE(other);
  ASSERT_TRUE(other->execute("BEGIN IMMEDIATE"));
  const auto began = std::chrono::steady_clock::now();
  for (int n = 0; n < 20; ++n) site.put(site.event(EventKind::kViolation, 1));
  site.drain();
  add(HandMade::id_of(1));
  site.tick(kSecond);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(4));
  EXPECT_EQ(site.slots->word(site.slot_of(1)).quarantine, Profile::kContain);
  EXPECT_EQ(site.records("violation").size(), 20u) << "told all the same";
  EXPECT_FALSE(Json::parse(site.ask(R"({"op":"status"})"))["status"]["store"]["last_error"].is_null());

  ASSERT_TRUE(other->execute("ROLLBACK"));
  site.tick(11 * kSecond);
  const auto status = Json::parse(site.ask(R"({"op":"status"})"))["status"];
  std::int64_t made = 0;
  for (const auto& [type, count] : status["records"].items()) made += type == "device" ? 0 : count.get<std::int64_t>();
  EXPECT_GE(status["store"]["lost"], 20);
  EXPECT_EQ(status["store"]["lost"], made - other->number("SELECT count(*) FROM record").value_or(0))
      << "no record is lost without being counted";
  auto store = inventory::Store::open(folder / "store.db", {.read_only = true});
  ASSERT_TRUE(store);
  const auto kept = (*store)->load_quarantines();
  ASSERT_TRUE(kept);
  ASSERT_EQ(kept->size(), 1u) << "what is true is written when the store answers again";
  EXPECT_EQ(kept->front().approvals.size(), 1u);
}

TEST_F(Harm, AnAlertTargetThatCannotBeHadKeepsNothingFromStarting) {
  Options options;
  options.oui_folder = "";
  options.alert_targets = {{.host = "no-such-host.invalid"}, {.host = "127.0.0.1"}};
  auto slots = enforce::DeviceSlots::open("", HandMade::kCapacity);
  ASSERT_TRUE(slots);
  SnapshotPublisher publisher;
  enforce::QuarantineBudgets budgets;
  const auto appliance = Appliance::open(options, publisher, **slots, budgets, WallTime(std::chrono::hours(1)));
  ASSERT_TRUE(appliance) << appliance.error().text();
  std::string told;
  (*appliance)->drain(1, WallTime(std::chrono::hours(1)), [&](std::string_view, std::string_view json) {
    told += json;
  });
  EXPECT_THAT(told, HasSubstr("alert_target_lost"));
  EXPECT_THAT(told, HasSubstr("no-such-host.invalid"));
  const auto status = Json::parse(
      (*appliance)->query(R"({"op":"status"})", "alice", 2, WallTime(std::chrono::hours(1)), nullptr))["status"];
  EXPECT_EQ(status["alerts"]["sent"], 1) << "the finding went to the other target";
}

TEST_F(Harm, ADamagedInventoryThatWasSetAsideIsSaid) {
  see(1);
  site.tick(2 * kSecond);
  site.appliance.reset();
  std::filesystem::remove(folder / "store.db-wal");
  std::ofstream(folder / "store.db", std::ios::binary | std::ios::trunc) << std::string(8192, 'x');
  site.restart(true);
  site.use(site.policy());
  site.tick(kSecond);
  EXPECT_EQ(findings(), std::vector<std::string>{"inventory_set_aside"});
  const auto status = Json::parse(site.ask(R"({"op":"status"})"))["status"];
  EXPECT_THAT(status["store"]["last_error"].get<std::string>(), HasSubstr("set aside"));
}

}  // namespace
}  // namespace wardline::appliance
