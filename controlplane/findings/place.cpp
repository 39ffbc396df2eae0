// Where a device is, against what is expected there.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "controlplane/findings/checks.h"
#include "controlplane/inventory/address_text.h"

namespace wardline::findings {
namespace {

using inventory::Device;
using policy::SegmentText;

const SegmentText* segment_named(const policy::Policy& policy, std::string_view name) {
  if (name == "unknown") return nullptr;
  const auto found = std::ranges::find(policy.segments, name, &SegmentText::name);
  return found == policy.segments.end() ? nullptr : &*found;
}

bool expects_medical(const policy::Policy& policy, const SegmentText& segment) {
  return std::ranges::any_of(segment.expects, [&](const std::string& name) {
    const auto found = std::ranges::find(policy.classes, name, &policy::ClassText::name);
    return found != policy.classes.end() && found->purpose == policy::Purpose::kMedical;
  });
}

bool locally_administered(const Mac& mac) {
  return (mac.bytes[0] & 2) != 0 && !mac.group();  // IEEE 802, U/L bit
}

void check_segments(const Device& device, const Surroundings& around, Conditions& out) {
  const auto there = [&](const Device& one) { return one.last_seen + kStillThere > around.now; };
  if (device.device_class == "unidentified" || !there(device)) return;
  std::set<std::string> told;
  const auto tell = [&](const std::string& name, const Mac& mac) {
    const auto* segment = segment_named(around.policy, name);
    if (segment == nullptr || segment->expects.empty() || !told.insert(name).second) return;
    if (std::ranges::count(segment->expects, device.device_class) != 0) return;
    out.push_back(unexpected_segment(device, mac, name));
  };
  for (const auto& interface : device.interfaces)
    if (std::ranges::count(around.left, interface.segment) == 0) tell(interface.segment, interface.mac);
  for (const auto* namesake : around.namesakes)
    if (there(*namesake))
      for (const auto& interface : namesake->interfaces) tell(interface.segment, interface.mac);
}

}  // namespace

Condition unexpected_segment(const Device& device, const Mac& mac, const std::string& segment) {
  return {.kind = "unexpected_segment",
          .subject = segment,
          .explanation = fmt::format("{} ({}) turned up in segment {}, which expects no {}.", inventory::text_of(mac),
                                     device.id, segment, device.device_class)};
}

Condition unmapped_vlan(std::string_view bundle, std::span<const std::uint16_t> tags) {
  const auto text = tags.empty() ? std::string("no tag") : fmt::format("tag {}", fmt::join(tags, " in "));
  return {
      .kind = "unmapped_vlan",
      .subject = fmt::format("bundle {}, {}", bundle, text),
      .explanation = fmt::format("Devices of bundle {} send frames with {}, which no segment of site.yaml has. They "
                                 "are monitored only.",
                                 bundle, text)};
}

void check_place(const Device& device, const Surroundings& around, Conditions& out) {
  check_segments(device, around, out);
  if (around.entry != nullptr) return;
  for (const auto& interface : device.interfaces) {
    const auto* segment = segment_named(around.policy, interface.segment);
    if (segment == nullptr || !locally_administered(interface.mac) || !expects_medical(around.policy, *segment))
      continue;
    out.push_back({.kind = "locally_administered_mac",
                   .subject = inventory::text_of(interface.mac),
                   .explanation = fmt::format("{} has the MAC {}, which no maker gave, in segment {}, which expects "
                                              "medical devices.",
                                              device.id, inventory::text_of(interface.mac), interface.segment)});
  }
}

}  // namespace wardline::findings
