#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "controlplane/inventory/store.h"
#include "controlplane/records/facts.h"
#include "controlplane/records/record.h"

namespace wardline::alerts {

// Syslog severities (RFC 5424, 6.2.1) that alerts use.
enum class Level : std::uint8_t { kCritical = 2, kError = 3, kWarning = 4, kNotice = 5 };

// An alert, formatted: what goes behind the syslog header.
struct Alert {
  Level level = Level::kWarning;
  std::string message_id;  // MSGID of RFC 5424: violation, detection, quarantine, finding
  std::string cef;
};

// The custom slots are the same in every alert, for they become columns of a SIEM: cs1 class, cs2 rule, cs3
// policy_commit, cs4 location, cs5 criticality, cs6 evidence_id (the record's id); cn1 vlan.
Alert violation_alert(const records::Facts& facts, std::string_view version, std::uint64_t count);
Alert detection_alert(const records::Facts& facts, std::string_view version, std::uint64_t count);
Alert finding_alert(const records::Head& head, const records::Finding& finding, std::string_view version,
                    std::uint64_t count);
Alert quarantine_alert(const records::Head& head, const inventory::Quarantine& quarantine, std::string_view explanation,
                       std::string_view device_mac, std::string_view device_ip, std::string_view version);

}  // namespace wardline::alerts
