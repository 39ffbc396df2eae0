#include "controlplane/cli/pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "controlplane/cli/text.h"

namespace wardline::cli {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr Terminal kNoTerminal{};

std::size_t widest(const std::string& page) {
  std::istringstream lines(page);
  std::size_t most = 0;
  for (std::string line; std::getline(lines, line);) most = std::max(most, width_of(line));
  return most;
}

// Without the breaks between lines.
std::string flat(const std::string& page) {
  std::istringstream words(page);
  std::string text;
  for (std::string word; words >> word;) text += (text.empty() ? "" : " ") + word;
  return text;
}

Json a_device() {
  auto device = Json::parse(R"({"device_id":"tv-4b","class":"smart-tv","class_title":"Smart TV","confidence":100,
    "criticality":"none","purpose":"none","class_reason":"claims 30 (dhcp.vendor_class 'Samsung Hospitality TV') = 60 of 60",
    "runners_up":[{"class":"workstation","weight":20}],"hostname":"tv-room-12","mode":"enforce","quarantine":"contain",
    "quarantines":[{"id":"q-3","profile":"contain","state":"active","by":"alice","time":"2026-11-21T22:00:00.000000Z",
      "until":null,"reason":"odd firmware"}],"hold_until":null,"vendor":"Samsung","model":null,"serial":"S1","owner":null,
    "registered":true,"segment":"ward-4b","ward":"4B","switch":"sw-3","port":"12","place_source":"radius",
    "interfaces":[{"mac":"d0:d0:03:10:00:27","segment":"ward-4b","ips":["10.20.0.27"]}],
    "first_seen":"2026-11-21T21:00:00.000000Z","last_seen":"2026-11-21T22:01:00.000000Z",
    "evidence":[{"source":"segment","attribute":"ward","value":"4B","weight":0,"last_seen":"2026-11-21T22:01:00.000000Z"},
      {"source":"dhcp","attribute":"dhcp.vendor_class","value":"Samsung Hospitality TV","weight":30,
       "last_seen":"2026-11-21T22:01:00.000000Z"}],
    "findings":[{"kind":"no_medical_purpose","severity":"high","state":"open","first_seen":"2026-11-21T22:01:00.000000Z",
      "explanation":"It has no business here."}],"violations":[],"history":[]})");
  for (int n = 0; n < 20; ++n)
    device["conversations"].push_back({{"direction", "from_device"},
                                       {"peer", "10.1.1." + std::to_string(n)},
                                       {"app", "tls"},
                                       {"proto", "tcp"},
                                       {"port", 443},
                                       {"verdict", "allow"},
                                       {"flows", n},
                                       {"bytes_from_device", 1000},
                                       {"bytes_to_device", 234},
                                       {"last_seen", "2026-11-21T22:01:00.000000Z"}});
  return Json::parse(device.dump());  // numbers as an answer has them
}

TEST(DevicePage, FitsEightyColumnsAndTellsWhatMatters) {
  const auto page = device_page(a_device(), kNoTerminal);
  EXPECT_LE(widest(page), 80u) << page;
  for (const char* part :
       {"tv-room-12 (tv-4b), Smart TV", "could also be workstation (weight 20)",
        "contain is active since 2026-11-21 22:00:00, by alice (q-3): odd firmware", "vendor Samsung, serial S1",
        "switch sw-3, port 12 (told by: radius)", "d0:d0:03:10:00:27 in ward-4b, 10.20.0.27", "no_medical_purpose",
        "1.2k", "in the asset register"})
    EXPECT_THAT(flat(page), HasSubstr(part));
}

TEST(DevicePage, LongListsAreCutAndSayByHowMuch) {
  const auto page = device_page(a_device(), kNoTerminal);
  EXPECT_THAT(page, HasSubstr("... and 12 more (--json has all)"));
  EXPECT_THAT(page, Not(HasSubstr("10.1.1.8")));
  EXPECT_THAT(page, HasSubstr("... and 1 more (--json has all)")) << "the segment gave no weight";
}

