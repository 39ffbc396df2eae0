#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/assets/column_map.h"
#include "controlplane/inventory/device.h"

namespace wardline::assets {

enum class PlaceKind : std::uint8_t { kSwitchTable, kRadius };
inline constexpr std::array<std::string_view, 2> kPlaceKinds{"switch-table", "radius"};  // by PlaceKind

inline constexpr std::array<std::string_view, 4> kPlaceKeys{"mac", "switch", "port", "time"};
inline constexpr std::array<std::string_view, 3> kPlaceKeysRequired{"mac", "switch", "port"};

// Where a device is plugged in, as a switch or a RADIUS server has it.
struct PlaceIn {
  Mac mac;
  std::string switch_name, port;
  inventory::WallTime time{};
};

struct PlacesIn {
  std::vector<PlaceIn> places;  // one a MAC
  std::size_t uplinks = 0;      // ports with more than kMostMacs, which are no place of any of them
  std::size_t passed_over = 0;  // MACs that stand on uplinks only, or on two ports alike
};

// A port with more MACs leads on to another switch, or to an access point.
inline constexpr std::size_t kMostMacs = 8;

// The places of a table of MAC addresses (`switch-table`) or of RADIUS accounting (`radius`). A MAC stands in the
// tables of all switches on its way: its place is the port with the fewest. Of several sessions the last counts. `now`
// is the time of a line that has none. Lines that are refused are reported.
PlacesIn places_in(const MappedTable& table, PlaceKind kind, inventory::WallTime now, Errors& errors);

}  // namespace wardline::assets
