// Routed segments: there an address is all that is seen of a device, and the DHCP server says whose it is.
#include <algorithm>

#include "controlplane/appliance/state.h"
#include "controlplane/inventory/address_text.h"

namespace wardline::appliance {

namespace {

constexpr std::string_view kHolder = "dhcp.lease_mac";

}  // namespace

// The address went to another machine: nothing that was learned of the former one says what this one is, nor what it
// may do. An operator's pin of the address stays a person's to take back.
void Appliance::Impl::end_binding(DeviceState& state) {
  auto& device = state.device;
  device.evidence.clear();
  for (auto* column : {&device.vendor, &device.model, &device.os, &device.firmware, &device.serial, &device.hostname,
                       &device.owner, &device.ward})
    column->clear();
  device.device_class = "unidentified";
  device.former_class.clear();
  state.former_until.reset();
  state.exchanged = false;
  state.threshold.clear();
  state.last_violation.clear();
  state.uplink_due = {};
  release_from_automatic(device.id);
  const auto segment = segment_of(state);
  if (current && segment < current->segments.size())
    for (const auto& place : identity::observations_of_place(current->segments[segment]))
      identity::add_evidence(device, place, wall);
  apply_register(state);
  changed(state);
}

// What the former machine did is not this one's. A person's quarantine of the address stays.
void Appliance::Impl::release_from_automatic(const std::string& device_id) {
  const auto* open = ledger.find(device_id);
  if (open == nullptr || open->by != quarantine::kAutomatic) return;
  constexpr std::string_view kWhy = "Wardline: the lease went to another machine";
  const auto ended = open->state == inventory::QuarantineState::kPending ? quarantine_reject(open->id, kWhy)
                                                                         : quarantine_release(open->id, kWhy);
  static_cast<void>(ended);  // it was found open
}

// `client` holds the lease of `address`, by the word of the server.
void Appliance::Impl::follow_lease(SegmentId segment, const Mac& client, const Address& address) {
  auto* state = state_of_slot(slots.find_ip(segment, address));
  if (state == nullptr) return;
  const auto holder = inventory::text_of(client);
  const auto& evidence = state->device.evidence;
  const auto known = std::ranges::find(evidence, kHolder, &inventory::Evidence::attribute);
  if (known != evidence.end() && known->value != holder) end_binding(*state);
  add_observation(*state, {.source = "dhcp", .attribute = std::string(kHolder), .value = holder});
  if (oui)
    if (const auto vendor = identity::observation_of_vendor(*oui, client)) add_observation(*state, *vendor);
}

}  // namespace wardline::appliance
