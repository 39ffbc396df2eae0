// `wardline explain`: why a device has its class, and why a flow got its verdict.
#include <fmt/format.h>

#include <algorithm>

#include "controlplane/appliance/state.h"
#include "controlplane/inventory/address_text.h"
#include "controlplane/records/explanation.h"
#include "controlplane/records/time_text.h"

namespace wardline::appliance {

namespace {

constexpr std::size_t kMostViolations = 5, kMostAlsoSeen = 6, kMostEssential = 6;

// A reason may be a sentence already.
std::string ended(std::string text) {
  if (!text.empty() && text.find_last_of(".!?") != text.size() - 1) text += '.';
  return text;
}

// "2026-11-21 22:01:02": the day and the second, UTC.
std::string shorter(std::string time) {
  if (time.size() > 19) time.resize(19);
  if (time.size() > 10) time[10] = ' ';
  return time;
}

std::string text_of(WallTime time) {
  return shorter(records::text_of(time)) + " UTC";
}

std::string places_of(const inventory::Device& device) {
  std::string text;
  for (const auto& interface : device.interfaces) {
    text += "  " + (interface.mac.zero() ? std::string("routed") : inventory::text_of(interface.mac));
    text += " in segment " + (interface.segment.empty() ? std::string("unknown") : interface.segment);
    for (const auto& address : interface.ips) text += ", " + inventory::text_of(address);
    text += '\n';
  }
  return text;
}

const policy::ClassText* class_of(const policy::Policy* policy, const inventory::Device& device) {
  if (policy == nullptr || device.device_class == "unidentified") return nullptr;
  const auto number = records::class_named(*policy, device.device_class);
  return number < policy->classes.size() && !policy->classes[number].name.empty() ? &policy->classes[number] : nullptr;
}

// What gave weight, the most first; of the rest only a taste, since every device sees its segment.
std::string evidence_of(const inventory::Device& device) {
  std::vector<const inventory::Evidence*> counted, also;
  for (const auto& item : device.evidence) {
    if (item.weight > 0)
      counted.push_back(&item);
    else if (item.source != "segment")
      also.push_back(&item);
  }
  std::stable_sort(counted.begin(), counted.end(), [](const auto* a, const auto* b) { return a->weight > b->weight; });
  std::string text;
  for (const auto* item : counted)
    text += fmt::format("  {:>3}  {}: {} = {}\n", item->weight, item->source, item->attribute, item->value);
  if (also.empty()) return text;
  std::string line;
  for (std::size_t i = 0; i < std::min(also.size(), kMostAlsoSeen); ++i)
    line += fmt::format("{}{} = {}", i == 0 ? "" : "; ", also[i]->attribute, also[i]->value);
  if (also.size() > kMostAlsoSeen) line += fmt::format(" and {} more", also.size() - kMostAlsoSeen);
  return text + "  also seen: " + line + "\n";
}

std::string identity_of(const inventory::Device& device, const policy::ClassText* known) {
  const auto seen =
      fmt::format("  first seen {}, last seen {}\n", text_of(device.first_seen), text_of(device.last_seen));
  const auto name = device.hostname.empty() || device.hostname == device.id
                        ? device.id
                        : fmt::format("{} ({})", device.id, device.hostname);
  std::string text = known == nullptr ? fmt::format("{} is not identified yet (class {}).\n", name, device.device_class)
                                      : fmt::format("{} is {} (class {}, {}).\n", name,
                                                    known->title.empty() ? known->name : known->title, known->name,
                                                    known->at.line_text());
  text += places_of(device) + seen;
  if (!device.class_reason.empty()) text += "Why this class: " + ended(device.class_reason) + "\n";
  text += evidence_of(device);
  for (const auto& [name, score] : device.runners_up)
    text += fmt::format("  It could also be {} (weight {}).\n", name, score);
  if (known == nullptr) text += "To give it a class, pin it in devices.yaml by its MAC and reload the policy.\n";
  return text;
}

// The rules that a quarantine spares.
std::string essential_rules(const policy::Policy* policy, const std::string& device_class) {
  std::string text;
  std::size_t found = 0;
  const policy::RuleText* last = nullptr;
  for (const auto& rule : policy == nullptr ? std::vector<policy::RuleText>{} : policy->rules) {
    if (rule.owner != device_class || !rule.essential) continue;
    if (last != nullptr && last->name == rule.name && last->at.line_text() == rule.at.line_text()) continue;
    last = &rule;
    if (++found > kMostEssential) continue;
    text += fmt::format("    {} ({}): {}\n", rule.name, rule.at.line_text(), rule.sentence);
  }
  if (found > kMostEssential) text += fmt::format("    and {} more\n", found - kMostEssential);
  return text;
}

std::string what_stays(const std::string& profile, const policy::Policy* policy, const policy::ClassText* known) {
  if (profile == "cut-off") return "  Nothing of it crosses.\n";
  std::string text =
      "  It may still do what it lives on (ARP and neighbour discovery, DHCP, DNS and NTP to the site's servers)";
  const bool spared =
      profile == "contain" || (known != nullptr && known->criticality >= enforce::Criticality::kCareCritical);
  if (profile == "isolate" && policy != nullptr && policy->zones.contains("quarantine"))
    text += " and reach the zone named quarantine";
  if (!spared) return text + ".\n";
  const auto rules = known == nullptr ? "" : essential_rules(policy, known->name);
  return rules.empty() ? text + "; its class has no essential flows.\n" : text + ", and its essential flows:\n" + rules;
}

std::string quarantine_of(const quarantine::Quarantine& held, const policy::Policy* policy,
                          const policy::ClassText* known) {
  const bool active = held.state == inventory::QuarantineState::kActive;
  std::string text = fmt::format("Quarantine {} ({}) is {} since {}, by {}{}.\n", held.id, held.profile,
                                 inventory::text_of(held.state), text_of(held.created),
                                 held.by == quarantine::kAutomatic ? "Wardline itself" : held.by,
                                 held.until ? ", until " + text_of(*held.until) : "");
  text += "  Why: " + (held.reason.empty() ? std::string("no reason was given.") : ended(held.reason)) + "\n";
  if (!active)
    return text + fmt::format(
                      "  Nothing is cut yet: it waits for an answer. `wardline quarantine approve {0}` or "
                      "`wardline quarantine reject {0}`.\n",
                      held.id);
  text += what_stays(held.profile, policy, known);
  text += "  The quarantine reaches what crosses this appliance; what stays inside the VLAN goes on.\n";
  return text + fmt::format(
                    "  To undo: `wardline quarantine release {}`. To keep Wardline from doing it again for an hour: "
                    "`wardline hold {} --for 1h`.\n",
                    held.id, held.device_id);
}

std::string automatic_of(const DeviceState& state, std::string_view mode, WallTime now) {
  if (state.hold_until && *state.hold_until > now)
    return fmt::format("No automatic quarantine until {}: a person holds it off.\n", text_of(*state.hold_until));
  const auto& arming = state.arming;
  const auto limit = fmt::format("{} distinct {} within {} s", arming.threshold,
                                 arming.detections_only ? "detections" : "violations", arming.within_seconds);
  if (arming.asks_person) return fmt::format("After {} Wardline asks a person for a quarantine.\n", limit);
  if (arming.profile != enforce::Profile::kNone && arming.threshold != 0)
    return fmt::format("After {} Wardline puts it into quarantine by itself ({}).\n", limit,
                       policy::text_of(arming.profile));
  return mode == "monitor"
             ? "Mode monitor: blocks are told, nothing of it is dropped, and it is not quarantined by itself.\n"
             : "It is not quarantined by itself.\n";
}

// The first of each reason is told in full; the others, in one sentence each. What a
// quarantine cuts is its consequence, so that comes last and in one line.
std::string violations_of(const std::vector<LastViolation>& list) {
  std::string text, told;
  std::size_t shown = 0, rest = 0, cut = 0;
  for (const auto& one : list) {
    if (one.reason == "quarantine") {
      cut += one.times;
      continue;
    }
    if (shown == kMostViolations) {
      ++rest;
      continue;
    }
    if (shown++ == 0) text += "Last blocks, newest first:\n";
    const auto often = one.times == 1 ? "" : fmt::format(" ({} times)", one.times);
    const auto head = fmt::format("  {} UTC  {}: ", shorter(one.time), one.id);
    const bool full = told.find("|" + one.reason + "|") == std::string::npos;
    told += "|" + one.reason + "|";
    text += head + (full ? one.explanation : fmt::format("{}.", one.what_happened())) + often + "\n";
  }
  if (shown == kMostViolations && rest != 0)
    text += fmt::format("  and {} others like these; see `wardline violation list`.\n", rest);
  if (cut != 0) text += fmt::format("The quarantine has cut {} further attempt{}.\n", cut, cut == 1 ? "" : "s");
  return text.empty() ? "No block of it is on record.\n" : text;
}

}  // namespace

Result<std::string> Appliance::Impl::explain(std::string_view device_id, std::string_view flow) const {
  const auto* state = find_device(device_id);
  if (state == nullptr) return fail("device.unknown", std::string(device_id), "no such device was seen");
  const auto& device = state->device;
  if (!flow.empty()) {
    if (const auto told = explanation_of(device.id, std::string(flow))) return *told + "\n";
    return fail("flow.unknown", std::string(flow),
                "this device has no flow or violation of this id on record; see `wardline flow list` and `wardline "
                "violation list`");
  }
  const auto head = records::head_of("device", device.id, wall, options.name, in_force(), &device);
  const auto* known = class_of(in_force(), device);
  std::string text = identity_of(device, known);
  const auto* held = ledger.find(device.id);
  text += held != nullptr ? quarantine_of(*held, in_force(), known)
                          : "It is not in quarantine. " + automatic_of(*state, head.mode, wall);
  return text + violations_of(last_violations(device.id)) + records::policy_version(head) + "\n";
}

}  // namespace wardline::appliance