TEST(DevicePage, AWiderTerminalShowsMore) {
  auto device = a_device();
  device["findings"][0]["explanation"] = std::string(90, 'x');
  EXPECT_GT(widest(device_page(device, {.width = 150})), 80u);
}

Json a_status(std::uint64_t packets, const char* started = "2026-11-21T21:00:00.000000Z") {
  const Json status{
      {"time", "2026-11-21T22:00:00.000000Z"},
      {"started", started},
      {"appliance", "lab"},
      {"policy", {{"policy_hash", "d1678bdf9f1ed1678bdf9f1e"}, {"site", "lab"}}},
      {"devices", 2},
      {"classes", {{"smart-tv", 2}}},
      {"quarantined", 1},
      {"findings", {{"open", {{"low", 3}, {"high", 1}}}}},
      {"counters",
       {{"received", packets},
        {"received_bytes", packets * 100},
        {"forwarded", packets},
        {"flows_created", packets / 10},
        {"dropped", {{"no_rule", packets / 2}, {"quarantine", 7}}}}},
      {"ports",
       {{{"spec", "eth1"},
         {"pair", "main-1"},
         {"bundle", "main"},
         {"side", "device"},
         {"link", "down"},
         {"rx_frames", packets},
         {"rx_bytes", packets * 100}}}},
      {"lately",
       {{"since", "2026-11-21T21:50:00.000000Z"},
        {"violations", {{{"device_id", "tv-4b"}, {"class", "smart-tv"}, {"hostname", nullptr}, {"count", 9}}}},
        {"flows", Json::array()}}}};
  return Json::parse(status.dump());
}

TEST(Top, RatesAreOfTheTimeBetweenTwoAnswers) {
  const auto sample = top_sample(a_status(1000), a_status(1100), 2);
  EXPECT_EQ(sample["packets_per_second"], 50.0);
  EXPECT_EQ(sample["bits_per_second"], 40'000.0);
  EXPECT_EQ(sample["new_flows_per_second"], 5.0);
  EXPECT_EQ(sample["dropped_per_second"], Json({{"no_rule", 25.0}})) << "what stood still is left out";
  EXPECT_EQ(sample["ports"][0]["rx_bits_per_second"], 40'000.0);
}

TEST(Top, AfterARestartThereIsNoRate) {
  const auto sample = top_sample(a_status(1000), a_status(2000, "2026-11-21T21:59:00.000000Z"), 2);
  EXPECT_TRUE(sample["packets_per_second"].is_null());
  EXPECT_TRUE(sample["dropped_per_second"].is_null());
  EXPECT_THAT(top_page(sample, kNoTerminal), HasSubstr("packets/s   - received, - forwarded, - dropped;"));
  EXPECT_THAT(top_page(sample, kNoTerminal), HasSubstr("drops/s     -\n"));
}

TEST(Top, ThePageFitsAndPutsTheGravestFirst) {
  const auto page = top_page(top_sample(a_status(1000), a_status(1100), 2), kNoTerminal);
  EXPECT_LE(widest(page), 80u) << page;
  EXPECT_THAT(page, HasSubstr("50 received, 50 forwarded, 25 dropped; 40k bits/s, 5 new flows/s"));
  EXPECT_THAT(page, HasSubstr("1 high, 3 low"));
  EXPECT_THAT(page, HasSubstr("SINCE 21:50:00"));
  EXPECT_THAT(page, HasSubstr("tv-4b"));
}

Json a_trace() {
  return Json::parse(
      R"({"from":{"asked":"tv","addresses":["10.20.0.1"],"roles":[],"device_id":"tv-4b","hostname":"tv-room-12",
    "class":"smart-tv","segment":"rooms","quarantine":"none","last_seen":"2026-11-21T22:01:00.000000Z"},
    "to":{"asked":"203.0.113.10","addresses":["203.0.113.10"],"roles":["tv-updates"],"device_id":null},"port":443,
    "flows":[{"id":"f-1","time":"2026-11-21T22:00:00.000000Z","end":"2026-11-21T22:00:30.000000Z","open":false,
      "segment":"rooms","bundle":"main","mode":"enforce","opened_by":"device","proto":"tcp","client_ip":"10.20.0.1",
      "client_port":50000,"server_ip":"203.0.113.10","server_port":443,"app":"tls","verdict":"allow","applied":"forwarded",
      "rule":"updates","rule_at":"classes/smart-tv.yaml:14","step":"class","reason":null,"policy_hash":"3f2a1c9d4e5f60718293",
      "policy_commit":null,"packets_from_client":3,"packets_to_client":0,"explanation":"It may."}],"more_flows":2,
    "conversations":[],"untold":["what is younger may not be told yet"],"outcome":"unanswered",
    "conclusion":"not Wardline: forwarded 3 packets from 10.20.0.1 to 203.0.113.10 on tcp 443, no answer came",
    "legs":[{"bundle":"main","side":"device","spec":"eth1","link":"up"},{"bundle":"main","side":"core","spec":"eth2",
      "link":"down"},{"bundle":"other","side":"core","spec":"eth9","link":"up"}]})");
}

