#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "controlplane/appliance/policy_names.h"
#include "controlplane/inventory/store.h"
#include "tests/unit/controlplane/appliance/hand_made.h"

namespace wardline::appliance {
namespace {

using Json = nlohmann::json;
using enforce::Profile;
using ::testing::HasSubstr;
using ::testing::Not;

struct OnePolicy : ::testing::Test {
  HandMade site;
  void SetUp() override { site.use(site.policy()); }
  void see(std::uint8_t device, SegmentId segment = HandMade::kRooms) {
    site.put(site.event(EventKind::kDeviceSeen, device, segment));
    site.drain();
  }
  // What a worker does when the threshold is reached.
  void swap_word(std::uint8_t device, Profile profile) {
    site.slots->update(site.slot_of(device), [&](enforce::SlotWord& word) {
      word.quarantine = profile;
      return true;
    });
  }
};
using Devices = OnePolicy;
using Records = OnePolicy;
using Quarantine = OnePolicy;
using Queries = OnePolicy;

TEST_F(Devices, ANewMacGetsASlotAndItsClassAndIsArmed) {
  see(1);
  const SlotId slot = site.slot_of(1);
  ASSERT_NE(slot, kNoSlot);
  const auto word = site.slots->word(slot);
  EXPECT_EQ(word.device_class, HandMade::kTv);
  EXPECT_EQ(word.armed, Profile::kIsolate);
  EXPECT_EQ(site.slots->cold(slot).threshold.load(), 3);
  EXPECT_EQ(site.appliance->device(HandMade::id_of(1))->device_class, "smart-tv");
  EXPECT_EQ(site.records("device").size(), 1u);
}

TEST_F(Devices, AMacThatNothingSpeaksForHasASlotAndStaysUnidentified) {
  see(99);
  ASSERT_NE(site.slot_of(99), kNoSlot);
  EXPECT_EQ(site.slots->word(site.slot_of(99)).device_class, kUnidentifiedClass);
}

TEST_F(Devices, AnAddressLeadsPeersToTheDevice) {
  see(1);
  EXPECT_EQ(site.slots->find_peer(Address::v4(0x0a140001)), site.slot_of(1));
}

TEST_F(Devices, GroupAndZeroMacsMakeNoDevice) {
  auto event = site.event(EventKind::kDeviceSeen, 1);
  event.device_mac = Mac{{1, 0, 0x5e, 0, 0, 1}};
  site.put(event);
  event.device_mac = Mac{};
  site.put(event);
  site.drain();
  EXPECT_EQ(site.records("device").size(), 0u);
}

TEST_F(Devices, AKnownMacInASegmentThatExpectsItsClassKeepsOneSlot) {
  see(11, HandMade::kRooms);
  see(11, HandMade::kIcu);
  EXPECT_EQ(site.slot_of(11, HandMade::kRooms), site.slot_of(11, HandMade::kIcu));
  EXPECT_EQ(site.appliance->device(HandMade::id_of(11))->interfaces.size(), 2u);
  ASSERT_EQ(site.records("finding").size(), 1u);
  EXPECT_EQ(Json::parse(site.records("finding")[0])["kind"], "moved");
}

TEST_F(Devices, AFullTableIsSaidOnceAndHurtsNobody) {
  for (int n = 0; n < 100; ++n) {
    auto event = site.event(EventKind::kDeviceSeen, 99);
    event.device_mac = Mac{{2, 9, 0, 0, 0, static_cast<std::uint8_t>(n)}};
    site.put(event);
  }
  site.drain();
  EXPECT_EQ(site.records("device").size(), 64u);
  ASSERT_EQ(site.records("finding").size(), 1u);
  EXPECT_EQ(Json::parse(site.records("finding")[0])["kind"], "device_table_full");
}

struct MacFlood : OnePolicy {
  void flood(int count, std::uint8_t group = 9) {
    for (int n = 0; n < count; ++n) {
      auto event = site.event(EventKind::kDeviceSeen, 99);
      event.slot = kNoSlot;
      event.device_mac = Mac{{2, group, 0, 0, 0, static_cast<std::uint8_t>(n)}};
      site.put(event);
    }
    site.drain();
  }
  // Those that are of no device: what each of these strangers is found to be is another matter.
  std::vector<std::string> findings() {
    std::vector<std::string> kinds;
    for (const auto& text : site.records("finding")) {
      const auto json = Json::parse(text);
      if (json["device_id"].is_null() && json["state"] == "open") kinds.push_back(json["kind"]);
    }
    return kinds;
  }
};

TEST_F(MacFlood, TheLongestSilentUnidentifiedDevicesGiveTheirSlotsBack) {
  see(1);
  see(99);
  flood(62);
  ASSERT_EQ(site.slots->used(), 64u);
  see(2);
  EXPECT_EQ(site.slot_of(2), kNoSlot);
  site.now += 20 * kSecond;
  auto answered = site.event(EventKind::kFlow, 99);
  answered.packets_from_device = answered.packets_to_device = 3;
  site.put(answered);
  site.drain();
  site.tick(40 * kSecond);
  site.tick(kSecond);
  EXPECT_LT(site.slots->used(), 58u);
  EXPECT_NE(site.slot_of(1), kNoSlot) << "identified";
  EXPECT_NE(site.slot_of(99), kNoSlot) << "nobody knows it, but it was answered";
  see(2);
  EXPECT_EQ(site.slots->word(site.slot_of(2)).device_class, HandMade::kTv);
  EXPECT_EQ(findings(), (std::vector<std::string>{"device_table_full", "device_table_filling"}));
}

TEST_F(MacFlood, AQuarantinedStrangerKeepsItsSlot) {
  see(99);
  ASSERT_TRUE(Json::parse(site.ask(R"({"op":"quarantine.add","device":"02:00:00:00:00:63"})"))["ok"]);
  site.now += 10 * kSecond;
  flood(63);
  site.tick(60 * kSecond);
  site.tick(kSecond);
  ASSERT_LT(site.slots->used(), 58u);
  EXPECT_EQ(site.slots->word(site.slot_of(99)).quarantine, Profile::kContain);
}

TEST_F(MacFlood, ASlotIsNotReusedBeforeEveryWorkerHasPassed) {
  const auto worker = site.publisher->add_worker();
  flood(64);
  site.tick(31 * kSecond);
  site.tick(kSecond);
  EXPECT_EQ(site.slots->used(), 64u) << "out of the index, and still taken";
  site.publisher->enter(worker);
  site.tick(kSecond);
  EXPECT_LT(site.slots->used(), 64u);
}

TEST_F(MacFlood, NewDevicesOfASegmentComeAtABoundedRateAndRegisteredOnesAreNotCounted) {
  flood(40);
  flood(60, 8);
  flood(50, 7);
  EXPECT_EQ(Json::parse(site.ask(R"({"op":"status"})"))["status"]["slots"]["new_devices_put_off"], 50);
  site.tick(31 * kSecond);
  site.tick(100 * kMillisecond);
  see(1);
  EXPECT_NE(site.slot_of(1), kNoSlot);
  flood(120, 6);
  const auto kinds = findings();
  EXPECT_EQ(std::count(kinds.begin(), kinds.end(), "device_flood"), 1);
}

TEST_F(MacFlood, ThoseThatWerePutOffAreAskedForOnceASecondUntilNobodyIs) {
  const SegmentId segment = site.event(EventKind::kDeviceSeen, 99).segment;
  const auto epoch = [&] { return site.slots->epoch(segment); };
  flood(60, 8);
  const auto before = epoch();
  site.tick(kSecond);
  EXPECT_EQ(epoch(), before) << "nobody was put off";
  flood(60, 7);
  flood(50, 6);
  const auto flooded = epoch();
  site.tick(kSecond);
  site.tick(100 * kMillisecond);
  EXPECT_EQ(epoch(), flooded + 1);
  site.tick(kSecond);
  EXPECT_EQ(epoch(), flooded + 2);
  for (int i = 0; i < 40; ++i) site.tick(kSecond);
  const auto after = epoch();
  site.tick(kSecond);
  EXPECT_EQ(epoch(), after);
}

TEST_F(Devices, APinThatIsTakenAwayIsAPersonsWordAndLeavesAGrace) {
  see(21);
  auto next = site.policy();
  next->devices.clear();
  next->register_by_mac.clear();
  site.use(next);
  EXPECT_EQ(site.appliance->device(HandMade::id_of(21))->device_class, "unidentified");
  EXPECT_EQ(site.slots->word(site.slot_of(21)).former_class, HandMade::kMonitor);
}

TEST_F(Devices, ALifeCriticalClassWithoutAPinStaysWhenItsEvidenceGoes) {
  see(21);
  auto next = site.policy();
  next->devices.clear();
  next->register_by_mac.clear();
  const_cast<inventory::Device*>(site.appliance->device(HandMade::id_of(21)))->class_reason =
      "claims 30 + exchange 30 = 60 of 60";
  site.use(next);
  EXPECT_EQ(site.appliance->device(HandMade::id_of(21))->device_class, "patient-monitor");
  EXPECT_EQ(site.slots->word(site.slot_of(21)).device_class, HandMade::kMonitor);
  ASSERT_EQ(site.records("finding").size(), 0u);
  site.tick(kSecond);
  EXPECT_EQ(Json::parse(site.records("finding").at(0))["kind"], "contradiction");
}

TEST_F(Devices, AFormerClassIsAllowedUntilItsGraceEnds) {
  see(1);
  auto next = site.policy();
  for (auto& entry : next->devices)
    if (entry.id == HandMade::id_of(1)) entry.device_class = "infusion-pump";
  site.use(next);
  EXPECT_EQ(site.slots->word(site.slot_of(1)).device_class, HandMade::kPump);
  EXPECT_EQ(site.slots->word(site.slot_of(1)).former_class, HandMade::kTv);
  site.tick(3601 * kSecond);
  EXPECT_EQ(site.slots->word(site.slot_of(1)).former_class, kNoClass);
}

TEST_F(Records, AViolationIsToldWithItsRuleReasonAndPolicy) {
  see(1);
  auto event = site.event(EventKind::kViolation, 1);
  event.count = 3;
  site.put(event);
  site.drain();
  ASSERT_EQ(site.records("violation").size(), 1u);
  const auto json = Json::parse(site.records("violation")[0]);
  EXPECT_EQ(json["device_id"], HandMade::id_of(1));
  EXPECT_EQ(json["class"], "smart-tv");
  EXPECT_EQ(json["segment"], "rooms");
  EXPECT_EQ(json["ward"], "4B");
  EXPECT_EQ(json["mode"], "enforce");
  EXPECT_EQ(json["criticality"], "none");
  EXPECT_EQ(json["policy_commit"], "1a2b3c4");
  EXPECT_EQ(json["reason"], "no_rule");
  EXPECT_EQ(json["applied"], "dropped");
  EXPECT_EQ(json["count"], 3);
  EXPECT_THAT(json["explanation"].get<std::string>(),
              HasSubstr("tried to open tls to 203.0.113.10 on tcp 443. No rule of class smart-tv allows it "
                        "(classes/smart-tv.yaml); default is deny. Blocked: 3 packets dropped."));
}

TEST_F(Records, AViolationNamesTheIdOfItsFlowsRecord) {
  see(1);
  site.put(site.event(EventKind::kViolation, 1));
  auto flow = site.event(EventKind::kFlow, 1);
  flow.final = true;
  site.put(flow);
  site.drain();
  EXPECT_EQ(Json::parse(site.records("violation")[0])["flow_id"], Json::parse(site.records("flow")[0])["id"]);
}

TEST_F(Records, TheRecordsOfALongFlowGiveItsTotals) {
  Event report = site.event(EventKind::kFlow, 7);
  report.flow_id = 42;
  report.packets_from_device = 10;
  report.bytes_to_device = 1000;
  site.put(report);
  site.put(report);
  report.final = true;
  report.packets_from_device = 1;
  report.bytes_to_device = 0;
  site.put(report);
  report.packets_from_device = 5;  // another flow in the same place
  site.put(report);
  site.drain();
  const auto flows = site.records("flow");
  ASSERT_EQ(flows.size(), 4U);
  EXPECT_THAT(flows[1], HasSubstr("\"packets_from_device\":20"));
  EXPECT_THAT(flows[2], HasSubstr("\"packets_from_device\":21"));
  EXPECT_THAT(flows[2], HasSubstr("\"bytes_to_device\":2000"));
  EXPECT_THAT(flows[3], HasSubstr("\"packets_from_device\":5"));
}

TEST_F(Records, AFlowIsToldUnderThePolicyThatDecidedItAfterAReload) {
  see(1);
  auto flow = site.event(EventKind::kFlow, 1);
  flow.rule = 0;
  flow.step = enforce::Step::kClass;
  auto next = site.policy();
  next->rules[0].name = "renamed";
  next->commit = "feedf00";
  site.use(next);
  site.put(flow);
  site.drain();
  const auto json = Json::parse(site.records("flow")[0]);
  EXPECT_EQ(json["rule"], "updates");
  EXPECT_EQ(json["rule_at"], "classes/smart-tv.yaml:14");
  EXPECT_EQ(json["policy_commit"], "1a2b3c4");
}

TEST_F(Records, EventsWithNumbersOutOfRangeAreToldWithoutNames) {
  see(1);
  auto event = site.event(EventKind::kViolation, 1);
  event.app = 999;
  event.rule = 999;
  event.segment = 999;
  event.device_class = 999;
  event.signature = 999;
  event.policy_epoch = 77;
  site.put(event);
  site.drain();
  EXPECT_EQ(site.records("violation").size(), 1u);
}

TEST_F(Quarantine, AWorkersOwnIsToldWithTheLastViolation) {
  see(1);
  site.put(site.event(EventKind::kViolation, 1));
  swap_word(1, Profile::kIsolate);
  site.put(site.event(EventKind::kQuarantined, 1));
  site.drain();
  ASSERT_EQ(site.records("quarantine").size(), 1u);
  const auto json = Json::parse(site.records("quarantine")[0]);
  EXPECT_EQ(json["profile"], "isolate");
  EXPECT_EQ(json["state"], "active");
  EXPECT_EQ(json["by"], "automatic");
  EXPECT_EQ(json["reach"], "crossing-only");
  EXPECT_THAT(json["reason"].get<std::string>(), HasSubstr("3 distinct violations within 60 s. Last: Smart TV"));
}

TEST_F(Quarantine, ALostEventIsDerivedFromTheWordOnce) {
  see(1);
  swap_word(1, Profile::kContain);
  site.tick(kSecond);
  site.put(site.event(EventKind::kQuarantined, 1));
  site.drain();
  site.tick(kSecond);
  EXPECT_EQ(site.records("quarantine").size(), 1u);
}

TEST_F(Quarantine, AnOperatorsAddSwapsTheWordAndReleaseLiftsItAndItsCounts) {
  see(1);
  const auto added = Json::parse(site.ask(R"({"op":"quarantine.add","device":"10.20.0.1","reason":"odd"})"));
  ASSERT_TRUE(added["ok"]) << added;
  EXPECT_EQ(added["record"]["by"], "alice");
  EXPECT_EQ(site.slots->word(site.slot_of(1)).quarantine, Profile::kContain);
  site.slots->cold(site.slot_of(1)).counted = 2;
  const auto released = Json::parse(site.ask(R"({"op":"quarantine.release","device":"10.20.0.1"})"));
  ASSERT_TRUE(released["ok"]) << released;
  EXPECT_EQ(site.slots->word(site.slot_of(1)).quarantine, Profile::kNone);
  EXPECT_EQ(site.slots->cold(site.slot_of(1)).counted.load(), 0u);
  site.tick(kSecond);
  EXPECT_EQ(site.records("quarantine").size(), 2u) << "active, released, and nothing made of the word afterwards";
}

TEST_F(Quarantine, AnUnidentifiedDeviceCanBeQuarantined) {
  see(99);
  ASSERT_TRUE(
      Json::parse(site.ask(R"({"op":"quarantine.add","device":"02:00:00:00:00:63","profile":"cut-off"})"))["ok"]);
  EXPECT_EQ(site.slots->word(site.slot_of(99)).quarantine, Profile::kCutOff);
}

TEST_F(Quarantine, IsolatingAPumpTakesTwoUsers) {
  see(11);
  const auto added = Json::parse(site.ask(R"({"op":"quarantine.add","device":"10.20.0.11","profile":"isolate"})"));
  EXPECT_EQ(added["record"]["state"], "pending");
  EXPECT_EQ(site.slots->word(site.slot_of(11)).quarantine, Profile::kNone);
  const std::string approve =
      R"({"op":"quarantine.approve","id":")" + added["record"]["id"].get<std::string>() + R"("})";
  const auto same = Json::parse(site.ask(approve, "alice"));
  EXPECT_FALSE(same["ok"]);
  EXPECT_EQ(same["exit"], 4);
  EXPECT_TRUE(Json::parse(site.ask(approve, "bob"))["ok"]);
  EXPECT_EQ(site.slots->word(site.slot_of(11)).quarantine, Profile::kIsolate);
}

TEST_F(Quarantine, AClassThatAsksForApprovalIsUnarmedAndItsThresholdMakesAPendingOne) {
  see(11);
  EXPECT_EQ(site.slots->word(site.slot_of(11)).armed, Profile::kNone);
  for (std::uint16_t port = 1; port <= 5; ++port) {  // life-critical: detections count, violations do not
    auto event = site.event(EventKind::kViolation, 11);
    event.peer_port = port;
    site.put(event);
  }
  site.drain();
  EXPECT_TRUE(site.records("quarantine").empty());
  for (std::uint16_t port = 1; port <= 3; ++port) {
    auto event = site.event(EventKind::kDetection, 11);
    event.peer_port = port;
    site.put(event);
  }
  site.drain();
  EXPECT_TRUE(site.records("quarantine").empty()) << "these are only told";
  for (std::uint16_t port = 1; port <= 3; ++port) {
    auto event = site.event(EventKind::kDetection, 11);
    event.action = enforce::DetectionAction::kCount;
    event.peer_port = port;
    site.put(event);
  }
  site.drain();
  ASSERT_EQ(site.records("quarantine").size(), 1u);
  EXPECT_EQ(Json::parse(site.records("quarantine")[0])["state"], "pending");
  EXPECT_EQ(site.slots->word(site.slot_of(11)).quarantine, Profile::kNone);
}

TEST_F(Quarantine, ADetectionThatQuarantinesAsksAtOnceWhereAPersonApproves) {
  see(11);
  auto event = site.event(EventKind::kDetection, 11);
  event.action = enforce::DetectionAction::kQuarantine;
  event.essential = true;
  site.put(event);
  event.essential = false;
  event.side = Side::kCore;
  site.put(event);
  site.drain();
  EXPECT_TRUE(site.records("quarantine").empty()) << "an essential flow, and what others send";
  event.side = Side::kDevice;
  site.put(event);
  site.drain();
  ASSERT_EQ(site.records("quarantine").size(), 1u);
  EXPECT_EQ(Json::parse(site.records("quarantine")[0])["state"], "pending");
}

TEST_F(Quarantine, OneWithAnEndExpires) {
  see(1);
  site.ask(R"({"op":"quarantine.add","device":"10.20.0.1","for_seconds":60})");
  site.tick(59 * kSecond);
  EXPECT_EQ(site.slots->word(site.slot_of(1)).quarantine, Profile::kContain);
  site.tick(2 * kSecond);
  EXPECT_EQ(site.slots->word(site.slot_of(1)).quarantine, Profile::kNone);
  EXPECT_EQ(Json::parse(site.records("quarantine").back())["state"], "expired");
}

TEST_F(Quarantine, AHoldUnarmsUntilItEnds) {
  see(1);
  site.ask(R"({"op":"hold","device":"10.20.0.1","for_seconds":60})");
  EXPECT_EQ(site.slots->word(site.slot_of(1)).armed, Profile::kNone);
  site.tick(61 * kSecond);
  EXPECT_EQ(site.slots->word(site.slot_of(1)).armed, Profile::kIsolate);
}

TEST_F(Quarantine, TheBreakerUnarmsTheClassAndSaysSo) {
  for (std::uint8_t n = 1; n <= 5; ++n) see(n);
  for (std::uint8_t n = 1; n <= 3; ++n) swap_word(n, Profile::kIsolate);
  site.tick(kSecond);
  EXPECT_EQ(site.slots->word(site.slot_of(5)).armed, Profile::kNone);
  ASSERT_FALSE(site.records("finding").empty());
  EXPECT_EQ(Json::parse(site.records("finding")[0])["kind"], "quarantine_breaker");
  EXPECT_THAT(site.records("finding"), testing::Contains(HasSubstr("is stopped for the site: too large a share")));
  site.tick(3700 * kSecond);
  EXPECT_EQ(site.slots->word(site.slot_of(5)).armed, Profile::kIsolate);
}

TEST_F(Queries, ExplainTellsTheClassTheQuarantineAndTheViolations) {
  see(1);
  site.put(site.event(EventKind::kViolation, 1));
  site.drain();
  site.ask(R"({"op":"quarantine.add","device":"10.20.0.1","reason":"odd"})");
  const auto reply = Json::parse(site.ask(R"({"op":"explain","device":"10.20.0.1"})"));
  ASSERT_TRUE(reply["ok"]) << reply;
  const auto text = reply["text"].get<std::string>();
  EXPECT_THAT(text, HasSubstr("is Smart TV (class smart-tv, classes/smart-tv.yaml:1)"));
  EXPECT_THAT(text, HasSubstr("Quarantine q-1 (contain) is active"));
  EXPECT_THAT(text, HasSubstr("No rule of class smart-tv allows it"));
  EXPECT_THAT(text, HasSubstr("Policy 3f2a1c9d4e5f (commit 1a2b3c4)."));
}

TEST_F(Queries, ExplainOfAScannerTellsWhyWhatStaysAndHowToUndoOnAPageThatReadsWell) {
  see(1);
  auto next = site.policy();
  next->zones["quarantine"] = {};
  site.use(next);
  for (std::uint16_t port = 20; port < 40; ++port) {
    auto event = site.event(EventKind::kViolation, 1);
    event.peer_port = port;
    event.app = kNoApp;
    event.app_state = enforce::AppState::kUnknown;
    site.put(event);
  }
  swap_word(1, Profile::kIsolate);
  site.put(site.event(EventKind::kQuarantined, 1));
  for (int i = 0; i < 3; ++i) {
    auto event = site.event(EventKind::kViolation, 1);
    event.reason = Reason::kQuarantine;
    site.put(event);
  }
  site.drain();
  const auto text = Json::parse(site.ask(R"({"op":"explain","device":"10.20.0.1"})"))["text"].get<std::string>();
  EXPECT_THAT(text, HasSubstr("by Wardline itself"));
  EXPECT_THAT(text, HasSubstr("Why: 3 distinct violations within 60 s. Last: Smart TV"));
  EXPECT_THAT(text, HasSubstr("reach the zone named quarantine."));
  EXPECT_THAT(text, HasSubstr("To undo: `wardline quarantine release q-1`"));
  EXPECT_THAT(text, HasSubstr("The quarantine has cut 3 further attempts."));
  EXPECT_THAT(text, Not(HasSubstr(".."))) << text;
  EXPECT_LT(std::count(text.begin(), text.end(), '\n'), 25) << text;
}

TEST_F(Queries, ExplainShowsTheEvidenceThatCountedAndOnlyATasteOfTheRest) {
  see(99);
  auto& device = *const_cast<inventory::Device*>(site.appliance->device("02:00:00:00:00:63"));
  device.evidence = {{.source = "dhcp", .attribute = "dhcp.hostname", .value = "counted", .weight = 30}};
  for (int i = 0; i < 20; ++i) {
    device.evidence.push_back({.source = "exchange", .attribute = "speaks", .value = "app-" + std::to_string(i)});
    device.evidence.push_back({.source = "segment", .attribute = "expects", .value = "class-" + std::to_string(i)});
  }
  const auto text =
      Json::parse(site.ask(R"({"op":"explain","device":"02:00:00:00:00:63"})"))["text"].get<std::string>();
  EXPECT_THAT(text, HasSubstr(" 30  dhcp: dhcp.hostname = counted"));
  EXPECT_THAT(text, HasSubstr("also seen: speaks = app-0;"));
  EXPECT_THAT(text, HasSubstr("and 14 more"));
  EXPECT_THAT(text, Not(HasSubstr("expects")));
}

TEST_F(Queries, ExplainOfAFlowGivesItsSentence) {
  see(1);
  site.put(site.event(EventKind::kViolation, 1));
  site.drain();
  const auto id = Json::parse(site.ask(R"({"op":"violation.list"})"))["records"][0]["id"].get<std::string>();
  const auto reply = Json::parse(site.ask(R"({"op":"explain","device":"10.20.0.1","flow":")" + id + "\"}"));
  EXPECT_THAT(reply["text"].get<std::string>(), HasSubstr("default is deny"));
}

TEST_F(Queries, ListsAreNewestFirstAndOfOneDevice) {
  see(1);
  see(2);
  for (const std::uint8_t device : {1, 2, 1}) site.put(site.event(EventKind::kViolation, device));
  site.drain();
  const auto reply = Json::parse(site.ask(R"({"op":"violation.list","device":"10.20.0.1","limit":1})"));
  ASSERT_EQ(reply["records"].size(), 1u);
  EXPECT_EQ(reply["records"][0]["device_id"], HandMade::id_of(1));
  EXPECT_EQ(Json::parse(site.ask(R"({"op":"device.list"})"))["records"].size(), 2u);
}

TEST_F(Queries, BadRequestsAreRefusedInWords) {
  for (const char* request : {"", "[]", "{", R"({"op":"nonsense"})", R"({"op":5})", R"({"op":"device.show"})"}) {
    const auto reply = Json::parse(site.ask(request));
    EXPECT_FALSE(reply["ok"]) << request;
    EXPECT_EQ(reply["exit"], 2) << request;
  }
  EXPECT_EQ(Json::parse(site.ask(R"({"op":"device.show","device":"nobody"})"))["exit"], 1);
  EXPECT_EQ(Json::parse(site.ask(R"({"op":"quarantine.add","device":"nobody"})"))["exit"], 1);
  EXPECT_EQ(Json::parse(site.ask(R"({"op":"quarantine.release","id":"q-99"})"))["exit"], 1);
}

TEST_F(Queries, StatusCountsDevicesByClass) {
  see(1);
  see(99);
  const auto status = Json::parse(site.ask(R"({"op":"status"})"))["status"];
  EXPECT_EQ(status["devices"], 2);
  EXPECT_EQ(status["classes"]["smart-tv"], 1);
  EXPECT_EQ(status["policy"]["policy_commit"], "1a2b3c4");
}

TEST_F(Queries, AFailedReloadKeepsThePolicyInForce) {
  const auto reply = Json::parse(site.ask(R"({"op":"policy.reload","directory":"/nonexistent-policy"})"));
  EXPECT_FALSE(reply["ok"]);
  EXPECT_FALSE(reply["errors"].empty());
  EXPECT_EQ(site.appliance->policy()->site, "st-anna");
}

struct Restart : ::testing::Test {
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() /
      ("wardline-appliance-" + std::to_string(::testing::UnitTest::GetInstance()->random_seed()) + "-" +
       std::to_string(getpid()));
  void SetUp() override { std::filesystem::create_directories(folder); }
  void TearDown() override { std::filesystem::remove_all(folder); }
  HandMade make() { return HandMade(folder / "store.db", folder / "slots"); }
  static void contain_pump(HandMade& site) {
    site.use(site.policy());
    site.put(site.event(EventKind::kDeviceSeen, 11));
    site.drain();
    ASSERT_TRUE(Json::parse(site.ask(R"({"op":"quarantine.add","device":"10.20.0.11","reason":"odd"})"))["ok"]);
    site.tick(2 * kSecond);
  }
};

TEST_F(Restart, AQuarantineHoldsBeforeAnyPolicyIsLoadedWhenTheRegionSurvives) {
  auto site = make();
  contain_pump(site);
  site.restart(true);
  ASSERT_NE(site.slot_of(11), kNoSlot);
  EXPECT_EQ(site.slots->word(site.slot_of(11)).quarantine, Profile::kContain);
  EXPECT_EQ(site.appliance->device(HandMade::id_of(11))->quarantine, "contain");
  site.tick(kSecond);
  EXPECT_TRUE(site.records("quarantine").size() == 1) << "the former run's; none is made up";
}

TEST_F(Restart, AQuarantineComesBackFromTheStoreWhenTheRegionIsLost) {
  auto site = make();
  contain_pump(site);
  site.restart(false);
  EXPECT_EQ(site.slots->class_number("smart-tv"), HandMade::kPump) << "the region's registry is new: numbers differ";
  SlotId slot = kNoSlot;
  for (const auto each : site.slots->real_slots()) slot = each;
  ASSERT_NE(slot, kNoSlot);
  EXPECT_EQ(site.slots->word(slot).quarantine, Profile::kContain);
  EXPECT_EQ(site.slots->find_peer(Address::v4(0x0a14000b)), slot);
  EXPECT_EQ(Json::parse(site.ask(R"({"op":"quarantine.list"})"))["records"].size(), 1u);
}

TEST_F(Restart, AQuarantineThatAWorkerMadeJustBeforeTheCrashIsToldAfterwards) {
  auto site = make();
  contain_pump(site);
  site.put(site.event(EventKind::kDeviceSeen, 1));
  site.drain();
  site.tick(2 * kSecond);
  site.slots->update(site.slot_of(1), [](enforce::SlotWord& word) {
    word.quarantine = Profile::kIsolate;
    return true;
  });
  site.restart(true);
  site.use(site.policy());
  site.tick(kSecond);
  EXPECT_EQ(site.appliance->device(HandMade::id_of(1))->quarantine, "isolate");
  EXPECT_EQ(Json::parse(site.records("quarantine").back())["device_id"], HandMade::id_of(1));
}

TEST_F(Restart, ALostStoreStillLeavesTheDeviceItsClassAndQuarantine) {
  auto site = make();
  contain_pump(site);
  site.put(site.event(EventKind::kDeviceSeen, 21));
  site.drain();
  std::filesystem::remove(folder / "store.db");
  site.restart(true);
  auto policy = site.policy();
  policy->devices.clear();
  policy->register_by_mac.clear();
  site.use(policy);
  site.tick(kSecond);
  const auto* monitor = site.appliance->device(HandMade::id_of(21));
  ASSERT_NE(monitor, nullptr);
  EXPECT_EQ(monitor->device_class, "patient-monitor");
  EXPECT_EQ(monitor->interfaces.front().segment, "rooms");
  EXPECT_EQ(site.appliance->device(HandMade::id_of(11))->quarantine, "contain");
}

// What a start after kill -9 would find.
std::vector<inventory::Quarantine> stored_quarantines(const std::filesystem::path& file) {
  auto store = inventory::Store::open(file, {.read_only = true});
  EXPECT_TRUE(store) << store.error().text();
  return store ? (*store)->load_quarantines().value_or(std::vector<inventory::Quarantine>{})
               : std::vector<inventory::Quarantine>{};
}

TEST_F(Restart, AWorkersQuarantineWhoseEventWasLostIsInTheStoreWithinASecond) {
  auto site = make();
  site.use(site.policy());
  site.put(site.event(EventKind::kDeviceSeen, 1));
  site.drain();
  site.tick(2 * kSecond);
  site.slots->update(site.slot_of(1), [](enforce::SlotWord& word) {
    word.quarantine = Profile::kIsolate;
    return true;
  });
  for (int i = 0; i < 5; ++i) site.tick(200 * kMillisecond);  // as the daemon calls it
  const auto stored = stored_quarantines(folder / "store.db");
  ASSERT_EQ(stored.size(), 1u);
  EXPECT_EQ(stored[0].device_id, HandMade::id_of(1));
  EXPECT_EQ(stored[0].state, inventory::QuarantineState::kActive);
  EXPECT_EQ(stored[0].profile, "isolate");
}

TEST_F(Restart, AQuarantineThatAnotherOvertookDoesNotComeBack) {
  auto site = make();
  site.use(site.policy());
  site.put(site.event(EventKind::kDeviceSeen, 1));
  site.drain();
  site.ask(R"({"op":"quarantine.add","device":"10.20.0.1","profile":"contain"})");
  site.ask(R"({"op":"quarantine.add","device":"10.20.0.1","profile":"isolate"})");
  const auto stored = stored_quarantines(folder / "store.db");
  ASSERT_EQ(stored.size(), 2u);
  EXPECT_EQ(stored[0].state, inventory::QuarantineState::kReleased);
  EXPECT_EQ(stored[1].state, inventory::QuarantineState::kActive);
  site.ask(R"({"op":"quarantine.release","device":"10.20.0.1"})");
  site.tick(2 * kSecond);
  site.restart(false);
  EXPECT_EQ(site.appliance->device(HandMade::id_of(1))->quarantine, "none");
}

TEST_F(Restart, FlowsAndViolationsOfTheFormerRunAreListedBehindThoseOfThisOne) {
  auto site = make();
  site.use(site.policy());
  site.put(site.event(EventKind::kDeviceSeen, 1));
  site.drain();
  for (int i = 0; i < 3; ++i) site.put(site.event(EventKind::kViolation, 1));
  site.put(site.event(EventKind::kFlow, 1));
  site.drain();
  const auto ids = [&](const char* request) {
    std::vector<std::string> list;
    const auto reply = Json::parse(site.ask(request));
    for (const auto& record : reply["records"]) list.push_back(record["id"]);
    return list;
  };
  const auto before = ids(R"({"op":"violation.list"})"), flows = ids(R"({"op":"flow.list"})");
  ASSERT_EQ(before.size(), 3u);
  ASSERT_EQ(flows.size(), 1u);
  site.tick(2 * kSecond);
  site.restart(true);
  EXPECT_EQ(ids(R"({"op":"violation.list"})"), before);
  EXPECT_EQ(ids(R"({"op":"flow.list"})"), flows);
  site.use(site.policy());
  site.put(site.event(EventKind::kViolation, 1));
  site.drain();
  const auto after = ids(R"({"op":"violation.list","device":"10.20.0.1"})");
  ASSERT_EQ(after.size(), 4u) << "each once, whether it is in memory, in the store or in both";
  EXPECT_EQ(std::vector(after.begin() + 1, after.end()), before);
  EXPECT_EQ(ids(R"({"op":"violation.list","limit":2})"), std::vector(after.begin(), after.begin() + 2));
  EXPECT_TRUE(ids(R"({"op":"violation.list","limit":0})").empty());
}

TEST_F(Restart, AFlowOfTheFormerRunIsStillExplained) {
  auto site = make();
  site.use(site.policy());
  site.put(site.event(EventKind::kDeviceSeen, 1));
  site.drain();
  site.put(site.event(EventKind::kFlow, 1));
  site.drain();
  const auto id = Json::parse(site.ask(R"({"op":"flow.list"})"))["records"][0]["id"].get<std::string>();
  site.tick(2 * kSecond);
  site.restart(true);
  const auto reply = Json::parse(site.ask(R"({"op":"explain","device":"10.20.0.1","flow":")" + id + "\"}"));
  ASSERT_TRUE(reply["ok"]) << reply;
  EXPECT_THAT(reply["text"].get<std::string>(), HasSubstr("opened tls to 203.0.113.10 on tcp 443"));
  EXPECT_FALSE(Json::parse(site.ask(R"({"op":"explain","device":"10.20.0.1","flow":"f-none"})"))["ok"]);
}

TEST(PolicyNames, ADeadPolicyKeepsItsNameAsLongAsAFlowCanHoldItsEpoch) {
  PolicyNames names;
  auto policy = std::make_shared<policy::Policy>();
  policy->plain.timeouts.tcp_established = coarse_duration(3600 * kSecond);
  names.add(1, policy, kSecond);
  names.add(2, policy, 10 * kSecond);
  names.reap(3600 * kSecond);
  EXPECT_NE(names.at(1), nullptr);
  names.reap(10'000 * kSecond);
  EXPECT_EQ(names.at(1), nullptr);
  EXPECT_NE(names.at(2), nullptr) << "the one in force never goes";
}

TEST(PolicyNames, ReloadingInALoopKeepsABoundedNumber) {
  PolicyNames names;
  for (std::uint32_t epoch = 1; epoch <= 1000; ++epoch) names.add(epoch, std::make_shared<policy::Policy>(), kSecond);
  EXPECT_LE(names.size(), 64u);
  EXPECT_EQ(names.epoch(), 1000u);
}

}  // namespace
}  // namespace wardline::appliance
