#include "controlplane/records/record.h"

#include <nlohmann/json.hpp>

#include "controlplane/inventory/address_text.h"
#include "controlplane/records/time_text.h"

namespace wardline::records {

namespace {

using Json = nlohmann::ordered_json;

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

std::string line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json begin(const Head& head) {
  Json json;
  json["schema"] = kSchema;
  json["type"] = head.type;
  json["id"] = head.id;
  json["time"] = text_of(head.time);
  json["appliance"] = text_or_null(head.appliance);
  json["site"] = text_or_null(head.site);
  json["segment"] = text_or_null(head.segment);
  json["device_id"] = text_or_null(head.device_id);
  json["class"] = text_or_null(head.device_class);
  json["criticality"] = text_or_null(head.criticality);
  json["mode"] = text_or_null(head.mode);
  json["policy_commit"] = text_or_null(head.policy_commit);
  json["policy_hash"] = text_or_null(head.policy_hash);
  json["ward"] = text_or_null(head.ward);
  json["switch"] = text_or_null(head.switch_name);
  json["port"] = text_or_null(head.port);
  json["location"] = text_or_null(head.location());
  return json;
}

std::string_view name_of(flow::OpenedBy by) {
  switch (by) {
    case flow::OpenedBy::kDevice:
      return "device";
    case flow::OpenedBy::kPeer:
      return "peer";
    default:
      return "unknown";
  }
}

void put_endpoints(Json& json, const Facts& facts) {
  // A flow whose opener is not known is told as the device's own.
  const bool device_is_client = facts.opened_by != flow::OpenedBy::kPeer;
  const auto port = [&](std::uint16_t number) { return facts.has_ports ? Json(number) : Json(nullptr); };
  json["client_ip"] = text_or_null(device_is_client ? facts.device_ip : facts.peer_ip);
  json["client_port"] = port(device_is_client ? facts.device_port : facts.peer_port);
  json["server_ip"] = text_or_null(device_is_client ? facts.peer_ip : facts.device_ip);
  json["server_port"] = port(device_is_client ? facts.peer_port : facts.device_port);
}

void put_verdict(Json& json, const Facts& facts) {
  json["verdict"] = enforce::kVerdictNames[static_cast<std::size_t>(facts.verdict)];
  json["applied"] = facts.applied_drop ? "dropped" : "forwarded";
  json["rule"] = text_or_null(facts.rule);
  json["rule_at"] = text_or_null(facts.rule_at);
  json["step"] = enforce::kStepNames[static_cast<std::size_t>(facts.step)];
  json["reason"] = facts.reason == Reason::kNone ? Json(nullptr) : Json(wardline::name_of(facts.reason));
  json["fact"] = text_or_null(facts.fact);
  json["found"] = text_or_null(facts.found);
  json["explanation"] = facts.explanation;
}

Json interfaces_of(const inventory::Device& device) {
  Json list = Json::array();
  for (const auto& interface : device.interfaces) {
    Json ips = Json::array();
    for (const auto& address : interface.ips) ips.push_back(inventory::text_of(address));
    const auto mac = interface.mac.zero() ? Json(nullptr) : Json(inventory::text_of(interface.mac));
    list.push_back({{"mac", mac}, {"segment", interface.segment}, {"ips", std::move(ips)}});
  }
  return list;
}

Json evidence_of(const inventory::Device& device) {
  Json list = Json::array();
  for (const auto& item : device.evidence)
    list.push_back({{"source", item.source},
                    {"attribute", item.attribute},
                    {"value", item.value},
                    {"weight", item.weight},
                    {"first_seen", text_of(item.first_seen)},
                    {"last_seen", text_of(item.last_seen)}});
  return list;
}

}  // namespace

std::string flow_record(const Facts& facts) {
  auto json = begin(facts.head);
  // `time` of a flow is its start, `end` how far this report reaches.
  json["time"] = text_of(facts.started);
  json["end"] = text_of(facts.head.time);
  json["final"] = facts.final;
  json["opened_by"] = name_of(facts.opened_by);
  json["proto"] = facts.proto;
  json["vlans"] = facts.vlans;
  put_endpoints(json, facts);
  json["app"] = text_or_null(facts.app);
  json["app_state"] = enforce::kAppStateNames[static_cast<std::size_t>(facts.app_state)];
  put_verdict(json, facts);
  json["signatures"] = facts.signature.empty() ? Json::array() : Json::array({facts.signature});
  json["packets_from_device"] = facts.packets_from_device;
  json["packets_to_device"] = facts.packets_to_device;
  json["bytes_from_device"] = facts.bytes_from_device;
  json["bytes_to_device"] = facts.bytes_to_device;
  return line(json);
}

std::string violation_record(const Facts& facts) {
  auto json = begin(facts.head);
  json["flow_id"] = text_or_null(facts.flow_id);
  put_verdict(json, facts);
  json["count"] = facts.count;
  // A violation without a flow record (a scan's, an ICMP error's) would tell these nowhere else.
  json["opened_by"] = name_of(facts.opened_by);
  json["proto"] = facts.proto;
  put_endpoints(json, facts);
  json["app"] = text_or_null(facts.app);
  return line(json);
}

std::string detection_record(const Facts& facts) {
  auto json = begin(facts.head);
  json["signature"] = text_or_null(facts.signature);
  json["severity"] = text_or_null(facts.severity);
  json["technique"] = text_or_null(facts.technique);
  json["flow_id"] = text_or_null(facts.flow_id);
  json["applied"] = facts.applied_drop ? "dropped" : "forwarded";
  json["group"] = facts.groups;
  json["action"] = text_or_null(facts.action);
  json["count"] = facts.count;
  json["note"] = text_or_null(facts.note);
  return line(json);
}

std::string device_record(const Head& head, const inventory::Device& device, std::string_view purpose) {
  auto json = begin(head);
  json["interfaces"] = interfaces_of(device);
  json["vendor"] = text_or_null(device.vendor);
  json["model"] = text_or_null(device.model);
  json["os"] = text_or_null(device.os);
  json["firmware"] = text_or_null(device.firmware);
  json["serial"] = text_or_null(device.serial);
  json["hostname"] = text_or_null(device.hostname);
  json["confidence"] = device.confidence;
  json["purpose"] = text_or_null(std::string(purpose));
  json["criticality"] = text_or_null(head.criticality);
  json["evidence"] = evidence_of(device);
  json["quarantine"] = device.quarantine;
  json["first_seen"] = text_of(device.first_seen);
  json["last_seen"] = text_of(device.last_seen);
  return line(json);
}

std::string finding_record(const Head& head, const Finding& finding) {
  auto json = begin(head);
  json["kind"] = finding.kind;
  json["severity"] = finding.severity;
  json["state"] = finding.state;
  json["explanation"] = finding.explanation;
  json["evidence"] = finding.evidence;
  return line(json);
}

std::string quarantine_record(const Head& head, const QuarantineFacts& quarantine) {
  auto json = begin(head);
  json["profile"] = quarantine.profile;
  json["state"] = quarantine.state;
  json["reach"] = "crossing-only";
  json["by"] = quarantine.by;
  json["reason"] = text_or_null(quarantine.reason);
  json["until"] = quarantine.until ? Json(text_of(*quarantine.until)) : Json(nullptr);
  return line(json);
}

std::string summary_record(const Head& head, const SummaryFacts& summary) {
  auto json = begin(head);
  json["packets"] = summary.packets;
  json["bytes"] = summary.bytes;
  json["flows"] = summary.flows;
  json["created"] = summary.created;
  json["forwarded"] = summary.forwarded;
  json["dropped"] = Json::object();
  for (const auto& [reason, count] : summary.dropped) json["dropped"][reason] = count;
  json["held"] = summary.held;
  json["malformed"] = summary.malformed;
  json["seconds"] = summary.seconds;
  return line(json);
}

}  // namespace wardline::records
