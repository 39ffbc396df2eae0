// What events show of a device's services, logins and clear text.
#include <fmt/format.h>

#include <algorithm>

#include "controlplane/appliance/state.h"
#include "controlplane/findings/exposure.h"
#include "controlplane/inventory/address_text.h"
#include "dataplane/detect/settings.h"
#include "dataplane/packet/packet_view.h"

namespace wardline::appliance {

namespace {

bool holds(const std::vector<policy::AddressRange>& ranges, const Address& address) {
  return std::ranges::any_of(ranges, [&](const auto& range) { return range.low <= address && address <= range.high; });
}

findings::Peer peer_of(const Event& event, const policy::Policy& policy) {
  findings::Peer peer{.name = inventory::text_of(event.peer_ip), .of_site = event.peer_slot != kNoSlot};
  const auto has_it = [&](const auto& named) { return holds(named.second, event.peer_ip); };
  peer.of_site = peer.of_site || std::ranges::any_of(policy.roles, has_it) || std::ranges::any_of(policy.zones, has_it);
  return peer;
}

}  // namespace

void Appliance::Impl::watch_server(DeviceState& state, std::string_view app, const Event& event) {
  if (event.opened_by != flow::OpenedBy::kPeer) return;
  const auto& id = state.device.id;
  const bool allowed = event.verdict == enforce::Verdict::kAllow;
  if (app == "dns" && !allowed) raise(id, findings::rogue_server(id, "DNS", "dns", inventory::text_of(event.peer_ip)));
  if (const auto told = class_servers.note(state.device, {app, event.device_port, allowed}, wall_of(event.time)))
    raise(id, *told);
}

// Of a flow its report counts, too: one that lives for days proves its application once.
void Appliance::Impl::watch_exposure(const DeviceState& state, std::string_view app, const Event& event) {
  if (!current || event.several.any() || !findings::carries_patient_data(app)) return;
  const bool proved = event.app_state == enforce::AppState::kProved || event.kind == EventKind::kSpeaks;
  const bool spoke = event.kind == EventKind::kSpeaks || (event.bytes_from_device != 0 && event.bytes_to_device != 0);
  if (proved && spoke) raise(state.device.id, findings::unencrypted_phi(state.device, app, peer_of(event, *current)));
}

void Appliance::Impl::watch_detection(const Event& event, const DeviceState* state) {
  using detect::Detector;
  const auto* policy = names.at(event.policy_epoch);
  if (policy == nullptr || event.signature == kNoSignature) return;
  const auto is = [&](Detector detector) {
    const auto& setting = policy->plain.detectors[static_cast<std::size_t>(detector)];
    return setting.enabled && setting.signature == event.signature;
  };
  const auto peer = peer_of(event, *policy);
  if (is(Detector::kRogueDhcpServer) && event.side == Side::kCore)
    raise("", findings::rogue_server(peer.name, "DHCP", "dhcp " + peer.name, inventory::text_of(event.device_ip)));
  if (state == nullptr) return;
  const auto& id = state->device.id;
  if (event.side == Side::kDevice && is(Detector::kRogueDhcpServer))
    raise(id, findings::rogue_server(id, "DHCP", "dhcp", peer.name));
  if (event.side == Side::kDevice && is(Detector::kRogueRouter))
    raise(id, findings::rogue_server(id, "router of IPv6", "ipv6 router", peer.name));
  if (is(Detector::kDefaultPassword)) {
    const bool at_device = event.opened_by == flow::OpenedBy::kPeer;
    const std::string_view note(event.note.data(), event.note.size());
    raise(id,
          findings::default_credentials(state->device, at_device, peer, at_device ? event.device_port : event.peer_port,
                                        note.substr(0, note.find('\0'))));
  }
}

void Appliance::Impl::watch_directions(const DeviceState& state, const Event& event) {
  const auto& segments = in_force()->plain.segments;
  const bool declared = event.segment < segments.size() && segments[event.segment].asymmetric;
  if (declared || event.several.any() || event.proto != packet::kProtoTcp || event.verdict == enforce::Verdict::kBlock)
    return;
  if (const auto told = one_sided.note(state.device,
                                       {.packets_from_device = event.packets_from_device,
                                        .packets_to_device = event.packets_to_device,
                                        .bytes = event.bytes_from_device + event.bytes_to_device},
                                       wall_of(event.time)))
    raise(state.device.id, *told);
}

// A flow that ended may have been quiet for hours before.
void Appliance::Impl::watch_hours(DeviceState& state, const Event& event) {
  const bool flow = event.kind == EventKind::kFlow;
  if (flow ? event.final || event.packets_from_device == 0 : event.side != Side::kDevice) return;
  const auto time = wall_of(event.time);
  const auto hour = std::chrono::floor<std::chrono::hours>(time);
  if (hour <= state.hour_noted) return;
  state.hour_noted = hour;
  if (const auto told = class_hours.note(state.device, time)) raise(state.device.id, *told);
}

}  // namespace wardline::appliance
