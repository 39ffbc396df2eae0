// At start: devices and quarantines of the former run, from the store and from the slot words that outlived it.
#include <fmt/format.h>

#include <algorithm>

#include "controlplane/appliance/state.h"

namespace wardline::appliance {

using enforce::Profile;

namespace {

// Who gets a slot first: what a flood of MAC addresses left in the store must not take the slot of a pump.
bool matters(const inventory::Device& device) {
  return device.registered || device.quarantine != "none" || device.device_class != "unidentified";
}

}  // namespace

Result<void> Appliance::Impl::restore() {
  std::unordered_map<std::uint64_t, DeviceState*> by_key;
  if (store) {
    auto kept = store->load_devices();
    if (!kept) return std::unexpected(kept.error());
    auto quarantines = store->load_quarantines();
    if (!quarantines) return std::unexpected(quarantines.error());
    for (auto& quarantine : *quarantines) ledger.restore(std::move(quarantine));
    const auto holds = store->load_holds(wall);
    if (!holds) return std::unexpected(holds.error());
    const auto servers = store->load_class_servers();
    if (!servers) return std::unexpected(servers.error());
    for (const auto& server : *servers) class_servers.restore(server);
    for (auto& device : *kept) {
      auto state = std::make_unique<DeviceState>();
      state->device = std::move(device);
      state->device.slot = kNoSlot;
      state->dirty = false;
      class_servers.know(state->device);
      if (const auto held = holds->find(state->device.id); held != holds->end()) state->hold_until = held->second;
      by_key[enforce::name_hash(state->device.id)] = state.get();
      devices[state->device.id] = std::move(state);
    }
    const auto hours = store->load_class_hours();
    if (!hours) return std::unexpected(hours.error());
    for (const auto& hour : *hours) class_hours.restore(hour);
    auto found = store->load_findings();
    if (!found) return std::unexpected(found.error());
    for (auto& finding : *found) restore_finding(std::move(finding));
  }
  restore_from_region(by_key);
  for (const bool first : {true, false})
    for (auto& [id, state] : devices)
      if (matters(state->device) == first) restore_slot(*state);
  return {};
}

// A device of the store for which there was no slot at the start gets one when there is room again; one that nobody
// would miss only where there is plenty.
void Appliance::Impl::seat(DeviceState& state) {
  const auto room = slots.capacity() - slots.used();
  if (room == 0 || (!matters(state.device) && room < slots.capacity() / 5)) return;
  restore_slot(state);
  sync_slot(state);
}

// Where the region survived, the words are the truth: they changed before the store was told.
void Appliance::Impl::restore_from_region(std::unordered_map<std::uint64_t, DeviceState*>& by_key) {
  const auto in_use = slots.real_slots();
  for (const SlotId slot : std::vector<SlotId>(in_use.begin(), in_use.end())) {
    const auto identity = slots.identity(slot);
    auto& state = by_key[identity.device_key];
    if (state == nullptr) {
      auto lost = std::make_unique<DeviceState>();
      lost->device.id = identity.device_id;
      // The region keeps 39 bytes of an id: two long ones may begin alike.
      if (devices.contains(lost->device.id)) lost->device.id += fmt::format("~{}", slot);
      lost->device.interfaces.push_back({identity.mac, "", {}});
      if (identity.by_ip) lost->device.interfaces.front().ips.push_back(identity.address);
      lost->device.first_seen = lost->device.last_seen = wall;
      lost->region_class = slots.word(slot).device_class;
      lost->region_segment = identity.segment;
      state = lost.get();
      devices[lost->device.id] = std::move(lost);
    }
    state->device.slot = slot;
    by_slot[slot] = state;
    const auto quarantine = std::string(policy::text_of(slots.word(slot).quarantine));
    if (const auto* held = ledger.active(state->device.id); held != nullptr && quarantine == "none")
      if (const auto released = ledger.release(held->id, wall)) quarantine_changed(*released);
    // A word that says more than the store is told by notice_quarantine, which compares it with this.
    const auto* active = ledger.active(state->device.id);
    state->device.quarantine = active == nullptr ? "none" : active->profile;
  }
}

// Gives a device without a slot one (the region was lost), and its word what the store knows; binds all interfaces.
void Appliance::Impl::restore_slot(DeviceState& state) {
  auto& device = state.device;
  if (device.slot == kNoSlot && !device.interfaces.empty()) {
    const auto& first = device.interfaces.front();
    enforce::SlotIdentity identity;
    identity.device_key = enforce::name_hash(device.id);
    device.id.copy(identity.device_id, sizeof identity.device_id - 1);
    identity.segment_name = enforce::name_hash(first.segment);
    identity.segment = first.segment == "unknown" ? kUnknownSegment : slots.segment_number(first.segment);
    identity.by_ip = first.mac.zero() && !first.ips.empty();
    if (identity.by_ip) identity.address = first.ips.front();
    identity.used = true;
    identity.mac = first.mac;
    device.slot = slots.allocate(identity);
    if (device.slot == kNoSlot) return;
    by_slot[device.slot] = &state;
    const auto* active = ledger.active(device.id);
    const auto number =
        device.device_class == "unidentified" ? kUnidentifiedClass : slots.class_number(device.device_class);
    slots.update(device.slot, [&](enforce::SlotWord& word) {
      word.device_class = number == kNoClass ? kUnidentifiedClass : number;
      word.former_class = kNoClass;
      word.quarantine =
          active == nullptr ? Profile::kNone : quarantine::profile_named(active->profile).value_or(Profile::kContain);
      word.armed = Profile::kNone;
      return true;
    });
    device.quarantine = active == nullptr ? "none" : active->profile;
  }
  for (const auto& interface : device.interfaces) {
    if (!interface.mac.zero() && !interface.segment.empty())
      slots.bind_mac(interface.segment == "unknown" ? kUnknownSegment : slots.segment_number(interface.segment),
                     interface.mac, device.slot);
    for (const auto& address : interface.ips) slots.bind_peer_address(address, device.slot);
  }
}

// A region without its store (the file was removed or set aside): classes and segments are known by number alone, and
// get their names with the first policy. A class that was given stays, since a life-critical one is left only by a
// person's word.
void Appliance::Impl::name_what_the_store_lost(const policy::Policy& policy) {
  for (auto& [id, state] : devices) {
    if (state->region_class < policy.classes.size() && state->region_class != kUnidentifiedClass) {
      state->device.device_class = policy.classes[state->region_class].name;
      if (state->device.device_class.empty()) state->device.device_class = "unidentified";
      state->device.class_reason = "kept by the device's slot";
    }
    for (auto& interface : state->device.interfaces)
      if (interface.segment.empty()) interface.segment = segment_name(state->region_segment);
    state->region_class = kUnidentifiedClass;
  }
}

}  // namespace wardline::appliance
