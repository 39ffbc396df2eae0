// A live capture as it is asked for: who may, one at a time, what is told of each frame, and the record of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "tests/unit/controlplane/appliance/hand_made.h"
#include "tests/unit/packet_builder.h"

namespace wardline::appliance {
namespace {

using Json = nlohmann::json;
using capture::Fate;
using ::testing::HasSubstr;

struct Captures : ::testing::Test {
  HandMade site;
  void SetUp() override { site.use(site.policy()); }

  Json ask(const Json& request, std::string_view user = "alice") { return Json::parse(site.ask(request.dump(), user)); }
  Json start(const Json& more = Json::object(), std::string_view user = "alice") {
    Json request{{"op", "capture.start"}, {"filter", "host 10.1.0.2"}, {"for_seconds", 60}};
    request.update(more);
    return ask(request, user);
  }
  Json poll(const Json& started, bool stop = false, std::string_view user = "alice") {
    return ask({{"op", "capture.poll"}, {"id", started["capture"]["id"]}, {"stop", stop}}, user);
  }
  // A frame of the worker's turn; `change` tells what became of it.
  void arrive(const std::function<void(capture::CapturedFrame&)>& change = {}) {
    const auto bytes = test::frame().ipv4("10.1.0.2", "10.2.0.9").tcp(1, 2575).payload("PID|||LAB-1").bytes();
    auto* frame = site.tap.recording()->begin(bytes, static_cast<std::uint32_t>(bytes.size()));
    ASSERT_NE(frame, nullptr);
    frame->time = site.now;
    if (change) change(*frame);
    site.tap.recording()->finish();
  }
};

TEST_F(Captures, AFrameIsToldByItsHeadersAndWhatBecameOfIt) {
  const auto started = start();
  ASSERT_EQ(started["ok"], true) << started;
  arrive();
  arrive([](auto& frame) {
    frame.fate = Fate::kDropped;
    frame.reason = frame.flow_reason = Reason::kNoRule;
    frame.in_flow = true;
    frame.verdict = enforce::Verdict::kBlock;
  });
  arrive([](auto& frame) {
    frame.in_flow = true;
    frame.rule = 0;
    frame.policy_epoch = 1;
  });
  arrive([](auto& frame) {
    frame.fate = Fate::kNotSent;
    frame.reason = Reason::kTxFull;
    frame.side = Side::kCore;
  });
  const auto frames = poll(started)["frames"];
  ASSERT_EQ(frames.size(), 4U);
  EXPECT_EQ(frames[0]["comment"], "forwarded");
  EXPECT_EQ(frames[0]["headers"].get<std::string>().size(), 2 * (14 + 20 + 20)) << "the payload is not among them";
  EXPECT_EQ(frames[0]["wire_length"], 14 + 20 + 20 + 11);
  EXPECT_EQ(frames[0]["time"], site.now / 1000);
  EXPECT_EQ(frames[0]["direction"], "in");
  EXPECT_EQ(frames[1]["comment"], "dropped: no_rule; flow: block (no_rule), step default");
  EXPECT_EQ(frames[2]["comment"], "forwarded; flow: allow, rule updates (classes/smart-tv.yaml:14)");
  EXPECT_EQ(frames[3]["comment"], "dropped: tx_full, on its way out");
  EXPECT_EQ(frames[3]["direction"], "out");
  EXPECT_EQ(frames[3]["side"], "core");
}

TEST_F(Captures, ASecondIsRefusedAndToldWhoRunsTheFirst) {
  const auto first = start();
  const auto second = start(Json::object(), "bob");
  EXPECT_EQ(second["exit"], 1);
  EXPECT_THAT(second["errors"][0]["what"].get<std::string>(), HasSubstr("alice captures \"host 10.1.0.2\" since"));
  EXPECT_EQ(poll(first, false, "bob")["exit"], 4) << "nor may another user read it";
  EXPECT_EQ(poll(first, true)["ended"], "stopped");
  EXPECT_EQ(start(Json::object(), "bob")["ok"], true);
}

TEST_F(Captures, StartAndEndAreOnRecord) {
  const auto started = start();
  arrive();
  const auto last = poll(started, true);
  EXPECT_EQ(last["frames"].size(), 1U);
  const auto records = site.records("capture");
  ASSERT_EQ(records.size(), 2U);
  const auto begun = Json::parse(records[0]), ended = Json::parse(records[1]);
  EXPECT_EQ(begun["state"], "started");
  EXPECT_EQ(begun["by"], "alice");
  EXPECT_EQ(begun["filter"], "host 10.1.0.2");
  EXPECT_EQ(ended["id"], begun["id"]);
  EXPECT_EQ(ended["state"], "ended");
  EXPECT_EQ(ended["reason"], "stopped");
  EXPECT_EQ(ended["frames"], 1);
  EXPECT_EQ(site.tap.recording(), nullptr);
}

TEST_F(Captures, AClientThatIsGoneLeavesNothingBehind) {
  const auto started = start();
  arrive();
  site.tick(4 * kSecond);
  EXPECT_NE(site.tap.recording(), nullptr);
  site.tick(kSecond);
  EXPECT_EQ(site.tap.recording(), nullptr);
  ASSERT_EQ(site.records("capture").size(), 2U);
  const auto ended = Json::parse(site.records("capture")[1]);
  EXPECT_EQ(ended["reason"], "client_gone");
  EXPECT_EQ(ended["not_written"], 1);
  EXPECT_EQ(poll(started)["exit"], 1);
  EXPECT_EQ(start(Json::object(), "bob")["ok"], true);
}

TEST_F(Captures, OneThatRunsWhenTheApplianceStopsEndsOnRecord) {
  start();
  arrive();
  site.flush();
  ASSERT_EQ(site.records("capture").size(), 2U);
  const auto ended = Json::parse(site.records("capture")[1]);
  EXPECT_EQ(ended["state"], "ended");
  EXPECT_EQ(ended["reason"], "shutdown");
  EXPECT_EQ(ended["not_written"], 1);
  EXPECT_EQ(site.tap.recording(), nullptr);
}

TEST_F(Captures, WhatIsOutOfBoundsIsRefused) {
  for (const auto& [key, value] : std::vector<std::pair<std::string, int>>{
           {"for_seconds", 0}, {"for_seconds", 601}, {"limit", 0}, {"limit", 1'000'001}, {"snap", 13}, {"snap", 129}}) {
    const auto answer = start({{key, value}});
    EXPECT_EQ(answer["exit"], 2) << key << value;
    EXPECT_THAT(answer["errors"][0]["what"].get<std::string>(), HasSubstr("`" + key + "` is"));
  }
  EXPECT_EQ(start({{"filter", "host pump-3"}})["exit"], 2);
  EXPECT_EQ(site.tap.recording(), nullptr);
  EXPECT_TRUE(site.records("capture").empty());
}

}  // namespace
}  // namespace wardline::appliance
