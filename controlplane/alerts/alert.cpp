#include "controlplane/alerts/alert.h"

#include <algorithm>
#include <cctype>
#include <chrono>

#include "controlplane/alerts/cef.h"

namespace wardline::alerts {

namespace {

std::uint64_t milliseconds(records::WallTime time) {
  const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
  return since < 0 ? 0 : static_cast<std::uint64_t>(since);
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

void put_head(CefMessage& cef, const records::Head& head, std::string_view rule) {
  cef.put_number("rt", milliseconds(head.time));
  cef.put("dvchost", head.appliance, 100);
  cef.put("externalId", head.id, 40);
  cef.put_custom("cs1", "class", head.device_class);
  cef.put_custom("cs2", "rule", rule);
  cef.put_custom("cs3", "policy_commit", head.policy_commit);
  cef.put_custom("cs4", "location", head.location());
  cef.put_custom("cs5", "criticality", head.criticality);
  cef.put_custom("cs6", "evidence_id", head.id);
}

bool v6(std::string_view address) {
  return address.find(':') != std::string_view::npos;
}

// In CEF:0 `src` and `dst` are IPv4; IPv6 has custom slots of its own.
void put_address(CefMessage& cef, std::string_view key, std::string_view v6_key, std::string_view v6_label,
                 std::string_view address) {
  if (v6(address)) {
    cef.put_custom(v6_key, v6_label, address);
  } else {
    cef.put(key, address);
  }
}

// Source is who opened, as in the flow record.
void put_endpoints(CefMessage& cef, const records::Facts& facts) {
  const bool from_device = facts.opened_by != flow::OpenedBy::kPeer;
  put_address(cef, "src", "c6a2", "Source IPv6 Address", from_device ? facts.device_ip : facts.peer_ip);
  put_address(cef, "dst", "c6a3", "Destination IPv6 Address", from_device ? facts.peer_ip : facts.device_ip);
  if (facts.has_ports) {
    if (facts.flows == 1) cef.put_number("spt", from_device ? facts.device_port : facts.peer_port);
    if (!facts.several.ports) cef.put_number("dpt", from_device ? facts.peer_port : facts.device_port);
  }
  cef.put(from_device ? "smac" : "dmac", facts.device_mac);
  cef.put(from_device ? "shost" : "dhost", facts.device_name);
  cef.put("proto", upper(facts.proto), 31);
  cef.put("app", facts.app, 31);
  cef.put_number("deviceDirection", from_device ? 1 : 0);
  if (!facts.vlans.empty()) cef.put_custom("cn1", "vlan", std::to_string(facts.vlans.front()));
}

std::string rule_text(const records::Facts& facts) {
  return facts.rule_at.empty() ? facts.rule : facts.rule + " " + facts.rule_at;
}

int severity_of(std::string_view severity) {
  if (severity == "critical") return 10;
  if (severity == "high") return 8;
  if (severity == "medium") return 6;
  return severity == "low" ? 3 : 5;
}

std::string_view action_of(const records::Facts& facts) {
  if (facts.applied_drop) return "block";
  return facts.verdict == enforce::Verdict::kWouldBlock ? "would_block" : "alert";
}

}  // namespace

Alert violation_alert(const records::Facts& facts, std::string_view version, std::uint64_t count) {
  CefMessage cef(version, "policy-violation", "Device violated the policy of its class", facts.applied_drop ? 5 : 3);
  cef.put("act", action_of(facts), 63);
  cef.put("cat", "policy/violation");
  cef.put_number("cnt", count);
  put_endpoints(cef, facts);
  cef.put("reason", name_of(facts.reason));
  put_head(cef, facts.head, rule_text(facts));
  cef.put("msg", facts.explanation);
  return {Level::kWarning, "violation", cef.text()};
}

Alert detection_alert(const records::Facts& facts, std::string_view version, std::uint64_t count) {
  const int severity = severity_of(facts.severity);
  CefMessage cef(version, "threat-detection", "Threat signature matched", severity);
  cef.put("act", facts.applied_drop ? "block" : "alert", 63);
  cef.put("cat", "threat/signature");
  cef.put_number("cnt", count);
  put_endpoints(cef, facts);
  cef.put("reason", name_of(Reason::kDetection));
  put_head(cef, facts.head, facts.signature.empty() ? rule_text(facts) : facts.signature);
  cef.put("msg", facts.explanation);
  return {severity >= 8 ? Level::kCritical : Level::kError, "detection", cef.text()};
}

// The kind is a word of a table, so it may stand as the reason; what was found is in the message.
Alert finding_alert(const records::Head& head, const records::Finding& finding, std::string_view version,
                    std::uint64_t count) {
  const int severity = severity_of(finding.severity);
  CefMessage cef(version, "finding", "Wardline found something that a person should look at", severity);
  cef.put("act", "alert", 63);
  cef.put("cat", "inventory/" + finding.kind);
  cef.put_number("cnt", count);
  cef.put("reason", finding.kind);
  cef.put("shost", head.device_id);
  put_head(cef, head, "");
  cef.put("msg", finding.explanation);
  return {severity >= 10 ? Level::kCritical : Level::kError, "finding", cef.text()};
}

Alert quarantine_alert(const records::Head& head, const inventory::Quarantine& quarantine, std::string_view explanation,
                       std::string_view device_mac, std::string_view device_ip, std::string_view version) {
  using inventory::QuarantineState;
  const bool begins = quarantine.state == QuarantineState::kActive;
  const bool asks = quarantine.state == QuarantineState::kPending;
  CefMessage cef(version, "device-quarantine", "Quarantine of a device changed", begins ? 8 : asks ? 7 : 4);
  cef.put("act", begins ? "quarantine" : asks ? "alert" : "release", 63);
  cef.put("cat", "policy/quarantine");
  cef.put("outcome", inventory::text_of(quarantine.state), 63);
  put_address(cef, "src", "c6a2", "Source IPv6 Address", device_ip);
  cef.put("smac", device_mac);
  cef.put("suser", quarantine.by);
  cef.put("reason", quarantine.reason);
  put_head(cef, head, "");
  cef.put("msg", explanation);
  return {begins ? Level::kCritical : Level::kNotice, "quarantine", cef.text()};
}

}  // namespace wardline::alerts