TEST(TracePage, TellsTheWayStepByStepAndEndsWithTheConclusion) {
  const auto page = trace_page(a_trace(), kNoTerminal);
  EXPECT_LE(widest(page), 80u) << page;
  EXPECT_THAT(page, HasSubstr("In by     the device leg eth1 of bundle main, segment rooms"));
  EXPECT_THAT(page, HasSubstr("rule \"updates\""));
  EXPECT_THAT(page, HasSubstr("the core leg eth2 (its link is DOWN) of bundle main"));
  EXPECT_THAT(page, Not(HasSubstr("eth9")));
  EXPECT_THAT(page, HasSubstr("... and 2 more"));
  EXPECT_THAT(page, HasSubstr("no device that was seen here; roles tv-updates"));
  EXPECT_THAT(page, EndsWith("no\nanswer came\n"));
  EXPECT_THAT(page, Not(HasSubstr("younger"))) << "an ended flow leaves nothing open";
}

TEST(TracePage, WhatItsLegsLostIsTold) {
  auto trace = a_trace();
  EXPECT_THAT(trace_page(trace, kNoTerminal), Not(HasSubstr("Lost")));
  trace["flows"][0]["lost"] = Json::parse(R"json([{"bundle":"main","leg":"a/core (eth2)","lost_in":0,"lost_out":12,
    "since":"2026-11-21T22:00:01.000000Z","until":"2026-11-21T22:00:09.000000Z"}])json");
  const auto page = trace_page(trace, kNoTerminal);
  EXPECT_LE(widest(page), 80u) << page;
  EXPECT_THAT(page, HasSubstr("Lost      perhaps: its legs lost frames, 0 in, 12 out by a/core (eth2)"));
}

TEST(TracePage, WhatCameFromTheCoreGoesOutToTheDevices) {
  auto trace = a_trace();
  trace["flows"][0]["opened_by"] = "peer";
  const auto page = trace_page(trace, kNoTerminal);
  EXPECT_THAT(page, HasSubstr("In by     the core leg eth2"));
  EXPECT_THAT(page, HasSubstr("Out by    the device leg eth1"));
}

TEST(TracePage, WhatWasDroppedLeftByNoLeg) {
  auto trace = a_trace();
  trace["flows"][0]["applied"] = "dropped";
  EXPECT_THAT(trace_page(trace, kNoTerminal), HasSubstr("Out by    no leg: dropped here"));
}

TEST(TracePage, NothingSeenTellsWhatCannotBeKnownYet) {
  auto trace = a_trace();
  trace["flows"] = Json::array();
  trace["more_flows"] = 0;
  EXPECT_THAT(trace_page(trace, kNoTerminal), HasSubstr("Not yet   what is younger may not be told yet."));
}

}  // namespace
}  // namespace wardline::cli
