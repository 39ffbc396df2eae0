#include "controlplane/records/facts.h"

#include <algorithm>

#include <fmt/format.h>

#include "controlplane/inventory/address_text.h"

namespace wardline::records {

namespace {

template <typename T>
const T* at(const std::vector<T>& list, std::size_t index) {
  return index < list.size() ? &list[index] : nullptr;
}

// Numbers whose name the policy no longer has are told by the device's record.
std::string class_name(const Event& event, const Surroundings& around) {
  if (around.policy != nullptr) {
    const auto* text = at(around.policy->classes, event.device_class);
    if (text != nullptr && !text->name.empty()) return text->name;
  }
  if (event.device_class == kUnidentifiedClass) return "unidentified";
  return around.device != nullptr ? around.device->device_class : "";
}

std::string joined(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, ", "));
}

void describe_place(Facts& facts, const Event& event, const Surroundings& around) {
  const auto& policy = *around.policy;
  if (const auto* segment = at(policy.segments, event.segment); segment != nullptr && !segment->name.empty()) {
    facts.head.segment = segment->name;
    if (facts.head.ward.empty()) facts.head.ward = segment->ward;
    facts.expected_classes = joined(segment->expects);
  } else if (event.segment == kUnknownSegment) {
    facts.head.segment = "unknown";
  }
  const std::string_view device_mode = around.device != nullptr ? std::string_view(around.device->mode) : "inherit";
  facts.head.mode = policy::text_of(mode_in_force(policy, event.segment, event.device_class, device_mode));
}

// The class's, or what hangs on the device, where that is more.
std::string_view criticality_of(enforce::Criticality of_class, const inventory::Device* device) {
  return policy::text_of(device == nullptr ? of_class : std::max(of_class, device->inherited));
}

// What the server opens itself comes from a port that means nothing, whatever its number.
std::string name_behind(const Event& event, const inventory::Device* device) {
  if (device == nullptr || event.several.ports || event.several.devices) return "";
  if (event.opened_by == flow::OpenedBy::kDevice && !event.guessed) return "";
  const auto found = std::ranges::find(device->behind, event.device_port, &policy::BehindPort::port);
  return found == device->behind.end() ? "" : found->device;
}

// What the policy says of a detection; an essential flow is only told of, whatever it says.
std::string action_of(const Event& event, const enforce::Snapshot& snapshot) {
  const auto* device_class = at(snapshot.classes, event.device_class);
  const auto* table = at(snapshot.detection_actions, device_class != nullptr ? device_class->detection_table : 0);
  const auto* action = table != nullptr ? at(*table, event.signature) : nullptr;
  const auto number = action != nullptr && !event.essential ? static_cast<std::size_t>(*action) : 0;
  return std::string(enforce::kDetectionActionNames[number]);
}

void describe_policy(Facts& facts, const Event& event, const Surroundings& around) {
  const auto& policy = *around.policy;
  if (const auto* text = at(policy.classes, event.device_class); text != nullptr && !text->name.empty()) {
    facts.class_title = text->title;
    facts.class_file = text->at.file;
    facts.head.criticality = criticality_of(text->criticality, around.device);
  }
  if (const auto* rule = event.rule == kNoRule ? nullptr : at(policy.rules, event.rule)) {
    facts.rule = rule->name;
    facts.rule_at = rule->at.line_text();
    facts.rule_sentence = rule->sentence;
  }
  if (event.app != kNoApp)
    if (const auto* name = at(policy.signatures.app_names, event.app)) facts.app = *name;
  if (const auto* text = event.signature == kNoSignature ? nullptr : at(policy.signatures.texts, event.signature)) {
    facts.signature = text->id;
    facts.signature_title = text->threat;
    facts.severity = text->severity;
    facts.technique = text->technique;
    facts.groups = text->groups;
    facts.action = action_of(event, policy.plain);
  }
  for (const auto& listed : policy.plain.ethertypes)
    if (listed.ethertype == event.ethertype && listed.action == enforce::FailureAction::kDrop)
      facts.ethertype_refused = true;
  std::vector<std::string> roles;
  const auto holds = [&](const policy::AddressRange& range) {
    return range.low <= event.peer_ip && event.peer_ip <= range.high;
  };
  for (const auto& [name, ranges] : policy.roles)
    if (!event.several.peers && std::ranges::any_of(ranges, holds)) roles.push_back(name);
  facts.peer_roles = joined(roles);
}

std::string name_of_device(const Event& event, const Surroundings& around) {
  if (event.several.devices) return "";
  if (around.device == nullptr) return inventory::text_of(event.device_mac);
  return around.device->hostname.empty() ? around.device->id : around.device->hostname;
}

void copy_numbers(Facts& facts, const Event& event) {
  facts.opened_by = event.opened_by;
  facts.guessed = event.guessed;
  facts.final = event.final;
  facts.essential = event.essential;
  facts.app_state = event.app_state;
  facts.verdict = event.verdict;
  facts.applied_drop = event.applied_drop;
  facts.step = event.step;
  facts.reason = event.reason;
  facts.count = event.count;
  facts.flows = event.flows;
  facts.several = event.several;
  facts.facts_unknown = event.facts_unknown;
  if (event.kind == EventKind::kDetection) facts.note.assign(event.note.begin(), std::ranges::find(event.note, '\0'));
  if (event.fact < facts::Fact::kCount) {
    facts.fact = facts::name_of(event.fact);
    facts.found.assign(event.note.begin(), std::ranges::find(event.note, '\0'));
  }
  facts.packets_from_device = event.packets_from_device;
  facts.packets_to_device = event.packets_to_device;
  facts.bytes_from_device = event.bytes_from_device;
  facts.bytes_to_device = event.bytes_to_device;
}

