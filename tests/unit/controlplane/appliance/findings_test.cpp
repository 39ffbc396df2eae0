#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "controlplane/inventory/store.h"
#include "tests/unit/controlplane/appliance/hand_made.h"

namespace wardline::appliance {
namespace {

using Json = nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A site whose inventory outlives the appliance. Device 99 is in no line of the register, 12 is a pump.
struct FoundOut : testing::Test {
  FoundOut() { site.use(site.policy()); }
  ~FoundOut() override { std::filesystem::remove_all(folder); }

  void see(std::uint8_t device, SegmentId segment = HandMade::kRooms, std::uint8_t bundle = 0) {
    auto event = site.event(EventKind::kAddressSeen, device, segment);
    event.bundle = bundle;
    site.put(event);
    site.drain();
  }
  void minutes(int count) {
    for (int i = 0; i < count; ++i) site.tick(60 * kSecond);
  }
  Json answer(const std::string& request) { return Json::parse(site.ask(request)); }
  Json listed(const std::string& more = "") { return answer(R"({"op":"finding.list")" + more + "}")["records"]; }
  std::vector<std::string> kinds(const std::string& more = "") {
    std::vector<std::string> list;
    for (const auto& record : listed(more)) list.push_back(record["kind"]);
    return list;
  }
  // "kind state" of each record that went out.
  std::vector<std::string> told() {
    std::vector<std::string> list;
    for (const auto& text : site.records("finding")) {
      const auto json = Json::parse(text);
      list.push_back(json["kind"].get<std::string>() + " " + json["state"].get<std::string>());
    }
    return list;
  }

  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("wardline-findings-" + std::to_string(getpid()));
  HandMade site{(std::filesystem::create_directories(folder), folder / "store.db"), folder / "slots"};
};

TEST_F(FoundOut, AConditionIsToldOnceListedWhileItLastsAndToldWhenItIsOver) {
  see(99);
  minutes(5);
  EXPECT_THAT(told(), ElementsAre("not_in_register open"));
  ASSERT_THAT(kinds(), ElementsAre("not_in_register"));
  EXPECT_EQ(listed()[0]["device_id"], HandMade::id_of(99));
  EXPECT_GE(listed()[0]["count"], 4);
  auto next = site.policy();
  policy::RegisterEntry entry;
  entry.id = HandMade::id_of(99);
  entry.macs = {Mac{{2, 0, 0, 0, 0, 99}}};
  next->register_by_mac[entry.macs[0]] = next->devices.size();
  next->devices.push_back(entry);
  site.use(next);
  site.tick(kSecond);
  EXPECT_THAT(told(), ElementsAre("not_in_register open", "not_in_register resolved"));
  EXPECT_THAT(kinds(), IsEmpty());
  EXPECT_THAT(kinds(R"(,"state":"resolved")"), ElementsAre("not_in_register"));
}

TEST_F(FoundOut, ALoanerThatIsOverdueIsFoundAndItsLinePinsItNoMore) {
  see(1);
  ASSERT_EQ(site.appliance->device(HandMade::id_of(1))->device_class, "smart-tv");
  auto next = site.policy();
  next->devices[0].loaner = policy::Loaner{"Rent Ltd", std::chrono::sys_days(std::chrono::year(2026) / 10 / 31), {}};
  next->devices[0].overdue = true;
  site.use(next);
  minutes(1);
  EXPECT_THAT(kinds(), ElementsAre("loaner_overdue"));
  EXPECT_EQ(site.appliance->device(HandMade::id_of(1))->device_class, "unidentified");
  site.use(site.policy());  // a later day was agreed on
  minutes(1);
  EXPECT_THAT(kinds(), IsEmpty());
  EXPECT_EQ(site.appliance->device(HandMade::id_of(1))->device_class, "smart-tv");
}

TEST_F(FoundOut, FindingsOutliveTheProcessAndAreNotToldAgain) {
  see(99);
  minutes(1);
  const auto id = listed()[0]["id"];
  site.tick(2 * kSecond);
  site.restart(true);
  site.use(site.policy());
  minutes(2);
  EXPECT_EQ(listed()[0]["id"], id);
  EXPECT_THAT(told(), ElementsAre("not_in_register open"));
}

TEST_F(FoundOut, AFindingThatAPersonKnowsStaysQuietUntilTheEndThatHeGave) {
  see(99);
  minutes(1);
  const std::string id = listed()[0]["id"];
  const auto known = answer(R"({"op":"finding.acknowledge","id":")" + id + R"(","note":"a cart","for_seconds":600})");
  ASSERT_EQ(known["ok"], true) << known;
  EXPECT_EQ(known["record"]["by"], "alice");
  EXPECT_EQ(known["record"]["note"], "a cart");
  EXPECT_THAT(kinds(R"(,"state":"acknowledged")"), ElementsAre("not_in_register"));
  EXPECT_THAT(kinds(R"(,"state":"open")"), IsEmpty());
  minutes(11);
  EXPECT_THAT(kinds(R"(,"state":"open")"), ElementsAre("not_in_register"));
}

TEST_F(FoundOut, AnAcknowledgementNeedsANoteAndAnIdThatIsThere) {
  see(99);
  minutes(1);
  const std::string id = listed()[0]["id"];
  EXPECT_EQ(answer(R"({"op":"finding.acknowledge","id":")" + id + R"("})")["exit"], 2);
  EXPECT_EQ(answer(R"({"op":"finding.acknowledge","id":"n-0","note":"x"})")["exit"], 1);
  EXPECT_EQ(answer(R"({"op":"finding.list","state":"closed"})")["exit"], 2);
  EXPECT_EQ(answer(R"({"op":"finding.list","device":"nobody"})")["exit"], 1);
}

TEST_F(FoundOut, TheListIsFilteredByEachOfItsFields) {
  see(99);
  see(21);  // a monitor, where none is expected
  minutes(1);
  EXPECT_EQ(kinds().size(), 2U);
  EXPECT_THAT(kinds(R"(,"device":")" + HandMade::id_of(21) + "\""), ElementsAre("unexpected_segment"));
  EXPECT_THAT(kinds(R"(,"kind":"not_in_register")"), ElementsAre("not_in_register"));
  EXPECT_EQ(kinds(R"(,"severity":"medium")").size(), 2U);
  EXPECT_THAT(kinds(R"(,"severity":"high")"), IsEmpty());
}

TEST_F(FoundOut, AMacWhereItsClassIsNotExpectedIsAConditionOfTheKnownDevice) {
  see(1);
  see(1, HandMade::kIcu);
  minutes(1);
  ASSERT_THAT(kinds(), testing::Contains("unexpected_segment"));
  EXPECT_EQ(listed(R"(,"kind":"unexpected_segment")")[0]["device_id"], HandMade::id_of(1));
  EXPECT_EQ(listed(R"(,"kind":"unexpected_segment")")[0]["subject"], "icu");
  minutes(25 * 60);
  EXPECT_THAT(kinds(R"(,"kind":"unexpected_segment")"), IsEmpty()) << "it was not there for a day";
}

TEST_F(FoundOut, ADeviceThatBeganInAnotherSegmentIsOutOfPlaceForADayOnly) {
  see(99, HandMade::kIcu);
  see(99, HandMade::kRooms);
  auto next = site.policy();
  next->devices.front().device_class = "smart-tv";
  next->register_by_mac[Mac{{2, 0, 0, 0, 0, 99}}] = 0;
  site.use(next);
  minutes(1);
  EXPECT_THAT(kinds(R"(,"kind":"unexpected_segment")"), ElementsAre("unexpected_segment"));
  for (int hour = 0; hour < 25; ++hour) {
    see(99, HandMade::kRooms);
    minutes(60);
  }
  EXPECT_THAT(kinds(R"(,"kind":"unexpected_segment")"), IsEmpty()) << "it went on elsewhere";
}

TEST_F(FoundOut, TwoDevicesThatTakeTurnsWithAnAddressAreToldAndOneThatFollowsIsNot) {
  const auto use = [&](std::uint8_t device) {
    auto event = site.event(EventKind::kAddressSeen, device);
    event.device_ip = Address::v4(0x0a140063);
    site.put(event);
    site.drain();
    minutes(1);
  };
  see(1);
  see(2);
  use(1);
  use(2);
  EXPECT_THAT(kinds(), IsEmpty()) << "1 may be gone";
  use(1);
  EXPECT_THAT(kinds(), IsEmpty()) << "and back";
  use(2);
  ASSERT_THAT(kinds(), ElementsAre("duplicate_ip"));
  EXPECT_EQ(listed()[0]["subject"], "10.20.0.99");
  minutes(61);
  EXPECT_THAT(kinds(), IsEmpty());
}

TEST_F(FoundOut, AnAddressIsTheDevicesThatUsedItLastOfOneSegment) {
  const auto address = Address::v4(0x0a140063);
  const auto use = [&](std::uint8_t device, SegmentId segment = HandMade::kRooms) {
    auto event = site.event(EventKind::kAddressSeen, device, segment);
    event.device_ip = address;
    site.put(event);
    site.drain();
  };
  for (const std::uint8_t device : {1, 2, 1}) {
    use(device);
    EXPECT_EQ(site.slots->find_peer(address), site.slot_of(device));
  }
  use(12, HandMade::kIcu);
  const auto holder = site.slots->find_peer(address);
  use(1);
  EXPECT_EQ(site.slots->find_peer(address), holder) << "the same address in two segments is none that changes hands";
}

TEST_F(FoundOut, AMacThatTakesTurnsBetweenBundlesIsTold) {
  for (int turn = 0; turn < 5; ++turn) {
    see(11, turn % 2 == 0 ? HandMade::kRooms : HandMade::kIcu, static_cast<std::uint8_t>(turn % 2));
    site.tick(10 * kSecond);
    EXPECT_THAT(kinds(), IsEmpty()) << "a pump that moves";
  }
  see(11, HandMade::kIcu, 1);
  EXPECT_THAT(kinds(), ElementsAre("mac_on_two_legs"));
}

TEST_F(FoundOut, TagsThatNoSegmentHasAreOneFindingEach) {
  for (const std::uint16_t tag : {17, 17, 18}) {
    auto event = site.event(EventKind::kDeviceSeen, 1, kUnknownSegment);
    event.tag_count = 1;
    event.vlans[0] = tag;
    site.put(event);
  }
  see(1);
  minutes(1);
  const auto tags = listed(R"(,"kind":"unmapped_vlan")");
  ASSERT_EQ(tags.size(), 2U);
  EXPECT_EQ(tags[0]["device_id"], nullptr);
  EXPECT_THAT(tags[0]["explanation"].get<std::string>(), HasSubstr("monitored only"));
}

TEST_F(FoundOut, WhatAClassAnsweredAsIsKnownAfterARestartWhenNoEvidenceShowsItAnyMore) {
  const auto answers = [&](AppId app) {
    auto event = site.event(EventKind::kSpeaks, 1);
    event.opened_by = flow::OpenedBy::kPeer;
    event.app = app;
    site.put(event);
    site.drain();
  };
  see(1);
  answers(1);
  site.tick(2 * kSecond);
  site.appliance.reset();
  {
    const auto store = inventory::Store::open(folder / "store.db");
    ASSERT_TRUE(store) << store.error().text();
    auto devices = (*store)->load_devices();
    ASSERT_EQ(devices->size(), 1U);
    std::erase_if(devices->front().evidence, [](const auto& item) { return item.attribute == "speaks"; });
    ASSERT_TRUE((*store)->save_device(devices->front()));
  }
  site.now += 8 * 24 * 3600 * kSecond;
  site.restart(true);
  auto policy = site.policy();
  policy->signatures.app_names.emplace_back("http");
  site.use(policy);
  answers(1);
  EXPECT_TRUE(listed(R"(,"kind":"new_server")").empty()) << "it was one before";
  answers(2);
  ASSERT_EQ(listed(R"(,"kind":"new_server")").size(), 1U);
  EXPECT_EQ(listed(R"(,"kind":"new_server")")[0]["subject"], "http");
}

TEST_F(FoundOut, AReaderOfTheDatabaseFindsWhatTheListSays) {
  see(99);
  minutes(1);
  site.tick(2 * kSecond);
  const auto store = inventory::Store::open(folder / "store.db", {.read_only = true});
  ASSERT_TRUE(store) << store.error().text();
  const auto found = (*store)->load_findings();
  ASSERT_EQ(found->size(), 1U);
  EXPECT_EQ(found->front().kind, "not_in_register");
  EXPECT_EQ(found->front().state, inventory::FindingState::kOpen);
}

}  // namespace
}  // namespace wardline::appliance
