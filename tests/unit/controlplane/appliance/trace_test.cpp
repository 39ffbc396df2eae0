#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/unit/controlplane/appliance/hand_made.h"

namespace wardline::appliance {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kAsk = R"({"op":"trace","from":"10.20.0.1","to":"203.0.113.10")";

struct Trace : testing::Test {
  Trace() {
    site.use(site.policy());
    site.put(site.event(EventKind::kAddressSeen, 1));
    site.put(site.event(EventKind::kAddressSeen, 1));
    site.drain();
  }
  ~Trace() override { std::filesystem::remove_all(folder); }

  Event flow(std::uint64_t there, std::uint64_t back, std::uint64_t id = 7) {
    auto event = site.event(EventKind::kFlow, 1);
    event.flow_id = id;
    event.final = true;
    event.step = enforce::Step::kClass;
    event.rule = 0;
    event.packets_from_device = there;
    event.packets_to_device = back;
    return event;
  }
  void tell(const Event& event) {
    site.put(event);
    site.drain();
  }
  Json asked(const std::string& more = "") {
    const auto answer = Json::parse(site.ask(kAsk + more + "}"));
    EXPECT_TRUE(answer["ok"]) << answer.dump();
    return answer.value("trace", Json::object());
  }

  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("wardline-trace-" + std::to_string(getpid()));
  HandMade site{(std::filesystem::create_directories(folder), folder / "store.db"), folder / "slots"};
};

TEST_F(Trace, WhatNobodyAnsweredIsNotOurs) {
  tell(flow(3, 0));
  const auto told = asked();
  EXPECT_EQ(told["outcome"], "unanswered");
  EXPECT_EQ(told["conclusion"],
            "not Wardline: forwarded 3 packets from 10.20.0.1 to 203.0.113.10 on tcp 443, no answer came (began "
            "1970-01-12 13:46:40 UTC)");
  EXPECT_EQ(told["flows"][0]["rule_at"], "classes/smart-tv.yaml:14");
  EXPECT_EQ(told["from"]["device_id"], HandMade::id_of(1));
  EXPECT_TRUE(told["to"]["device_id"].is_null());
}

TEST_F(Trace, WhatWasAnsweredSaysHowMuchCameBack) {
  tell(flow(12, 10));
  const auto told = asked();
  EXPECT_EQ(told["outcome"], "answered");
  EXPECT_THAT(told["conclusion"].get<std::string>(), HasSubstr("10 packets came back"));
}

TEST_F(Trace, AnAnswerWithoutAWordIsARefusalPerhaps) {
  auto event = flow(1, 1);
  event.app_state = enforce::AppState::kUnknown;
  event.app = kNoApp;
  tell(event);
  EXPECT_THAT(asked()["conclusion"].get<std::string>(), HasSubstr("203.0.113.10 may have refused it"));
}

TEST_F(Trace, ABlockIsKnownBeforeItsFlowEnds) {
  tell(site.event(EventKind::kViolation, 1));
  const auto told = asked();
  EXPECT_EQ(told["outcome"], "dropped");
  EXPECT_THAT(told["conclusion"].get<std::string>(),
              StartsWith("Wardline dropped it: 1 packet from 10.20.0.1 to 203.0.113.10 on tcp 443; no rule"));
  EXPECT_EQ(told["flows"].size(), 1u);
  EXPECT_TRUE(told["flows"][0]["open"]);
}

TEST_F(Trace, ABlockAndItsFlowAreOne) {
  auto block = site.event(EventKind::kViolation, 1);
  tell(block);
  auto ended = flow(5, 0);
  ended.verdict = enforce::Verdict::kBlock;
  ended.applied_drop = true;
  ended.reason = Reason::kNoRule;
  tell(ended);
  const auto told = asked();
  ASSERT_EQ(told["flows"].size(), 1u);
  EXPECT_FALSE(told["flows"][0]["open"]);
  EXPECT_THAT(told["conclusion"].get<std::string>(), StartsWith("Wardline dropped it: 5 packets"));
}

TEST_F(Trace, MonitorModeSaysWhatItWouldDo) {
  auto policy = site.policy();
  policy->segments[HandMade::kRooms].mode = policy->plain.segments[HandMade::kRooms].mode = enforce::Mode::kMonitor;
  site.use(policy);
  auto event = flow(4, 0);
  event.policy_epoch = 2;
  event.verdict = enforce::Verdict::kWouldBlock;
  event.reason = Reason::kNoRule;
  tell(event);
  const auto told = asked();
  EXPECT_EQ(told["outcome"], "would_block");
  EXPECT_THAT(told["conclusion"].get<std::string>(), StartsWith("monitor mode: would have been blocked (no rule"));
}

TEST_F(Trace, WhatNeverCameIsSaidWithTheTimeThatWasLookedAt) {
  const auto told = asked(R"(,"port":80)");
  EXPECT_EQ(told["outcome"], "not_seen");
  EXPECT_THAT(
      told["conclusion"].get<std::string>(),
      StartsWith("not seen: nothing from 10.20.0.1 to 203.0.113.10 on port 80 reached this appliance since 1970"));
  EXPECT_THAT(told["untold"][0].get<std::string>(), HasSubstr("a block is told at its first packet"));
}

TEST_F(Trace, APortAsksForItAlone) {
  tell(flow(3, 0));
  EXPECT_EQ(asked(R"(,"port":443)")["outcome"], "unanswered");
  EXPECT_EQ(asked(R"(,"port":50000)")["outcome"], "unanswered") << "the client's port is one, too";
  EXPECT_EQ(asked(R"(,"port":80)")["outcome"], "not_seen");
}

TEST_F(Trace, TheOtherWayRoundIsFoundAndSaysWhoOpened) {
  auto event = flow(2, 3);
  event.opened_by = flow::OpenedBy::kPeer;
  event.device_port = 8080;
  tell(event);
  EXPECT_THAT(asked()["conclusion"].get<std::string>(),
              StartsWith("not Wardline: forwarded 3 packets from 203.0.113.10 to 10.20.0.1 on tcp 8080, 2 packets came "
                         "back"));
}

TEST_F(Trace, AnAnsweredFlowIsKnownWhileItIsOpen) {
  auto event = flow(2, 1);
  event.kind = EventKind::kSpeaks;
  event.final = false;
  tell(event);
  auto told = asked();
  EXPECT_EQ(told["outcome"], "answered");
  EXPECT_TRUE(told["flows"][0]["open"]);
  tell(flow(9, 8));
  told = asked();
  ASSERT_EQ(told["flows"].size(), 1u);
  EXPECT_FALSE(told["flows"][0]["open"]);
  EXPECT_EQ(told["flows"][0]["packets_from_client"], 9);
}

TEST_F(Trace, AFlowThatEndedIsNotOpenWhenItsReportHasLeftMemory) {
  constexpr std::uint64_t kMore = Options{}.recent_records;
  auto event = flow(2, 1);
  event.kind = EventKind::kSpeaks;
  event.final = false;
  tell(event);
  tell(flow(9, 8));
  site.now += kSecond;
  const auto begun = asked()["time"].get<std::string>();
  for (std::uint64_t i = 1; i <= kMore; ++i) {
    auto other = flow(1, 1, 1000 + i);
    other.peer_ip = Address::v4(0xcb00710b);
    site.put(other);
    if (i % 512 == 0) site.drain();
  }
  const auto told = asked(R"(,"after":")" + begun + "\"");
  EXPECT_TRUE(told["flows"].empty()) << told["flows"];
  EXPECT_EQ(told["outcome"], "not_told");
}

