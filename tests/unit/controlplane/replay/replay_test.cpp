#include "controlplane/replay/replay.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "controlplane/replay/capture_reader.h"
#include "controlplane/replay/capture_writer.h"
#include "dataplane/packet/packet_view.h"
#include "tests/unit/packet_builder.h"
#include "tests/unit/signature_cache.h"

namespace wardline::replay {
namespace {

using test::frame;
using Json = nlohmann::json;

constexpr const char* kDevice = "02:00:00:00:00:10";
constexpr const char* kServer = "02:00:00:00:00:20";
constexpr Tick kBegin = 1'700'000'000ull * kSecond;

class Replay : public ::testing::Test {
 protected:
  Replay() : folder_(std::filesystem::path(testing::TempDir()) / ("replay-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(folder_);
    policy_ = std::filesystem::path(WARDLINE_SOURCE_ROOT) / "policies";
  }
  ~Replay() override { std::filesystem::remove_all(folder_); }

  std::string path(const char* name) const { return folder_ / name; }

  // A device announces itself, then opens HTTP and asks for a name; a server answers. The first second belongs to the
  // device alone, so it is known in every burst that follows.
  std::string made_capture(const char* name, Tick begin) const {
    auto writer = CaptureWriter::create(path(name));
    EXPECT_TRUE(writer);
    Tick time = begin;
    const auto write = [&](const test::FrameBuilder& built) { writer->write(time += kMillisecond, built.bytes()); };
    write(frame().from(kDevice).to("ff:ff:ff:ff:ff:ff").arp(1, "10.9.0.5", "10.9.0.1"));
    time += 2 * kSecond;
    const auto out = [] { return frame().from(kDevice).to(kServer).ipv4("10.9.0.5", "10.9.8.8"); };
    const auto back = [] { return frame().from(kServer).to(kDevice).ipv4("10.9.8.8", "10.9.0.5"); };
    for (std::uint16_t port = 40'000; port < 40'008; ++port) {
      write(out().tcp(port, 80).flags(packet::kSyn).sequence(99));
      write(back().tcp(80, port).flags(packet::kSyn | packet::kAck).sequence(499).acknowledgement(100));
      write(out().tcp(port, 80).sequence(100).acknowledgement(500).wrong_transport_checksum());
      write(out().tcp(port, 80).sequence(100).acknowledgement(500).payload("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
      write(back().tcp(80, port).sequence(500).acknowledgement(126).payload(
          "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    }
    EXPECT_TRUE(writer->close());
    return path(name);
  }

  std::vector<Json> records(Options options) {
    options.policy = policy_;
    options.cache_folder = test::signature_cache();
    std::vector<Json> all;
    outcome_ = run(options, [&](std::string_view, std::string_view json) { all.push_back(Json::parse(json)); });
    if (!outcome_) ADD_FAILURE() << outcome_.error().front().text();
    return all;
  }

  // What was decided of each flow, without ids and times.
  static std::set<std::string> verdicts(const std::vector<Json>& records) {
    std::set<std::string> found;
    for (const auto& record : records)
      if (record["type"] == "flow" && record["final"] == true)
        found.insert(Json::array({record["client_port"], record["server_ip"], record["app"], record["verdict"],
                                  record["applied"], record["rule"], record["reason"], record["class"]})
                         .dump());
    return found;
  }

  std::filesystem::path folder_, policy_;
  std::expected<Outcome, Errors> outcome_;
};

TEST_F(Replay, GivesTheSameVerdictsInBurstsOfOneAndOfThirtyTwo) {
  const auto capture = made_capture("in.pcap", kBegin);
  const auto one = verdicts(records({.captures = {capture}, .batch = 1}));
  const auto many = verdicts(records({.captures = {capture}, .batch = 32}));
  EXPECT_EQ(one.size(), 8u);
  EXPECT_EQ(one, many);
}

TEST_F(Replay, TellsTheSummaryLastAndItAddsUp) {
  const auto all = records({.captures = {made_capture("in.pcap", kBegin)}});
  ASSERT_FALSE(all.empty());
  const auto& summary = all.back();
  EXPECT_EQ(summary["type"], "summary");
  EXPECT_EQ(summary["packets"], 41);
  EXPECT_EQ(summary["flows"], 8);
  std::uint64_t gone = summary["forwarded"].get<std::uint64_t>() + summary["held"].get<std::uint64_t>();
  for (const auto& [reason, count] : summary["dropped"].items()) gone += count.get<std::uint64_t>();
  EXPECT_EQ(summary["packets"].get<std::uint64_t>() + summary["created"].get<std::uint64_t>(), gone);
  EXPECT_NEAR(summary["seconds"].get<double>(), 2.04, 0.01);
}

TEST_F(Replay, WritesWhatWasForwarded) {
  (void)records(
      {.captures = {made_capture("in.pcap", kBegin)}, .out = path("out.pcap"), .mode = enforce::Mode::kMonitor});
  auto reader = CaptureReader::open(path("out.pcap"));
  ASSERT_TRUE(reader);
  while (reader->next()) {
  }
  EXPECT_EQ(reader->frames(), outcome_->summary.forwarded);
  EXPECT_EQ(reader->frames(), 41u);  // monitoring drops nothing, a wrong checksum least of all
}

TEST_F(Replay, MovesACaptureBehindTheOneBefore) {
  const auto late = made_capture("late.pcap", kBegin), early = made_capture("early.pcap", kBegin - 1000 * kSecond);
  const auto all = records({.captures = {late, early}});
  EXPECT_EQ(all.back()["packets"], 82);
  EXPECT_NEAR(all.back()["seconds"].get<double>(), 4.08, 0.02);
}

// What each leg of two bundles received, told apart by the side that a frame was made for.
class ReplayOfBundles : public Replay {
 protected:
  std::string leg_capture(const char* name, const char* sender, std::vector<Tick> times) const {
    auto writer = CaptureWriter::create(path(name));
    EXPECT_TRUE(writer);
    for (const auto time : times)
      writer->write(kBegin + time, frame().from(sender).to("ff:ff:ff:ff:ff:ff").arp(1, "10.9.0.5", "10.9.0.1").bytes());
    EXPECT_TRUE(writer->close());
    return path(name);
  }
};

TEST_F(ReplayOfBundles, RunsThemSideBySideByTheTimeOfTheirFrames) {
  const Bundle east{"east", leg_capture("east-d", kDevice, {0, 4 * kSecond}),
                    leg_capture("east-c", kServer, {kSecond})};
  const Bundle west{"west", leg_capture("west-d", kServer, {2 * kSecond}),
                    leg_capture("west-c", kDevice, {3 * kSecond})};
  const auto all = records({.bundles = {east, west}, .out = path("out.pcap"), .mode = enforce::Mode::kMonitor});
  ASSERT_TRUE(outcome_);
  EXPECT_EQ(all.back()["packets"], 5);
  EXPECT_EQ(all.back()["forwarded"], 5);
  EXPECT_NEAR(all.back()["seconds"].get<double>(), 4, 0.01);
  auto reader = CaptureReader::open(path("out.pcap"));
  ASSERT_TRUE(reader);
  std::vector<std::string> senders;
  while (const auto each = reader->next())
    senders.push_back(packet::parse(each->bytes).source_mac.number() == test::mac(kDevice).number() ? "device"
                                                                                                    : "server");
  EXPECT_EQ(senders, (std::vector<std::string>{"device", "server", "server", "device", "device"}));
}

TEST_F(ReplayOfBundles, TakesTheSideFromTheLegAndNotFromTheSender) {
  const Bundle east{"east", leg_capture("east-d", kDevice, {0}), leg_capture("east-c", kServer, {kSecond})};
  const auto all = records({.bundles = {east}});
  std::set<std::string> devices;
  for (const auto& record : all)
    if (record["type"] == "device") devices.insert(record["device_id"]);
  EXPECT_EQ(devices, std::set<std::string>{"dev-020000000010"});
}

TEST_F(Replay, RefusesAMissingCaptureByName) {
  const auto outcome =
      run({.policy = policy_, .captures = {path("none.pcap")}}, [](std::string_view, std::string_view) {});
  ASSERT_FALSE(outcome);
  EXPECT_NE(outcome.error().front().text().find("none.pcap"), std::string::npos);
}

}  // namespace
}  // namespace wardline::replay
