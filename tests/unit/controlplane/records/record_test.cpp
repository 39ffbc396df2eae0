#include "controlplane/records/record.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "controlplane/records/time_text.h"

namespace wardline::records {
namespace {

using Json = nlohmann::ordered_json;

std::vector<std::string> keys_of(const std::string& line) {
  std::vector<std::string> keys;
  const auto json = Json::parse(line);
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  return keys;
}

std::vector<std::string> with_head(std::vector<std::string> own) {
  std::vector<std::string> keys{"schema",      "type",      "id",     "time",        "appliance", "site",
                                "segment",     "device_id", "class",  "criticality", "mode",      "policy_commit",
                                "policy_hash", "ward",      "switch", "port",        "location"};
  keys.insert(keys.end(), own.begin(), own.end());
  return keys;
}

Facts some_facts() {
  Facts facts;
  facts.head.type = "flow";
  facts.head.id = "f-1-0-7";
  facts.head.time = inventory::WallTime(std::chrono::microseconds(1'700'000'000'000'001));
  facts.started = inventory::WallTime(std::chrono::microseconds(1'600'000'000'000'000));
  facts.flow_id = "f-1-0-7";
  facts.device_ip = "10.1.1.5";
  facts.peer_ip = "10.9.9.9";
  facts.device_port = 40000;
  facts.peer_port = 104;
  facts.has_ports = true;
  facts.proto = "tcp";
  facts.opened_by = flow::OpenedBy::kDevice;
  return facts;
}

TEST(Record, AFlowHasTheFieldsOfTheDesignInTheirOrder) {
  EXPECT_EQ(keys_of(flow_record(some_facts())), with_head({"end",
                                                           "final",
                                                           "flows",
                                                           "opened_by",
                                                           "proto",
                                                           "vlans",
                                                           "client_ip",
                                                           "client_port",
                                                           "server_ip",
                                                           "server_port",
                                                           "behind",
                                                           "app",
                                                           "app_state",
                                                           "verdict",
                                                           "applied",
                                                           "rule",
                                                           "rule_at",
                                                           "step",
                                                           "reason",
                                                           "fact",
                                                           "found",
                                                           "explanation",
                                                           "signatures",
                                                           "packets_from_device",
                                                           "packets_to_device",
                                                           "bytes_from_device",
                                                           "bytes_to_device"}));
}

TEST(Record, FlowsToldTogetherHaveNoPortOfTheClientAndNullForWhatDiffers) {
  auto facts = some_facts();
  EXPECT_EQ(Json::parse(flow_record(facts))["flows"], 1);
  facts.flows = 70;
  facts.device_port = 0;
  auto json = Json::parse(flow_record(facts));
  EXPECT_EQ(json["flows"], 70);
  EXPECT_TRUE(json["client_port"].is_null());
  EXPECT_EQ(json["server_ip"], "10.9.9.9");
  EXPECT_EQ(json["server_port"], 104);
  facts.several = {.devices = false, .peers = true, .ports = true};
  facts.peer_ip.clear();
  facts.peer_port = 0;
  for (const auto& line : {flow_record(facts), violation_record(facts)}) {
    json = Json::parse(line);
    EXPECT_EQ(json["client_ip"], "10.1.1.5");
    for (const char* key : {"client_port", "server_ip", "server_port"}) EXPECT_TRUE(json[key].is_null()) << key;
  }
}

TEST(Record, TextIsQuotedAsJsonAsksForIt) {
  auto facts = some_facts();
  for (const std::string text :
       {"plain", "a \"word\" and a \\", "\\", "\"", "l\xc3\xa4nger", "tab\there", "\x7f", ""}) {
    facts.explanation = text;
    EXPECT_EQ(Json::parse(flow_record(facts))["explanation"], text);
  }
  facts.explanation = "no \xff UTF-8";
  EXPECT_EQ(Json::parse(flow_record(facts))["explanation"], "no \xef\xbf\xbd UTF-8");
}

TEST(Record, AViolationHasTheFieldsOfTheDesignInTheirOrder) {
  EXPECT_EQ(keys_of(violation_record(some_facts())),
            with_head({"flow_id", "verdict", "applied", "rule", "rule_at", "step", "reason", "fact", "found",
                       "explanation", "count", "opened_by", "proto", "client_ip", "client_port", "server_ip",
                       "server_port", "behind", "app"}));
}

TEST(Record, ADetectionHasTheFieldsOfTheDesignInTheirOrder) {
  EXPECT_EQ(keys_of(detection_record(some_facts())),
            with_head({"signature", "severity", "technique", "flow_id", "behind", "applied", "group", "action", "count",
                       "note"}));
}

TEST(Record, AFindingAQuarantineAndASummaryHaveTheFieldsOfTheDesign) {
  EXPECT_EQ(keys_of(finding_record({}, {})),
            with_head({"kind", "severity", "state", "subject", "explanation", "evidence", "note", "by", "until",
                       "first_seen", "last_seen", "count"}));
  EXPECT_EQ(keys_of(quarantine_record({}, {})), with_head({"profile", "state", "reach", "by", "reason", "until"}));
  EXPECT_EQ(keys_of(summary_record({}, {})), with_head({"packets", "bytes", "flows", "created", "forwarded", "dropped",
                                                        "held", "malformed", "seconds"}));
}

TEST(Record, ADeviceHasItsOwnFieldsAndTheHeadsOnlyOnce) {
  // criticality, switch and port are among the head's.
  EXPECT_EQ(keys_of(device_record({}, {}, "medical")),
            with_head({"interfaces", "vendor", "model", "os", "firmware", "serial", "hostname", "place_source",
                       "confidence", "purpose", "evidence", "quarantine", "first_seen", "last_seen"}));
}

TEST(Record, WhatDoesNotApplyIsNull) {
  const auto json = Json::parse(flow_record(some_facts()));
  for (const char* key : {"device_id", "policy_commit", "switch", "location", "app", "rule", "rule_at", "reason"})
    EXPECT_TRUE(json[key].is_null()) << key;
}

TEST(Record, AFlowThatThePeerOpenedHasTheDeviceAsServer) {
  auto facts = some_facts();
  facts.opened_by = flow::OpenedBy::kPeer;
  const auto json = Json::parse(flow_record(facts));
  EXPECT_EQ(json["client_ip"], "10.9.9.9");
  EXPECT_EQ(json["server_ip"], "10.1.1.5");
  EXPECT_EQ(json["server_port"], 40000);
}

TEST(Record, AFlowsTimeIsItsStart) {
  const auto json = Json::parse(flow_record(some_facts()));
  EXPECT_EQ(json["time"], "2020-09-13T12:26:40.000000Z");
  EXPECT_EQ(json["end"], "2023-11-14T22:13:20.000001Z");
}

TEST(Record, ProtocolsWithoutPortsHaveNullPorts) {
  auto facts = some_facts();
  facts.has_ports = false;
  EXPECT_TRUE(Json::parse(flow_record(facts))["server_port"].is_null());
}

TEST(Record, TextThatIsNoUtf8StillGivesOneLineOfJson) {
  auto facts = some_facts();
  facts.explanation = "a\xff\nb";
  const auto line = violation_record(facts);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_FALSE(Json::parse(line, nullptr, false).is_discarded());
}

TEST(Record, ALocationWithUnknownPartsKeepsTheirPlaces) {
  Head head;
  EXPECT_EQ(head.location(), "");
  head.ward = "4B";
  head.port = "Gi1/0/7";
  EXPECT_EQ(head.location(), "4B/-/Gi1/0/7");
}

TEST(TimeText, IsRfc3339InUtcWithMicroseconds) {
  EXPECT_EQ(text_of(inventory::WallTime(std::chrono::microseconds(0))), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(text_of(inventory::WallTime(std::chrono::microseconds(951'782'400'000'042))),
            "2000-02-29T00:00:00.000042Z");
}

}  // namespace
}  // namespace wardline::records
