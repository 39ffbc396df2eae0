// Devices behind a serial server. On the wire they are a port of it; the register says who is at which.
#include <algorithm>

#include "controlplane/appliance/state.h"

namespace wardline::appliance {

// Nobody knows what an unpinned device is: it may be a ventilator, so it weighs as much.
void Appliance::Impl::apply_behind(DeviceState& state, const policy::RegisterEntry* entry) {
  auto& device = state.device;
  device.behind.clear();
  device.inherited = enforce::Criticality::kNone;
  if (entry == nullptr) return;
  device.behind = entry->behind;
  for (const auto& each : device.behind) {
    const auto* line = current->find_register_id(each.device);
    const auto number = line == nullptr ? kUnidentifiedClass : records::class_named(*current, line->pin());
    const auto criticality =
        number == kUnidentifiedClass ? enforce::Criticality::kLifeCritical : current->plain.classes[number].criticality;
    device.inherited = std::max(device.inherited, criticality);
  }
}

// Payload came from its port: the server accepts and acknowledges a connection by itself. The device has no interface
// and no slot: the server's word, and what that inherits, is what workers go by.
void Appliance::Impl::see_behind(const std::string& id, const DeviceState& server, WallTime seen) {
  auto& state = devices[id];
  if (state == nullptr) {
    state = std::make_unique<DeviceState>();
    state->device.id = id;
    state->device.first_seen = seen;
    apply_register(*state);
    reclassify(*state);
    changed(*state);
  }
  auto& device = state->device;
  if (seen > device.last_seen + std::chrono::minutes(1)) state->dirty = true;
  device.last_seen = std::max(device.last_seen, seen);
  const bool placed = !device.interfaces.empty() || !device.switch_name.empty();
  if (placed || server.device.switch_name.empty()) return;
  device.switch_name = server.device.switch_name;
  device.switch_port = server.device.switch_port;
  device.place_source = server.device.place_source;
  state->dirty = true;
}

// They are known by the register alone, and go with their line.
void Appliance::Impl::forget_unlisted_behind() {
  std::erase_if(devices, [&](const auto& item) {
    const auto& device = item.second->device;
    if (!device.interfaces.empty() || current->find_register_id(device.id) != nullptr) return false;
    if (store && store_ready()) note_store(store->remove_device(device.id));
    findings.forget_device(device.id);
    return true;
  });
}

}  // namespace wardline::appliance
