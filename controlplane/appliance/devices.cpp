// Who is there: devices, their interfaces, addresses and classes, and what their slots say.
#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "controlplane/appliance/state.h"
#include "controlplane/inventory/address_text.h"

namespace wardline::appliance {

namespace {

constexpr std::size_t kMostAddresses = 8;  // of one interface: the last used
constexpr std::size_t kMostInterfaces = 16;

// What of a device stands in its record beside its class.
auto columns_of(const inventory::Device& device) {
  return std::tuple(device.vendor, device.model, device.os, device.firmware, device.serial, device.hostname);
}

bool expects(const policy::Policy& policy, SegmentId segment, const std::string& device_class) {
  if (segment >= policy.segments.size()) return false;
  const auto& list = policy.segments[segment].expects;
  return std::find(list.begin(), list.end(), device_class) != list.end();
}

}  // namespace

std::string id_of_mac(const Mac& mac) {
  return fmt::format("dev-{:012x}", mac.number());
}

DeviceState* Appliance::Impl::state_of_slot(SlotId slot) const {
  const auto found = by_slot.find(slot);
  return found == by_slot.end() ? nullptr : found->second;
}

// What identifies comes before what a device says of itself: any device may call itself by another's id or MAC. An
// address is the device's that holds it now, whoever had it last week. A host name that several bear names none.
DeviceState* Appliance::Impl::find_device(std::string_view text) const {
  if (const auto found = devices.find(text); found != devices.end()) return found->second.get();
  const auto last_seen = [&](auto fits) {
    DeviceState* last = nullptr;
    for (const auto& [id, state] : devices)
      if (std::ranges::any_of(state->device.interfaces, fits) &&
          (last == nullptr || state->device.last_seen > last->device.last_seen))
        last = state.get();
    return last;
  };
  auto* found = last_seen([&](const inventory::Interface& interface) {
    const auto* entry = current ? current->find_register(interface.mac) : nullptr;
    return entry != nullptr && entry->id == text;
  });
  if (found != nullptr) return found;
  if (const auto mac = inventory::parse_mac(text))
    return last_seen([&](const inventory::Interface& interface) { return interface.mac == *mac; });
  if (const auto address = inventory::parse_address(text)) {
    if (auto* holder = state_of_slot(slots.find_peer(*address))) return holder;
    return last_seen(
        [&](const inventory::Interface& interface) { return std::ranges::count(interface.ips, *address) != 0; });
  }
  for (const auto& [id, state] : devices) {
    if (text.empty() || state->device.hostname != text) continue;
    if (found != nullptr) return nullptr;
    found = state.get();
  }
  return found;
}

std::string Appliance::Impl::segment_name(SegmentId segment) const {
  if (current && segment < current->segments.size() && !current->segments[segment].name.empty())
    return current->segments[segment].name;
  return "unknown";
}

SegmentId Appliance::Impl::segment_of(const DeviceState& state) const {
  return state.device.slot == kNoSlot ? kUnknownSegment : slots.identity(state.device.slot).segment;
}

enforce::Criticality Appliance::Impl::criticality_of(const DeviceState& state) const {
  if (!current || current->plain.classes.empty()) return enforce::Criticality::kNone;
  const auto of_class = current->plain.classes[records::class_named(*current, state.device.device_class)].criticality;
  return std::max(of_class, state.device.inherited);
}

// The device behind this MAC (or address, on a routed segment), made if it was never seen. Null when there is no slot
// left, or the address names no single device.
DeviceState* Appliance::Impl::see_device(SegmentId segment, const Mac& mac, const Address& address) {
  const bool by_ip =
      current && segment < current->plain.segments.size() && current->plain.segments[segment].identify_by_ip;
  if (by_ip) {
    if (address.unspecified() || address.multicast() || address.limited_broadcast()) return nullptr;
    if (auto* known = state_of_slot(slots.find_ip(segment, address))) return known;
    if (!admit_new_device(segment)) return nullptr;
    return create_device("dev-" + inventory::text_of(address), segment, mac, address, true);
  }
  if (mac.group() || mac.zero()) return nullptr;
  if (auto* known = state_of_slot(slots.find_mac(segment, mac))) return known;
  const auto* entry = current ? current->find_register(mac) : nullptr;
  const std::string id = entry != nullptr && !entry->id.empty() ? entry->id : id_of_mac(mac);
  auto known = devices.find(id);
  if (known == devices.end()) known = devices.find(id_of_mac(mac));  // seen before the register had it
  // One that was known behind a serial server alone begins anew with its own interface, or it would never have a slot.
  if (known == devices.end() || known->second->device.interfaces.empty())
    return entry != nullptr || admit_new_device(segment) ? create_device(id, segment, mac, address, false) : nullptr;
  if (add_interface(*known->second, segment, mac)) return known->second.get();
  const std::string apart = fmt::format("{}-{}", id_of_mac(mac), segment_name(segment));
  if (const auto other = devices.find(apart); other != devices.end()) return other->second.get();
  return admit_new_device(segment) ? create_device(apart, segment, mac, address, false) : nullptr;
}

DeviceState* Appliance::Impl::create_device(const std::string& id, SegmentId segment, const Mac& mac,
                                            const Address& address, bool by_ip) {
  enforce::SlotIdentity identity;
  identity.device_key = enforce::name_hash(id);
  id.copy(identity.device_id, sizeof identity.device_id - 1);
  identity.segment_name = enforce::name_hash(segment_name(segment));
  identity.segment = segment;
  identity.by_ip = by_ip;
  identity.used = true;
  identity.mac = mac;
  identity.address = address;
  const SlotId slot = slots.allocate(identity);
  if (slot == kNoSlot) {
    if (!std::exchange(told_device_table_full, true))
      raise("", {.kind = "device_table_full",
                 .explanation = fmt::format("All {} device slots are in use, so {} stays unidentified and cannot be "
                                            "quarantined. Raise the number of slots.",
                                            slots.capacity(), id)});
    return nullptr;
  }
  auto& state = devices[id];
  state = std::make_unique<DeviceState>();
  auto& device = state->device;
  device.id = id;
  device.slot = slot;
  device.first_seen = device.last_seen = wall;
  device.interfaces.push_back({by_ip ? Mac{} : mac, segment_name(segment), {}});
  by_slot[slot] = state.get();
  state->seen_in[segment_name(segment)] = wall;
  changed(*state);
  if (oui && !by_ip)
    if (const auto vendor = identity::observation_of_vendor(*oui, mac))
      identity::learn(device, *vendor, current.get(), wall);
  if (current && segment < current->segments.size())
    for (const auto& place : identity::observations_of_place(current->segments[segment]))
      identity::add_evidence(device, place, wall);
  apply_register(*state);
  reclassify(*state);
  return state.get();
}

// Another interface of a known device: a second MAC of the register, or the same MAC in another segment. A class goes
// along only where it is expected; elsewhere the MAC is a device of its own until evidence says more.
bool Appliance::Impl::add_interface(DeviceState& state, SegmentId segment, const Mac& mac) {
  auto& device = state.device;
  const auto name = segment_name(segment);
  const auto known = std::find_if(device.interfaces.begin(), device.interfaces.end(),
                                  [&](const auto& item) { return item.mac == mac && item.segment == name; });
  const bool same_segment = segment == segment_of(state);
  const bool welcome = same_segment || device.device_class == "unidentified" ||
                       (current && expects(*current, segment, device.device_class));
  if (known == device.interfaces.end() && !welcome) {
    raise(device.id, findings::unexpected_segment(device, mac, name));
    return false;
  }
  if (device.slot == kNoSlot || !slots.bind_mac(segment, mac, device.slot)) return true;
  if (known != device.interfaces.end()) return true;
  if (device.interfaces.size() == kMostInterfaces) {
    state.seen_in.erase(device.interfaces[1].segment);
    device.interfaces.erase(device.interfaces.begin() + 1);
  }
  device.interfaces.push_back({mac, name, {}});
  state.seen_in[name] = wall;
  changed(state);
  if (!same_segment)
    find_out({.kind = "moved",
              .severity = "info",
              .explanation = fmt::format("{} is now also seen in segment {} and keeps its class {}.", device.id, name,
                                         device.device_class)},
             &state);
  return true;
}

void Appliance::Impl::use_address(DeviceState& state, const Mac& mac, const Address& address) {
  if (address.unspecified() || address.multicast() || address.limited_broadcast() || address == Address{}) return;
  auto& interfaces = state.device.interfaces;
  if (interfaces.empty()) return;
  auto found = std::find_if(interfaces.begin(), interfaces.end(), [&](const auto& item) { return item.mac == mac; });
  auto& ips = (found == interfaces.end() ? interfaces.front() : *found).ips;
  if (!ips.empty() && ips.back() == address) {
    take_address_back(state, address);
    return;
  }
  const auto old = std::find(ips.begin(), ips.end(), address);
  if (old != ips.end()) {
    ips.erase(old);
  } else if (ips.size() >= kMostAddresses) {
    if (slots.find_peer(ips.front()) == state.device.slot) slots.unbind_peer_address(ips.front());
    ips.erase(ips.begin());
  }
  ips.push_back(address);
  slots.bind_peer_address(address, state.device.slot);
  state.dirty = true;
}

// Another device of its segment had it meanwhile. In other segments the same address may be another's by right, and the
// two must not take it from each other by turns.
void Appliance::Impl::take_address_back(const DeviceState& state, const Address& address) {
  const auto* holder = state_of_slot(slots.find_peer(address));
  if (holder != nullptr && holder != &state && segment_of(*holder) == segment_of(state))
    slots.bind_peer_address(address, state.device.slot);
}

void Appliance::Impl::add_observation(DeviceState& state, const identity::Observation& observation) {
  auto& device = state.device;
  if (observation.address && !device.interfaces.empty())
    use_address(state, observation.about.value_or(device.interfaces.front().mac), *observation.address);
  if (observation.attribute.empty() || observation.value.empty()) return;
  state.dirty = true;
  const auto known = columns_of(device);
  if (!identity::learn(device, observation, current.get(), wall)) return;
  if (columns_of(device) != known) changed(state);  // others keep what the record says
  state.check_due = true;
  reclassify(state, Because::kHeard);
}

// The asset register says who owns a device and where it stands. The class it pins is identity's to follow.
void Appliance::Impl::apply_register(DeviceState& state) {
  if (!current) return;
  auto& device = state.device;
  const auto* entry = identity::register_entry(device, *current);
  device.registered = entry != nullptr;
  device.mode = entry != nullptr && entry->mode == "monitor" ? "monitor" : "inherit";
  state.dirty = state.check_due = true;
  apply_behind(state, entry);
  identity::fill_place(device, entry);
  if (entry == nullptr) return;
  for (const auto& line : identity::observations_of_register(*entry))
    identity::learn(device, line, current.get(), wall);
  const auto take = [](std::string& field, const std::string& given) {
    if (!given.empty()) field = given;
  };
  take(device.owner, entry->owner);
  take(device.vendor, entry->vendor);
  take(device.model, entry->model);
  take(device.serial, entry->serial);
  take(device.ward, entry->ward);
}

void Appliance::Impl::reclassify(DeviceState& state, Because because) {
  if (!current) return;
  auto& device = state.device;
  auto found = identity::classify(device, *current);
  for (std::size_t i = 0; i < device.evidence.size() && i < found.weights.size(); ++i)
    device.evidence[i].weight = found.weights[i];
  device.confidence = found.confidence;
  device.class_reason = std::move(found.reason);
  device.runners_up = std::move(found.runners_up);
  state.dirty = true;
  if (found.device_class != device.device_class) {
    // Flows of the former class go on for a while: evidence that was misread must not cut a device off at once.
    if (device.device_class != "unidentified") {
      device.former_class = device.device_class;
      state.former_until = wall + std::chrono::seconds(current->moved_former_class_seconds);
    }
    device.device_class = std::move(found.device_class);
    class_servers.know(device);
    state.hour_noted = {};
    changed(state);
    weaken_quarantine(state);
  }
  sync_slot(state);
  raise_contradictions(state, found.contradictions, because);
}

void Appliance::Impl::sync_slot(DeviceState& state) {
  const auto& device = state.device;
  if (device.slot == kNoSlot || !current) return;
  const auto number = records::class_named(*current, device.device_class);
  const auto former = device.former_class.empty() ? kNoClass : records::class_named(*current, device.former_class);
  slots.update(device.slot, [&](enforce::SlotWord& word) {
    const auto before = word;
    // What it was armed with before must not strike the new class, or what hangs on it now, before arm() has looked.
    if (word.device_class != number || word.inherited != device.inherited) word.armed = enforce::Profile::kNone;
    word.device_class = number;
    word.former_class = former == kUnidentifiedClass ? kNoClass : former;
    word.inherited = device.inherited;
    word.mode = device.mode == "monitor" ? enforce::Mode::kMonitor : enforce::Mode::kInherit;
    return !(word == before);
  });
  const auto mode = records::mode_in_force(*current, segment_of(state), number, device.mode);
  state.arming = quarantine::arming_of(*current, number, mode,
                                       {.held = state.hold_until && *state.hold_until > wall,
                                        .breaker = quarantine_breaker_open(state),
                                        .inherited = device.inherited});
  quarantine::arm(slots, device.slot, state.arming);
}

void Appliance::Impl::changed(DeviceState& state) {
  state.dirty = state.check_due = state.announce = announcements = true;
}

void Appliance::Impl::announce_devices() {
  if (!std::exchange(announcements, false)) return;
  for (auto& [id, state] : devices) {
    if (!state->announce) continue;
    state->announce = false;
    const auto head = records::head_of("device", state->device.id, wall, options.name, in_force(), &state->device);
    emit(head, device_json(*state), "", "");
  }
}

}  // namespace wardline::appliance
