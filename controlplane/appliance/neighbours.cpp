// Who is at the other end of each leg's cable, and which devices stand behind it.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "controlplane/appliance/state.h"
#include "controlplane/inventory/address_text.h"
#include "controlplane/records/time_text.h"

namespace wardline::appliance {

namespace {

using identity::Neighbour;

// Of one leg. Whoever makes up more gives away that this is no cable to one switch.
constexpr std::size_t kMostNeighbours = 8;
constexpr auto kHeardLately = std::chrono::minutes(3);  // CDP holds a neighbour for so long, LLDP for less
constexpr auto kStillAtLeg = std::chrono::minutes(10);  // a device that uses two legs of a bundle keeps its first
constexpr auto kAskedAgain = std::chrono::minutes(1);   // claims of others may have ended
constexpr auto kRefreshed = std::chrono::hours(1);      // the evidence's last_seen

bool is_itself(const inventory::Device& device, const Neighbour& neighbour) {
  return std::ranges::any_of(device.interfaces, [&](const inventory::Interface& interface) {
    return interface.mac == neighbour.mac || inventory::text_of(interface.mac) == neighbour.id;
  });
}

}  // namespace

void Appliance::Impl::hear_neighbour(const FrameCopy& copy) {
  const auto told = identity::neighbour_of(copy);
  if (!told) return;
  auto& list = neighbours[{copy.bundle, copy.pair, copy.side}];
  // One that says anything else than before is another: it may have borrowed the chassis.
  if (const auto known = std::ranges::find(list, *told, &HeardNeighbour::said); known != list.end()) {
    if (known->last_seen + kHeardLately < wall) ++neighbours_changed;
    known->last_seen = wall;
    return;
  }
  std::erase_if(list, [&](const HeardNeighbour& each) { return each.last_seen + kHeardLately < wall; });
  if (list.size() == kMostNeighbours) return;
  list.push_back({*told, wall});
  ++neighbours_changed;
}

// The one switch that says it is there: by LLDP, else by CDP, which other makers' switches pass on. Two that say so
// contradict each other, and one of them may be a device.
const Neighbour* Appliance::Impl::uplink_of(const Leg& leg) const {
  const auto found = neighbours.find(leg);
  if (leg.side != Side::kDevice || found == neighbours.end()) return nullptr;
  std::size_t heard = 0;
  std::map<std::string_view, std::vector<const Neighbour*>> switches;  // by protocol
  for (const auto& [said, last_seen] : found->second) {
    if (last_seen + kHeardLately < wall) continue;
    ++heard;
    if (said.is_switch) switches[said.protocol].push_back(&said);
  }
  if (heard == kMostNeighbours || switches.empty()) return nullptr;
  const auto& claims = switches.rbegin()->second;  // lldp stands behind cdp
  return claims.size() == 1 ? claims.front() : nullptr;
}

// The leg that a device is seen at. Of several legs of a bundle it keeps the one that it uses.
void Appliance::Impl::note_leg(DeviceState& state, const Leg& here) {
  if (state.leg != here) {
    const bool other_wire = !state.leg || state.leg->bundle != here.bundle;
    if (!other_wire && state.at_leg + kStillAtLeg > wall) return;
    state.leg = here;
    state.uplink_due = {};
  }
  state.at_leg = wall;
}

void Appliance::Impl::stand_behind_uplink(DeviceState& state, const Leg& here) {
  if (here.side != Side::kDevice) return;
  note_leg(state, here);
  ask_uplink(state);
}

// A device that only listens is told of by no event once it is known, so that it is asked for by the clock, too.
void Appliance::Impl::ask_uplinks() {
  for (auto& [id, state] : devices)
    if (state->leg) ask_uplink(*state);
}

void Appliance::Impl::ask_uplink(DeviceState& state) {
  if (wall < state.uplink_due && state.neighbours_known == neighbours_changed) return;
  state.neighbours_known = neighbours_changed;
  const auto* uplink = uplink_of(*state.leg);
  state.uplink_due = wall + (uplink == nullptr ? kAskedAgain : kRefreshed);
  if (uplink == nullptr || is_itself(state.device, *uplink)) return;
  take_place(
      state,
      {.source = std::string(identity::kUplink), .switch_name = uplink->name, .port = uplink->port, .time = wall});
}

// JSON for `status`, the legs by their numbers.
std::string Appliance::Impl::neighbours_json() const {
  auto list = nlohmann::ordered_json::array();
  const auto text_or_null = [](const std::string& text) {
    return text.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(text);
  };
  for (const auto& [leg, heard] : neighbours)
    for (const auto& [said, last_seen] : heard) {
      if (last_seen + kHeardLately < wall) continue;
      list.push_back({{"bundle", leg.bundle},
                      {"pair", leg.pair},
                      {"side", leg.side == Side::kDevice ? "device" : "core"},
                      {"protocol", said.protocol},
                      {"name", said.name},
                      {"port", text_or_null(said.port)},
                      {"vlan", text_or_null(said.vlan)},
                      {"mac", inventory::text_of(said.mac)},
                      {"is_switch", said.is_switch},
                      {"is_uplink", uplink_of(leg) == &said},
                      {"last_seen", records::text_of(last_seen)}});
    }
  return list.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace wardline::appliance
