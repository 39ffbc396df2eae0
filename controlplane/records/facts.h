#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/inventory/device.h"
#include "controlplane/policy/policy.h"
#include "dataplane/events.h"

namespace wardline::records {

using inventory::WallTime;

// What every record begins with, in words. "" where it does not apply: null in JSON, left out of CEF.
struct Head {
  std::string type, id;
  WallTime time{};
  std::string appliance, site, segment, device_id, device_class, criticality, mode;
  std::string policy_commit, policy_hash, ward, switch_name, port;

  std::string location() const;  // "ward/switch/port" with "-" for a part that is not known; "" when none is
};

// What surrounds an event when it is put into words.
struct Surroundings {
  std::string_view appliance;
  const policy::Policy* policy = nullptr;     // the one it was decided under; null when its names are gone
  const inventory::Device* device = nullptr;  // null: no record of the device yet
  WallTime time{};                            // of the event
  WallTime started{};                         // of its flow
  std::string_view id, flow_id;
};

// An event in words: all that records, alerts and explanations say of it.
struct Facts {
  Head head;
  WallTime started{};
  std::string flow_id;  // "" without a flow record

  std::string class_title;  // "Smart TV"
  std::string device_name;  // what people call it: register title, host name, or the id
  std::string behind;       // who is meant, where the device is a serial server and this is a port of it; else ""
  std::string device_mac, device_ip, peer_ip;
  std::string peer_roles;        // "pacs, resolvers"; "" when the peer is in none
  std::string expected_classes;  // of its segment, for a device that is not identified yet
  std::uint16_t device_port = 0, peer_port = 0;
  bool has_ports = false;
  flow::OpenedBy opened_by = flow::OpenedBy::kUnknown;
  bool guessed = false, final = false, essential = false, names_lost = false;
  bool ethertype_refused = false;  // `ethertypes:` lists it, as `drop`

  std::string proto;  // tcp, udp, icmp ..., "ip-47", "ethertype-0x88f7"
  std::vector<std::uint16_t> vlans;
  std::string app;  // "" when not known
  enforce::AppState app_state = enforce::AppState::kUnknown;
  enforce::Verdict verdict = enforce::Verdict::kAllow;
  bool applied_drop = false;
  enforce::Step step = enforce::Step::kDefault;
  Reason reason = Reason::kNone;

  std::string rule, rule_at, rule_sentence;  // rule_at "classes/smart-tv.yaml:14"
  std::string class_file;                    // where a rule that allows it would stand
  std::string fact, found;     // what a rule asks of the payload and what that says; "" where it may not be told
  bool facts_unknown = false;  // the rule asks for a fact that was not kept, so the flow was trusted
  std::string signature, signature_title, severity, technique;
  std::vector<std::string> groups;  // of the signature
  std::string action;               // what the policy says this detection does; "" where its names are lost
  std::string quarantine;           // profile in force on the device
  std::uint32_t count = 1;
  std::uint32_t flows = 1;  // told together
  Several several;          // what differs among them: its fields here are empty
  std::string note;         // of a behaviour detector: an account, a domain, an address; never a password
  std::uint64_t packets_from_device = 0, packets_to_device = 0, bytes_from_device = 0, bytes_to_device = 0;

  // Of the side that accepts: what a rule's `port:` speaks of.
  std::uint16_t server_port() const { return opened_by == flow::OpenedBy::kPeer ? device_port : peer_port; }
  std::string explanation;  // see explanation.h
};

// The head of a record about `device` (null: none) under `policy` (null: none yet).
Head head_of(std::string_view type, std::string_view id, WallTime time, std::string_view appliance,
             const policy::Policy* policy, const inventory::Device* device);

Facts describe(const Event& event, std::string_view type, const Surroundings& around);

// The mode that counts for a device of this class on this segment: the segment's; a class or device may only weaken
// it to monitor; an unidentified device follows the segment's `unidentified:`.
enforce::Mode mode_in_force(const policy::Policy& policy, SegmentId segment, ClassId device_class,
                            std::string_view device_mode);

std::string proto_name(std::uint8_t proto, std::uint16_t ethertype);

// Numbers of names under this policy; 0 (`unknown`, `unidentified`) for a name it does not have.
ClassId class_named(const policy::Policy& policy, std::string_view name);
SegmentId segment_named(const policy::Policy& policy, std::string_view name);

}  // namespace wardline::records