void describe_endpoints(Facts& facts, const Event& event) {
  constexpr std::uint8_t kTcp = 6, kUdp = 17, kSctp = 132;
  if (!event.several.devices) facts.device_mac = inventory::text_of(event.device_mac);
  facts.proto = proto_name(event.proto, event.ethertype);
  facts.has_ports = event.proto == kTcp || event.proto == kUdp || event.proto == kSctp;
  facts.device_port = event.device_port;
  facts.peer_port = event.peer_port;
  const bool ip = event.ethertype == 0 || event.ethertype == 0x0800 || event.ethertype == 0x86dd;
  if (ip) {
    if (!event.several.devices) facts.device_ip = inventory::text_of(event.device_ip);
    if (!event.several.peers) facts.peer_ip = inventory::text_of(event.peer_ip);
  }
  for (std::size_t i = 0; i < event.tag_count && i < event.vlans.size(); ++i) facts.vlans.push_back(event.vlans[i]);
}

}  // namespace

std::string Head::location() const {
  if (ward.empty() && switch_name.empty() && port.empty()) return "";
  const auto part = [](const std::string& text) { return text.empty() ? std::string("-") : text; };
  return part(ward) + "/" + part(switch_name) + "/" + part(port);
}

std::string proto_name(std::uint8_t proto, std::uint16_t ethertype) {
  if (ethertype != 0 && ethertype != 0x0800 && ethertype != 0x86dd) return fmt::format("ethertype-0x{:04x}", ethertype);
  switch (proto) {
    case 1:
      return "icmp";
    case 2:
      return "igmp";
    case 6:
      return "tcp";
    case 17:
      return "udp";
    case 47:
      return "gre";
    case 50:
      return "esp";
    case 58:
      return "icmpv6";
    case 132:
      return "sctp";
    default:
      return fmt::format("ip-{}", proto);
  }
}

ClassId class_named(const policy::Policy& policy, std::string_view name) {
  for (std::size_t i = 0; i < policy.classes.size(); ++i)
    if (policy.classes[i].name == name) return static_cast<ClassId>(i);
  return kUnidentifiedClass;
}

SegmentId segment_named(const policy::Policy& policy, std::string_view name) {
  for (std::size_t i = 0; i < policy.segments.size(); ++i)
    if (policy.segments[i].name == name) return static_cast<SegmentId>(i);
  return kUnknownSegment;
}

enforce::Mode mode_in_force(const policy::Policy& policy, SegmentId segment, ClassId device_class,
                            std::string_view device_mode) {
  const auto* place = at(policy.plain.segments, segment);
  if (place == nullptr || !place->defined) return enforce::Mode::kMonitor;
  if (device_mode == "monitor") return enforce::Mode::kMonitor;
  if (device_class == kUnidentifiedClass) return place->unidentified_mode;
  const auto* text = at(policy.plain.classes, device_class);
  if (text != nullptr && text->mode == enforce::Mode::kMonitor) return enforce::Mode::kMonitor;
  return place->mode;
}

// All but what the device's segment and class give: looking those up by name is long where there are many.
static Head begin_head(std::string_view type, std::string_view id, WallTime time, std::string_view appliance,
                       const policy::Policy* policy, const inventory::Device* device) {
  Head head;
  head.type = type;
  head.id = id;
  head.time = time;
  head.appliance = appliance;
  if (policy != nullptr) {
    head.site = policy->site;
    head.policy_commit = policy->commit.value_or("");
    head.policy_hash = policy->hash;
  }
  if (device == nullptr) return head;
  head.device_id = device->id;
  head.device_class = device->device_class;
  head.ward = device->ward;
  head.switch_name = device->switch_name;
  head.port = device->switch_port;
  if (!device->interfaces.empty()) head.segment = device->interfaces.front().segment;
  return head;
}

Head head_of(std::string_view type, std::string_view id, WallTime time, std::string_view appliance,
             const policy::Policy* policy, const inventory::Device* device) {
  Head head = begin_head(type, id, time, appliance, policy, device);
  if (policy == nullptr || device == nullptr) return head;
  const auto segment = segment_named(*policy, head.segment);
  const auto number = class_named(*policy, head.device_class);
  if (head.ward.empty() && segment < policy->segments.size()) head.ward = policy->segments[segment].ward;
  if (number < policy->classes.size()) head.criticality = criticality_of(policy->classes[number].criticality, device);
  head.mode = policy::text_of(mode_in_force(*policy, segment, number, device->mode));
  return head;
}

Facts describe(const Event& event, std::string_view type, const Surroundings& around) {
  Facts facts;
  facts.head = begin_head(type, around.id, around.time, around.appliance, around.policy, around.device);
  facts.head.device_class = class_name(event, around);
  facts.started = around.started;
  facts.flow_id = around.flow_id;
  facts.device_name = name_of_device(event, around);
  if (around.device != nullptr && around.device->quarantine != "none") facts.quarantine = around.device->quarantine;
  copy_numbers(facts, event);
  describe_endpoints(facts, event);
  if (facts.has_ports) facts.behind = name_behind(event, around.device);
  facts.names_lost = around.policy == nullptr;
  if (around.policy != nullptr) {
    describe_place(facts, event, around);
    describe_policy(facts, event, around);
  }
  return facts;
}

}  // namespace wardline::records
