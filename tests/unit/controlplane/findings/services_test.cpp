#include <gtest/gtest.h>

#include "controlplane/findings/exposure.h"
#include "controlplane/findings/one_sided.h"
#include "controlplane/findings/servers.h"

namespace wardline::findings {
namespace {

using std::chrono::days;
using std::chrono::hours;

const WallTime kFirst{days(20'000)};

inventory::Device device_of(std::string id, std::string device_class, WallTime first_seen = kFirst) {
  inventory::Device device;
  device.id = std::move(id);
  device.device_class = std::move(device_class);
  device.first_seen = first_seen;
  return device;
}

struct NewServer : testing::Test {
  std::optional<Condition> answers(days after, std::string_view app = "http") {
    return servers.note(device, {.app = app, .port = 80, .allowed = allowed}, kFirst + after);
  }
  inventory::Device device = device_of("pump-7", "infusion-pump");
  bool allowed = false;
  ClassServers servers;
};

TEST_F(NewServer, AServiceThatItsClassNeverHadIsToldForAWeek) {
  EXPECT_FALSE(answers(days(0), "ssh")) << "it is just being learned";
  const auto told = answers(days(8));
  ASSERT_TRUE(told);
  EXPECT_EQ(told->kind, "new_server");
  EXPECT_EQ(told->subject, "http");
  EXPECT_EQ(told->severity, "medium");
  EXPECT_NE(told->explanation.find("port 80"), std::string::npos) << told->explanation;
  EXPECT_TRUE(answers(days(12)));
  EXPECT_FALSE(answers(days(16))) << "by now it is known";
  EXPECT_FALSE(answers(days(17), "ssh"));
}

TEST_F(NewServer, OneThatThePolicyAllowsIsWorthLess) {
  allowed = true;
  answers(days(0), "ssh");
  ASSERT_TRUE(answers(days(8)));
  EXPECT_EQ(answers(days(8))->severity, "low");
}

TEST_F(NewServer, AnotherOfItsClassThatDidItBeforeMakesItUsual) {
  auto other = device_of("pump-8", "infusion-pump");
  other.evidence.resize(1);
  other.evidence[0].attribute = "speaks";
  other.evidence[0].value = "http as server with pump-servers";
  other.evidence[0].first_seen = kFirst + days(2);
  servers.know(other);
  EXPECT_FALSE(answers(days(8)));
  EXPECT_TRUE(answers(days(8), "ssh"));
}

TEST_F(NewServer, WhatWasStoredIsNotToldAnew) {
  answers(days(0), "ssh");
  answers(days(1));
  const auto stored = servers.take_unsaved();
  EXPECT_EQ(stored.size(), 3U) << "the class, and two applications";
  EXPECT_TRUE(servers.take_unsaved().empty());
  servers = {};
  for (const auto& each : stored) servers.restore(each);
  device.first_seen = kFirst + days(30);  // whoever is left of its class
  EXPECT_FALSE(answers(days(31)));
  EXPECT_FALSE(answers(days(31), "ssh"));
  EXPECT_TRUE(answers(days(31), "telnet"));
  ASSERT_EQ(servers.take_unsaved().size(), 1U);
  servers.unsaved_all();
  EXPECT_EQ(servers.take_unsaved().size(), 4U);
}

TEST_F(NewServer, ApplicationsThatAreOneTooManyAreNotWatched) {
  for (std::size_t i = 0; i < ClassServers::kMostApps; ++i) answers(days(0), "app-" + std::to_string(i));
  EXPECT_EQ(servers.take_unsaved().size(), ClassServers::kMostApps + 1);
  EXPECT_FALSE(answers(days(8), "one-more"));
  EXPECT_TRUE(servers.take_unsaved().empty());
}

TEST_F(NewServer, OfAClassThatIsNewOrNoneNothingIsKnown) {
  device.first_seen = kFirst + days(8);
  EXPECT_FALSE(answers(days(9)));
  device = device_of("dev-1", "unidentified");
  EXPECT_FALSE(answers(days(100)));
}

TEST(Exposure, WhatStaysInsideTheSiteIsLowAndWhatGoesToAStrangerIsMedium) {
  const auto monitor = device_of("monitor-1", "patient-monitor");
  const auto inside = unencrypted_phi(monitor, "hl7-mllp", {.name = "10.40.2.9", .of_site = true});
  const auto outside = unencrypted_phi(monitor, "hl7-mllp", {.name = "203.0.113.9", .of_site = false});
  EXPECT_EQ(inside.severity, "low");
  EXPECT_EQ(outside.severity, "medium");
  EXPECT_NE(inside.subject, outside.subject) << "one must not hide the other";
}

TEST(Exposure, OnlyMedicalApplicationsInClearTextAreMeant) {
  for (const auto* app : {"hl7-mllp", "dicom", "poct1-a"}) EXPECT_TRUE(carries_patient_data(app)) << app;
  for (const auto* app : {"dicom-tls", "tls", "http", ""}) EXPECT_FALSE(carries_patient_data(app)) << app;
}

TEST(Exposure, ADefaultPasswordIsToldWithItsAccountAtTheDeviceOrAtAnother) {
  const auto camera = device_of("camera-1", "ip-camera");
  const auto own = default_credentials(camera, true, {.name = "10.40.0.7"}, 23, "root\x1b");
  const auto others = default_credentials(camera, false, {.name = "10.40.0.7"}, 21, "admin");
  EXPECT_NE(own.subject, others.subject);
  EXPECT_EQ(own.evidence[0].find('\x1b'), std::string::npos);
  EXPECT_NE(others.explanation.find("camera-1 logged in to 10.40.0.7 at port 21"), std::string::npos);
}

struct Directions : testing::Test {
  std::optional<Condition> flow(std::uint64_t from, std::uint64_t to, std::uint64_t bytes = 5000) {
    now += std::chrono::seconds(20);
    return watcher.note(device, {.packets_from_device = from, .packets_to_device = to, .bytes = bytes}, now);
  }
  inventory::Device device = device_of("monitor-1", "patient-monitor");
  WallTime now = kFirst;
  OneSided watcher;
};

TEST_F(Directions, ADeviceWhoseAnswersGoAnotherWayIsTold) {
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(flow(20, 0));
  const auto told = flow(20, 0);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->kind, "one_sided_flows");
  EXPECT_NE(told->explanation.find("only what it sends"), std::string::npos) << told->explanation;
}

TEST_F(Directions, OpeningsThatNobodyAnswersAreNone) {
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(flow(7, 0, 500));
}

TEST_F(Directions, SomeThatBreakOffAmongManyAreNone) {
  for (int i = 0; i < 12; ++i) flow(20, 20);
  for (int i = 0; i < 8; ++i) EXPECT_FALSE(flow(20, 0));
}

TEST_F(Directions, TheyCountWithinTenMinutes) {
  for (int i = 0; i < 20; ++i) {
    EXPECT_FALSE(flow(20, 0));
    now += hours(1);
  }
}

}  // namespace
}  // namespace wardline::findings
