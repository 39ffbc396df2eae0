// Where devices are plugged in, as an imported table or a switch says it.
#include <set>
#include <tuple>

#include "controlplane/appliance/state.h"

namespace wardline::appliance {

namespace {

constexpr std::size_t kMostRelayNames = 1024;  // switches that option 82 may name at a time

auto place_of(const inventory::Device& device) {
  return std::tuple(device.switch_name, device.switch_port, device.place_source);
}

bool same_port(const identity::ToldPlace& one, const identity::ToldPlace& other) {
  return std::tie(one.switch_name, one.port, one.vlan) == std::tie(other.switch_name, other.port, other.vlan);
}

}  // namespace

bool Appliance::Impl::take_place(DeviceState& state, const identity::ToldPlace& told) {
  auto& device = state.device;
  if (!identity::learn_place(device, told)) return false;
  state.dirty = state.check_due = true;
  const auto before = place_of(device);
  identity::fill_place(device, current ? identity::register_entry(device, *current) : nullptr);
  if (place_of(device) != before) changed(state);
  return true;
}

// To all that bear a MAC: one in another segment is another device.
Appliance::Impl::PlacesTaken Appliance::Impl::import_places(const std::map<Mac, identity::ToldPlace>& told) {
  PlacesTaken taken;
  std::set<Mac> known;
  for (auto& [id, state] : devices) {
    for (const auto& interface : state->device.interfaces) {
      const auto found = told.find(interface.mac);
      if (found == told.end()) continue;
      ++taken.placed;
      known.insert(interface.mac);
      take_place(*state, found->second);
      break;
    }
  }
  taken.unknown = told.size() - known.size();
  return taken;
}

// A server gives back what the request bore, whoever wrote it. So an answer counts only where the device itself has
// asked with the same: who asks in another's name places nobody, and who writes option 82 itself only itself.
void Appliance::Impl::hear_option_82(DeviceState& state, Side side, identity::ToldPlace told) {
  if (side == Side::kDevice) {
    state.asked_from = std::move(told);
    return;
  }
  const auto asked = std::exchange(state.asked_from, std::nullopt);
  if (!asked || !same_port(*asked, told)) return;
  if (!relay_names.contains(told.switch_name) && relay_names.size() >= kMostRelayNames) return;
  relay_names.insert(told.switch_name);
  told.time = wall;
  take_place(state, told);
}

// Names that no device is placed by any more make room for others.
void Appliance::Impl::count_relay_names() {
  relay_names.clear();
  for (const auto& [id, state] : devices)
    if (state->device.place_source == identity::kOption82) relay_names.insert(state->device.switch_name);
}

}  // namespace wardline::appliance
