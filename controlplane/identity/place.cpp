#include "controlplane/identity/place.h"

#include <algorithm>

#include "controlplane/identity/identity.h"

namespace wardline::identity {
namespace {

using inventory::Evidence;

constexpr std::string_view kSwitch = "place.switch", kPort = "place.port";

bool of_place(const Evidence& item) {
  return item.attribute == kSwitch || item.attribute == kPort;
}

}  // namespace

bool is_place_source(std::string_view source) {
  return source == "switch-table" || source == "radius";
}

bool learn_place(inventory::Device& device, const ToldPlace& told) {
  const auto former = [&](const Evidence& item) { return item.source == told.source && of_place(item); };
  if (std::ranges::any_of(device.evidence,
                          [&](const Evidence& item) { return former(item) && item.last_seen > told.time; }))
    return false;
  std::erase_if(device.evidence, [&](const Evidence& item) {
    return former(item) && item.value != (item.attribute == kSwitch ? told.switch_name : told.port);
  });
  add_evidence(device, {.source = told.source, .attribute = std::string(kSwitch), .value = told.switch_name},
               told.time);
  add_evidence(device, {.source = told.source, .attribute = std::string(kPort), .value = told.port}, told.time);
  return true;
}

void fill_place(inventory::Device& device, const policy::RegisterEntry* entry) {
  if (entry != nullptr && !(entry->switch_name.empty() && entry->switch_port.empty())) {
    if (!entry->switch_name.empty()) device.switch_name = entry->switch_name;
    if (!entry->switch_port.empty()) device.switch_port = entry->switch_port;
    return;
  }
  const Evidence* newest = nullptr;
  for (const auto& item : device.evidence)
    if (item.attribute == kSwitch && (newest == nullptr || item.last_seen > newest->last_seen)) newest = &item;
  if (newest == nullptr) return;
  device.switch_name = newest->value;
  device.switch_port.clear();
  for (const auto& item : device.evidence)
    if (item.attribute == kPort && item.source == newest->source) device.switch_port = item.value;
}

}  // namespace wardline::identity
