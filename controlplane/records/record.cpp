#include "controlplane/records/record.h"

#include <nlohmann/json.hpp>

#include "controlplane/inventory/address_text.h"
#include "controlplane/records/json_line.h"
#include "controlplane/records/time_text.h"

namespace wardline::records {

namespace {

using Json = nlohmann::ordered_json;

std::string line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// `time` is the event's unless a record says otherwise.
JsonLine begin(const Head& head, const WallTime* time = nullptr) {
  JsonLine json;
  json.number("schema", kSchema).text("type", head.type).text("id", head.id);
  json.text("time", text_of(time == nullptr ? head.time : *time));
  json.text_or_null("appliance", head.appliance).text_or_null("site", head.site);
  json.text_or_null("segment", head.segment).text_or_null("device_id", head.device_id);
  json.text_or_null("class", head.device_class).text_or_null("criticality", head.criticality);
  json.text_or_null("mode", head.mode).text_or_null("policy_commit", head.policy_commit);
  json.text_or_null("policy_hash", head.policy_hash).text_or_null("ward", head.ward);
  json.text_or_null("switch", head.switch_name).text_or_null("port", head.port);
  json.text_or_null("location", head.location());
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

void put_endpoints(JsonLine& json, const Facts& facts) {
  // A flow whose opener is not known is told as the device's own.
  const bool device_is_client = facts.opened_by != flow::OpenedBy::kPeer;
  const auto port = [&](std::string_view key, std::uint16_t number, bool one) {
    if (facts.has_ports && one)
      json.number(key, number);
    else
      json.raw(key, "null");
  };
  json.text_or_null("client_ip", device_is_client ? facts.device_ip : facts.peer_ip);
  port("client_port", device_is_client ? facts.device_port : facts.peer_port, facts.flows == 1);
  json.text_or_null("server_ip", device_is_client ? facts.peer_ip : facts.device_ip);
  port("server_port", device_is_client ? facts.peer_port : facts.device_port, !facts.several.ports);
  json.text_or_null("behind", facts.behind);
}

void put_verdict(JsonLine& json, const Facts& facts) {
  json.text("verdict", enforce::kVerdictNames[static_cast<std::size_t>(facts.verdict)]);
  json.text("applied", facts.applied_drop ? "dropped" : "forwarded");
  json.text_or_null("rule", facts.rule).text_or_null("rule_at", facts.rule_at);
  json.text("step", enforce::kStepNames[static_cast<std::size_t>(facts.step)]);
  json.text_or_null("reason", facts.reason == Reason::kNone ? "" : wardline::name_of(facts.reason));
  json.text_or_null("fact", facts.fact).text_or_null("found", facts.found);
  json.text("explanation", facts.explanation);
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
  // `time` of a flow is its start, `end` how far this report reaches.
  auto json = begin(facts.head, &facts.started);
  json.text("end", text_of(facts.head.time)).truth("final", facts.final).number("flows", facts.flows);
  json.text("opened_by", name_of(facts.opened_by)).text("proto", facts.proto).raw("vlans", Json(facts.vlans).dump());
  put_endpoints(json, facts);
  json.text_or_null("app", facts.app);
  json.text("app_state", enforce::kAppStateNames[static_cast<std::size_t>(facts.app_state)]);
  put_verdict(json, facts);
  json.raw("signatures", facts.signature.empty() ? "[]" : line(Json::array({facts.signature})));
  json.number("packets_from_device", facts.packets_from_device).number("packets_to_device", facts.packets_to_device);
  json.number("bytes_from_device", facts.bytes_from_device).number("bytes_to_device", facts.bytes_to_device);
  return json.take();
}

std::string violation_record(const Facts& facts) {
  auto json = begin(facts.head);
  json.text_or_null("flow_id", facts.flow_id);
  put_verdict(json, facts);
  json.number("count", facts.count);
  // A violation without a flow record (a scan's, an ICMP error's) would tell these nowhere else.
  json.text("opened_by", name_of(facts.opened_by)).text("proto", facts.proto);
  put_endpoints(json, facts);
  json.text_or_null("app", facts.app);
  return json.take();
}

std::string detection_record(const Facts& facts) {
  auto json = begin(facts.head);
  json.text_or_null("signature", facts.signature).text_or_null("severity", facts.severity);
  json.text_or_null("technique", facts.technique).text_or_null("flow_id", facts.flow_id);
  json.text_or_null("behind", facts.behind);
  json.text("applied", facts.applied_drop ? "dropped" : "forwarded").raw("group", line(Json(facts.groups)));
  json.text_or_null("action", facts.action).number("count", facts.count).text_or_null("note", facts.note);
  return json.take();
}

std::string device_record(const Head& head, const inventory::Device& device, std::string_view purpose) {
  auto json = begin(head);
  json.raw("interfaces", line(interfaces_of(device)));
  json.text_or_null("vendor", device.vendor).text_or_null("model", device.model).text_or_null("os", device.os);
  json.text_or_null("firmware", device.firmware).text_or_null("serial", device.serial);
  json.text_or_null("hostname", device.hostname).text_or_null("place_source", device.place_source);
  json.number("confidence", device.confidence);
  json.text_or_null("purpose", purpose).text_or_null("criticality", head.criticality);
  json.raw("evidence", line(evidence_of(device))).text("quarantine", device.quarantine);
  json.text("first_seen", text_of(device.first_seen)).text("last_seen", text_of(device.last_seen));
  return json.take();
}

std::string finding_record(const Head& head, const Finding& finding) {
  auto json = begin(head);
  json.text("kind", finding.kind).text("severity", finding.severity).text("state", finding.state);
  json.text_or_null("subject", finding.subject).text("explanation", finding.explanation);
  json.raw("evidence", line(Json(finding.evidence))).text_or_null("note", finding.note).text_or_null("by", finding.by);
  json.text_or_null("until", finding.until ? text_of(*finding.until) : "");
  json.text("first_seen", text_of(finding.first_seen.value_or(head.time)));
  json.text("last_seen", text_of(finding.last_seen.value_or(head.time))).number("count", finding.count);
  return json.take();
}

std::string quarantine_record(const Head& head, const QuarantineFacts& quarantine) {
  auto json = begin(head);
  json.text("profile", quarantine.profile).text("state", quarantine.state).text("reach", "crossing-only");
  json.text("by", quarantine.by).text_or_null("reason", quarantine.reason);
  json.text_or_null("until", quarantine.until ? text_of(*quarantine.until) : "");
  return json.take();
}

std::string capture_record(const Head& head, const CaptureFacts& capture) {
  auto json = begin(head);
  json.text("state", capture.state).text("by", capture.by).text("filter", capture.filter);
  json.text_or_null("until", capture.until ? text_of(*capture.until) : "").text_or_null("reason", capture.reason);
  json.number("frames", capture.frames).number("not_written", capture.not_written);
  return json.take();
}

std::string summary_record(const Head& head, const SummaryFacts& summary) {
  auto json = begin(head);
  json.number("packets", summary.packets).number("bytes", summary.bytes).number("flows", summary.flows);
  json.number("created", summary.created).number("forwarded", summary.forwarded);
  auto dropped = Json::object();
  for (const auto& [reason, count] : summary.dropped) dropped[reason] = count;
  json.raw("dropped", line(dropped)).number("held", summary.held).number("malformed", summary.malformed);
  json.raw("seconds", line(Json(summary.seconds)));
  return json.take();
}

}  // namespace wardline::records
