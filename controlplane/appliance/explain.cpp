// `wardline explain`: why a device has its class, and why a flow got its verdict.
#include <fmt/format.h>

#include <algorithm>

#include "controlplane/appliance/state.h"
#include "controlplane/inventory/address_text.h"
#include "controlplane/records/explanation.h"
#include "controlplane/records/time_text.h"

namespace wardline::appliance {

namespace {

constexpr std::size_t kMostShown = 5;

std::string places_of(const inventory::Device& device) {
  std::string text;
  for (const auto& interface : device.interfaces) {
    if (!text.empty()) text += "; ";
    text += interface.mac.zero() ? "routed" : inventory::text_of(interface.mac);
    text += " in segment " + (interface.segment.empty() ? std::string("unknown") : interface.segment);
    for (const auto& address : interface.ips) text += ", " + inventory::text_of(address);
  }
  return text;
}

std::string evidence_lines(const inventory::Device& device) {
  std::vector<const inventory::Evidence*> list;
  for (const auto& item : device.evidence) list.push_back(&item);
  std::stable_sort(list.begin(), list.end(), [](const auto* a, const auto* b) { return a->weight > b->weight; });
  std::string text;
  for (const auto* item : list)
    text += fmt::format("  {:>3}  {}: {} = {}\n", item->weight, item->source, item->attribute, item->value);
  return text;
}

}  // namespace

Result<std::string> Appliance::Impl::explain(std::string_view device_id, std::string_view flow) const {
  const auto* state = find_device(device_id);
  if (state == nullptr) return fail("device.unknown", std::string(device_id), "no such device was seen");
  const auto& device = state->device;
  if (!flow.empty()) {
    if (const auto told = explanation_of(device.id, std::string(flow))) return *told + "\n";
    return fail("flow.unknown", std::string(flow),
                "this device has no flow or violation of this id on record; see `wardline flow list` and `wardline violation list`");
  }

  std::string title = device.device_class;
  std::string class_at;
  if (current) {
    const auto number = records::class_named(*current, device.device_class);
    if (number < current->classes.size() && !current->classes[number].name.empty()) {
      if (!current->classes[number].title.empty()) title = current->classes[number].title;
      class_at = current->classes[number].at.line_text();
    }
  }
  std::string text = fmt::format("{} is {} (class {}{}), {}.\n", device.id,
                                 device.device_class == "unidentified" ? "not identified yet" : title, device.device_class,
                                 class_at.empty() ? "" : ", " + class_at, places_of(device));
  if (!device.class_reason.empty()) text += fmt::format("Why this class: {}.\n", device.class_reason);
  for (const auto& [name, score] : device.runners_up) text += fmt::format("  It could also be {} ({}).\n", name, score);
  if (!device.evidence.empty()) text += "Evidence, by what it gave the class:\n" + evidence_lines(device);
  if (const auto* quarantine = ledger.find(device.id)) {
    text += fmt::format("Quarantine {} ({}) is {} since {}, by {}: {}. It reaches what crosses this appliance only.\n",
                        quarantine->id, quarantine->profile, inventory::text_of(quarantine->state),
                        records::text_of(quarantine->created), quarantine->by,
                        quarantine->reason.empty() ? "no reason was given" : quarantine->reason);
    if (quarantine->state == inventory::QuarantineState::kActive)
      text += fmt::format("`wardline quarantine release {}` ends it.\n", quarantine->id);
  }
  std::size_t shown = 0;
  for (auto it = recent_violations.rbegin(); it != recent_violations.rend() && shown < kMostShown; ++it) {
    if (it->device_id != device.id) continue;
    if (shown++ == 0) text += "Last violations:\n";
    text += fmt::format("  {}: {}\n", it->id, it->explanation);
  }
  if (shown == 0) text += "No violation of it is known in this run.\n";
  return text + records::policy_version(records::head_of("device", device.id, wall, options.name, in_force(), &device)) + "\n";
}

}  // namespace wardline::appliance
