// Segments, the register and expectations against each other and against the classes.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "controlplane/policy/check.h"
#include "controlplane/policy/values.h"

namespace wardline::policy {
namespace {

std::string shown(const Tags& tags) {
  return tags.inner >= 0   ? fmt::format("[{}, {}]", tags.outer, tags.inner)
         : tags.outer == 0 ? "untagged"
                           : fmt::format("{}", tags.outer);
}

void check_tags(const CheckContext& context) {
  const auto& segments = context.draft.site.segments;
  for (std::size_t i = 0; i < segments.size(); ++i)
    for (std::size_t k = 0; k < i; ++k) {
      const auto &a = segments[k], &b = segments[i];
      if (!a.bundle.empty() && !b.bundle.empty() && a.bundle != b.bundle) continue;
      const bool device = a.device_side == b.device_side;
      if (device || a.core_side == b.core_side)
        context.error(
            b.at, "policy.double-vlan",
            fmt::format("the {} side's VLAN {} belongs to segment '{}' (line {}) already", device ? "device" : "core",
                        shown(device ? b.device_side : b.core_side), a.name, a.at.line));
    }
}

// Enforcing where lives hang on it rests on a person's signature and on a known way around the appliance.
void check_enforcing(const CheckContext& context, const SegmentDraft& segment) {
  if (segment.mode.value_or(context.draft.site.mode) != enforce::Mode::kEnforce) return;
  std::string life_critical;
  for (const auto& expected : segment.expects)
    for (const auto& each : context.draft.classes)
      if (each.text.name == expected.text && each.text.criticality == enforce::Criticality::kLifeCritical)
        life_critical = expected.text;
  if (life_critical.empty()) return;
  if (!segment.signed_off)
    context.error(
        segment.at, "policy.sign-off",
        fmt::format("'{}' is to be enforced and expects {}, which is life-critical: it needs 'signed_off: {{by, "
                    "date, coverage}}', or 'mode: monitor'",
                    segment.name, life_critical));
  if (segment.bypass.empty())
    context.error(
        segment.at, "policy.bypass",
        fmt::format("'{}' is to be enforced and expects {}, which is life-critical: it needs 'bypass: none | nic "
                    "| external-switch | second-path'",
                    segment.name, life_critical));
  if (segment.bypass == "none")
    context.warn(segment.at, "policy.bypass",
                 fmt::format("'{}' has no way around the appliance when its power fails", segment.name));
}

std::vector<std::string> segment_names(const CheckContext& context) {
  std::vector<std::string> names;
  for (const auto& segment : context.draft.site.segments) names.push_back(segment.name);
  return names;
}

void check_exceptions(const CheckContext& context) {
  const auto& site = context.draft.site;
  for (const auto& each : context.draft.devices.exceptions) {
    if (each.until < context.today)
      context.warn(each.until_at, "policy.exception-expired",
                   fmt::format("the exception '{}' of {} has expired and is not loaded: renew it or take it out",
                               each.rule.name, each.device));
    else if (each.until > context.today + site.longest_exception)
      context.error(each.until_at, "policy.exception-long",
                    fmt::format("an exception lasts at most {} days (exceptions: longest in site.yaml)",
                                site.longest_exception.count()));
    if (each.reason.empty())
      context.error(each.rule.at, "policy.exception-reason", "an exception needs a reason that a person wrote");
    if (each.rule.essential)
      context.error(each.rule.at, "policy.essential",
                    "an exception can't make a flow essential: write a rule of the class");
  }
}

void check_loaner(const CheckContext& context, const RegisterEntry& entry) {
  if (entry.loaner && entry.loaner->until < context.today)
    context.warn(entry.loaner->at, "policy.loaner-overdue",
                 fmt::format("the loaner {} should have gone back, and its class no longer comes of this line: return "
                             "it, or agree on a later day",
                             entry.id));
}

// Who is behind a serial server is attributed by its port alone, so each stands behind one port of one server.
void check_behind(const CheckContext& context, const RegisterEntry& server, std::map<std::string, std::string>& taken) {
  std::vector<std::string> known;
  for (const auto& entry : context.draft.devices.devices) known.push_back(entry.id);
  for (const auto& each : server.behind) {
    const auto found = std::ranges::find(context.draft.devices.devices, each.device, &RegisterEntry::id);
    if (found == context.draft.devices.devices.end()) {
      context.unknown("device of the register", {each.device, each.at}, known);
      continue;
    }
    if (!found->behind.empty())
      context.error(each.at, "policy.behind",
                    fmt::format("{} has devices behind itself, and so cannot be behind {}", each.device, server.id));
    const auto place = fmt::format("port {} of {}", each.port, server.id);
    if (const auto [former, fresh] = taken.try_emplace(each.device, place); !fresh)
      context.error(each.at, "policy.behind", fmt::format("{} is behind {} already", each.device, former->second));
  }
}

}  // namespace

void check_segments(const CheckContext& context) {
  std::set<std::string> names;
  for (const auto& segment : context.draft.site.segments) {
    if (!segment.name.empty() && !names.insert(segment.name).second)
      context.error(segment.at, "policy.double-segment", fmt::format("a second segment named '{}'", segment.name));
    for (const auto& expected : segment.expects) {
      if (!holds(context.class_names, expected.text)) context.unknown("class", expected, context.class_names);
      if (expected.text == "unidentified")
        context.error(expected.at, "policy.expects",
                      "'unidentified' can't be expected: name the classes that belong here");
    }
    if (!segment.bundle.empty() && !context.bundles.empty() && !holds(context.bundles, segment.bundle))
      context.unknown("bundle", {segment.bundle, segment.bundle_at}, context.bundles);
    check_enforcing(context, segment);
  }
  check_tags(context);
}

void check_register(const CheckContext& context) {
  std::map<std::string, int> ids;
  std::map<Mac, std::string> macs;
  std::map<std::string, std::string> behind;
  const auto segments = segment_names(context);
  for (const auto& entry : context.draft.devices.devices) {
    if (const auto [former, fresh] = ids.try_emplace(entry.id, entry.at.line); !fresh && !entry.id.empty())
      context.error(entry.at, "policy.double-device",
                    fmt::format("'{}' stands in line {} already", entry.id, former->second));
    for (const auto& mac : entry.macs)
      if (const auto [former, fresh] = macs.try_emplace(mac, entry.id); !fresh)
        context.error(entry.at, "policy.double-mac",
                      fmt::format("a MAC of '{}' is also one of '{}'", entry.id, former->second));
    if (!entry.device_class.empty() && !holds(context.class_names, entry.device_class))
      context.unknown("class", {entry.device_class, entry.at}, context.class_names);
    if (context.site_known && !entry.segment.empty() && !holds(segments, entry.segment))
      context.unknown("segment", {entry.segment, entry.at}, segments);
    check_loaner(context, entry);
    if (!entry.behind.empty()) check_behind(context, entry, behind);
  }
  check_exceptions(context);
}

void check_expectation_names(const CheckContext& context) {
  const auto segments = segment_names(context);
  auto peers = names_of(context.draft.site.roles);
  for (auto& name : names_of(context.draft.site.zones)) peers.push_back(std::move(name));
  peers.insert(peers.end(), context.class_names.begin(), context.class_names.end());
  for (const auto& each : context.draft.expectations) {
    if (!holds(context.class_names, each.device_class.text))
      context.unknown("class", each.device_class, context.class_names);
    if (context.site_known && !each.segment.text.empty() && !holds(segments, each.segment.text))
      context.unknown("segment", each.segment, segments);
    if (context.apps_known && !holds(app_names_of(context.signatures), each.app.text))
      context.unknown("application", each.app, app_names_of(context.signatures));
    if (context.site_known && each.peer.text != "broadcast" && !holds(peers, each.peer.text) &&
        !parse_address(each.peer.text))
      context.unknown("role, zone, class or address", each.peer, peers);
    if (each.app.text == "unclassified" && each.proto == 0)
      context.error(each.app.at, "policy.proto",
                    "'unclassified' says nothing of the protocol: add 'proto: tcp' or 'proto: udp'");
  }
}

}  // namespace wardline::policy
