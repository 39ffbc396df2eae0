// Where devices are plugged in, as an imported table says it.
#include <set>

#include "controlplane/appliance/state.h"

namespace wardline::appliance {

// To all that bear a MAC: one in another segment is another device.
Appliance::Impl::PlacesTaken Appliance::Impl::import_places(const std::map<Mac, identity::ToldPlace>& told) {
  PlacesTaken taken;
  std::set<Mac> known;
  for (auto& [id, state] : devices) {
    auto& device = state->device;
    for (const auto& interface : device.interfaces) {
      const auto found = told.find(interface.mac);
      if (found == told.end()) continue;
      ++taken.placed;
      known.insert(interface.mac);
      if (identity::learn_place(device, found->second)) {
        identity::fill_place(device, current ? identity::register_entry(device, *current) : nullptr);
        changed(*state);
      }
      break;
    }
  }
  taken.unknown = told.size() - known.size();
  return taken;
}

}  // namespace wardline::appliance