TEST_F(Trace, ABlockedFlowThatEndedIsNotOpenWhenItsReportHasLeftMemory) {
  constexpr std::uint64_t kMore = Options{}.recent_records;
  tell(site.event(EventKind::kViolation, 1));
  site.now += kSecond;
  const auto begun = asked()["time"].get<std::string>();
  const auto watched = R"(,"after":")" + begun + "\"";
  EXPECT_TRUE(asked(watched)["flows"][0]["open"]);
  auto ended = flow(5, 0);
  ended.verdict = enforce::Verdict::kBlock;
  ended.applied_drop = true;
  tell(ended);
  site.now += kSecond;
  for (std::uint64_t i = 1; i <= kMore; ++i) {
    auto other = flow(1, 1, 1000 + i);
    other.peer_ip = Address::v4(0xcb00710b);
    site.put(other);
    if (i % 512 == 0) site.drain();
  }
  EXPECT_TRUE(asked(watched)["flows"].empty());
}

TEST_F(Trace, WhatIsLetThroughAndNotAnsweredIsKnownWhileItIsOpen) {
  auto event = flow(3, 0);
  event.kind = EventKind::kUnanswered;
  event.final = false;
  tell(event);
  auto told = asked();
  EXPECT_EQ(told["outcome"], "unanswered");
  EXPECT_TRUE(told["flows"][0]["open"]);
  EXPECT_EQ(told["flows"][0]["device_id"], HandMade::id_of(1));
  EXPECT_THAT(told["conclusion"].get<std::string>(), HasSubstr("no answer came up to 13:46:40 UTC"));
  EXPECT_TRUE(site.records("flow").empty()) << "it is no report";
  event.kind = EventKind::kSpeaks;
  event.packets_to_device = 2;
  site.now += kSecond;
  event.time = site.now;
  tell(event);
  EXPECT_EQ(asked()["outcome"], "answered");
  tell(flow(9, 8));
  EXPECT_FALSE(asked()["flows"][0]["open"]);
}

