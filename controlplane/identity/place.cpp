#include "controlplane/identity/place.h"

#include <algorithm>
#include <array>
#include <utility>

#include "controlplane/identity/identity.h"

namespace wardline::identity {
namespace {

using inventory::Device;
using inventory::Evidence;

constexpr std::string_view kSwitch = "place.switch", kPort = "place.port", kVlan = "place.vlan";

// What a switch's administrator exported is worth more than what passes by. An uplink only says which switch is next.
constexpr std::array<std::pair<std::string_view, int>, 4> kTrust{
    {{"switch-table", 3}, {"radius", 3}, {kOption82, 2}, {kUplink, 1}}};

int trust_of(std::string_view source) {
  const auto found = std::ranges::find(kTrust, source, &std::pair<std::string_view, int>::first);
  return found == kTrust.end() ? 0 : found->second;
}

const std::string* told_as(const ToldPlace& told, std::string_view attribute) {
  if (attribute == kSwitch) return &told.switch_name;
  if (attribute == kPort) return &told.port;
  return attribute == kVlan ? &told.vlan : nullptr;
}

// Of the most trusted source; of equals the newest.
const Evidence* best_switch(const Device& device) {
  const auto worth = [](const Evidence& item) { return std::pair(trust_of(item.source), item.last_seen); };
  const Evidence* best = nullptr;
  for (const auto& item : device.evidence)
    if (item.attribute == kSwitch && (best == nullptr || worth(*best) < worth(item))) best = &item;
  return best;
}

}  // namespace

bool is_place_source(std::string_view source) {
  return trust_of(source) != 0;
}

bool is_imported_place(std::string_view source) {
  return source == "switch-table" || source == "radius";
}

bool learn_place(Device& device, const ToldPlace& told) {
  const auto former = [&](const Evidence& item) {
    return item.source == told.source && told_as(told, item.attribute) != nullptr;
  };
  if (std::ranges::any_of(device.evidence,
                          [&](const Evidence& item) { return former(item) && item.last_seen > told.time; }))
    return false;
  std::erase_if(device.evidence,
                [&](const Evidence& item) { return former(item) && item.value != *told_as(told, item.attribute); });
  for (const auto attribute : {kSwitch, kPort, kVlan})
    add_evidence(device,
                 {.source = told.source, .attribute = std::string(attribute), .value = *told_as(told, attribute)},
                 told.time);
  return true;
}

void fill_place(Device& device, const policy::RegisterEntry* entry) {
  if (entry != nullptr && !(entry->switch_name.empty() && entry->switch_port.empty())) {
    if (!entry->switch_name.empty()) device.switch_name = entry->switch_name;
    if (!entry->switch_port.empty()) device.switch_port = entry->switch_port;
    device.place_source = "register";
    return;
  }
  const auto* told = best_switch(device);
  if (told == nullptr) return;
  device.switch_name = told->value;
  device.switch_port.clear();
  device.place_source = told->source;
  for (const auto& item : device.evidence)
    if (item.attribute == kPort && item.source == told->source) device.switch_port = item.value;
}

}  // namespace wardline::identity
