// Routed segments: there an address is all that is seen of a device, and the DHCP server says whose it is.
#include <algorithm>

#include "controlplane/appliance/state.h"
#include "controlplane/inventory/address_text.h"

namespace wardline::appliance {

namespace {

constexpr std::string_view kHolder = "dhcp.lease_mac";

}  // namespace

// The address went to another machine: nothing that was learned of the former one says what this one is. What a person
// said of it, in the register or by a pin, stays a person's to take back.
void Appliance::Impl::end_binding(DeviceState& state) {
  auto& device = state.device;
  device.evidence.clear();
  for (auto* column : {&device.vendor, &device.model, &device.os, &device.firmware, &device.serial, &device.hostname})
    column->clear();
  device.device_class = "unidentified";
  device.former_class.clear();
  state.former_until.reset();
  state.exchanged = false;
  const auto segment = segment_of(state);
  if (current && segment < current->segments.size())
    for (const auto& place : identity::observations_of_place(current->segments[segment]))
      identity::add_evidence(device, place, wall);
  changed(state);
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