TEST_F(Trace, AnUnansweredFlowIsNoSignOfLifeOfItsDevice) {
  const auto seen = asked()["from"]["last_seen"];
  site.now += 10 * kSecond;
  auto event = flow(0, 3);
  event.kind = EventKind::kUnanswered;
  event.opened_by = flow::OpenedBy::kPeer;
  tell(event);
  EXPECT_EQ(asked()["from"]["last_seen"], seen);
}

TEST_F(Trace, WhereALegLostFramesMeanwhileItIsNotSaidToHaveLeft) {
  const auto wall = [&] { return WallTime(std::chrono::microseconds(site.now / 1000)); };
  auto event = flow(3, 0);
  site.now += kSecond;
  event.time = site.now;
  site.appliance->see_legs({{"", "a/core (eth2)", 0, 12}}, wall());
  tell(event);
  auto told = asked();
  EXPECT_EQ(told["outcome"], "may_be_lost");
  EXPECT_EQ(told["conclusion"],
            "perhaps lost here: let through 3 packets from 10.20.0.1 to 203.0.113.10 on tcp 443, no answer came; lost "
            "meanwhile: 12 frames on the way out by a/core (eth2), between 13:46:40 and 13:46:41 UTC: its own may be "
            "among them (began 1970-01-12 13:46:40 UTC)");
  EXPECT_EQ(told["flows"][0]["lost"][0]["lost_out"], 12);
  event.packets_to_device = 1;
  event.flow_id = 8;
  event.time = site.now += kSecond;
  tell(event);
  told = asked();
  EXPECT_EQ(told["outcome"], "answered");
  EXPECT_THAT(told["conclusion"].get<std::string>(), StartsWith("let through 3 packets"));

  site.now += kSecond;
  site.appliance->see_legs({{"", "a/core (eth2)", 0, 12}}, wall());
  auto later = flow(3, 0, 9);
  tell(later);
  EXPECT_EQ(asked()["outcome"], "unanswered") << "it began when nothing was lost any more";
}

TEST_F(Trace, WhatNeverCameMayHaveBeenLostByALeg) {
  site.now += kSecond;
  site.appliance->see_legs({{"main", "a/device (eth1)", 7, 0}, {"main", "a/core (eth2)", 0, 2}},
                           WallTime(std::chrono::microseconds(site.now / 1000)));
  const auto told = asked(R"(,"port":80)")["conclusion"].get<std::string>();
  EXPECT_THAT(told, HasSubstr("7 frames on the way in by a/device (eth1), between"));
  EXPECT_THAT(told, testing::Not(HasSubstr("eth2"))) << "what had passed would be known";
}

