#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "controlplane/policy/policy.h"
#include "dataplane/address.h"
#include "dataplane/ids.h"

namespace wardline::inventory {

// Wall-clock time as records carry it. In a replay it is the capture's.
using WallTime = std::chrono::sys_time<std::chrono::microseconds>;

// One observation that speaks for what a device is. Text is valid UTF-8 without control characters, at most 256 bytes;
// never a patient's.
struct Evidence {
  std::string source;  // oui, dhcp, dicom, hl7, exchange, segment, register, operator
  std::string
      attribute;      // vendor, dhcp.vendor_class, dhcp.params, dhcp.hostname, dicom.ae_title, hl7.sender, speaks ...
  std::string value;  // for `speaks`: "hl7-mllp as client with hl7-gateway"
  int weight = 0;     // what it gave the class in force; 0 when it gives nothing
  policy::EvidenceGroup group = policy::EvidenceGroup::kClaims;
  WallTime first_seen{}, last_seen{};
};

struct Interface {
  Mac mac;
  std::string segment;
  std::vector<Address> ips;  // bounded: the 8 last used
};

// What is known of a device; a row of the inventory and the `device` record.
struct Device {
  std::string id;
  std::vector<Interface> interfaces;
  std::string device_class = "unidentified";
  std::string class_reason;  // "evidence 60 of 60", "pinned in devices.yaml:12", "pinned by operator alice"
  std::string former_class;
  std::string pinned_class;  // operator's or register's
  int confidence = 0;        // 0-100
  std::vector<std::pair<std::string, int>> runners_up;
  std::string vendor, model, os, firmware, serial, hostname, owner, ward, switch_name, switch_port;
  // Who tells switch and port: register, switch-table, radius, option-82, uplink. Not stored: register and evidence say
  // it anew.
  std::string place_source;
  std::vector<Evidence> evidence;  // bounded: 64, the least weight and oldest go first
  std::string mode = "inherit";
  std::string quarantine = "none";  // profile in force
  bool registered = false;
  // Of a serial server, as its line of the register has it; not stored: each policy says it anew.
  std::vector<policy::BehindPort> behind;
  enforce::Criticality inherited = enforce::Criticality::kNone;  // the highest of those behind it
  WallTime first_seen{}, last_seen{};
  SlotId slot = kNoSlot;
};

}  // namespace wardline::inventory