TEST_F(Trace, AnOpenFlowIsOfTheDeviceThatSpokeAndNotOfItsSlot) {
  auto event = flow(2, 1);
  event.kind = EventKind::kSpeaks;
  event.slot = kNoSlot;  // the worker did not know the device yet
  tell(event);
  const auto told = asked();
  ASSERT_EQ(told["flows"].size(), 1u);
  EXPECT_EQ(told["flows"][0]["device_id"], HandMade::id_of(1));
}

TEST_F(Trace, PacketsDroppedFromAnAllowedFlowAreNotHidden) {
  auto block = site.event(EventKind::kViolation, 1);
  block.reason = Reason::kContradiction;
  block.count = 2;
  tell(block);
  tell(flow(9, 8));
  EXPECT_THAT(asked()["conclusion"].get<std::string>(), HasSubstr("but 2 of its packets were dropped: a TCP segment"));
}

TEST_F(Trace, WatchingForgetsWhatWasBeforeAndKeepsWhatIsOpen) {
  tell(flow(3, 0));
  auto open = site.event(EventKind::kViolation, 1);
  open.flow_id = 8;
  tell(open);
  site.now += kSecond;
  const auto begun = asked()["time"].get<std::string>();
  EXPECT_EQ(asked(R"(,"port":80,"after":")" + begun + "\"")["outcome"], "not_told");
  const auto after = R"(,"after":")" + begun + "\"";
  auto told = asked(after);
  ASSERT_EQ(told["flows"].size(), 1u);
  EXPECT_EQ(told["outcome"], "dropped") << "its repetitions are dropped and not told one by one";
  site.now += kSecond;
  tell(flow(1, 1, 9));
  told = asked(after);
  EXPECT_EQ(told["flows"].size(), 2u);
  EXPECT_EQ(told["outcome"], "answered");
}

TEST_F(Trace, AFormerRunIsRememberedAndNothingOfItIsOpen) {
  tell(site.event(EventKind::kViolation, 1));
  site.tick(2 * kSecond);
  site.restart(true);
  site.use(site.policy());
  const auto told = asked();
  ASSERT_EQ(told["flows"].size(), 1u);
  EXPECT_EQ(told["outcome"], "dropped");
  EXPECT_FALSE(told["flows"][0]["open"]);
}

TEST_F(Trace, FlowsToldTogetherMayHideIt) {
  auto sum = flow(100, 0, 0);
  sum.flows = 100;
  sum.several.peers = true;
  sum.peer_ip = Address{};
  tell(sum);
  const auto told = asked();
  EXPECT_EQ(told["outcome"], "not_seen");
  EXPECT_THAT(told["untold"][1].get<std::string>(), StartsWith("100 flows were told together"));
}

TEST_F(Trace, DevicesAreNamedAsElsewhere) {
  tell(flow(3, 0));
  const auto answer = Json::parse(site.ask(R"({"op":"trace","from":"203.0.113.10","to":"02:00:00:00:00:01"})"));
  EXPECT_EQ(answer["trace"]["outcome"], "unanswered");
  const auto unknown = Json::parse(site.ask(R"({"op":"trace","from":"nobody","to":"10.20.0.1"})"));
  EXPECT_EQ(unknown["exit"], 1);
  EXPECT_EQ(unknown["errors"][0]["code"], "device.unknown");
  for (const char* bad :
       {R"({"op":"trace","from":"10.20.0.1"})", R"({"op":"trace","from":"1.1.1.1","to":"2.2.2.2","port":70000})",
        R"({"op":"trace","from":"1.1.1.1","to":"2.2.2.2","after":"noon"})"})
    EXPECT_EQ(Json::parse(site.ask(bad))["exit"], 2) << bad;
}

}  // namespace
}  // namespace wardline::appliance
