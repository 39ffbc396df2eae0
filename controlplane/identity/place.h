#pragma once
#include <string>
#include <string_view>

#include "controlplane/inventory/device.h"

namespace wardline::identity {

inline constexpr std::string_view kOption82 = "option-82", kUplink = "uplink";
inline constexpr std::size_t kMaxPlaceText = 128;  // bytes of a switch's or port's name

// The switch port that a device is at, as somebody tells it.
struct ToldPlace {
  std::string source;  // switch-table | radius | option-82 | uplink
  std::string switch_name, port;
  std::string vlan{};          // "" where it is not told
  inventory::WallTime time{};  // when it was so
};

bool is_place_source(std::string_view source);
bool is_imported_place(std::string_view source);  // a source that `place import` takes

// Keeps it as evidence (`place.switch`, `place.port`, `place.vlan`) instead of what the same source told before; false
// where that is newer.
bool learn_place(inventory::Device& device, const ToldPlace& told);

// Fills switch, port and their source: what the device's line of the register says (null: it has none), else what an
// imported table told last, else option 82, else the uplink. Without any they stay.
void fill_place(inventory::Device& device, const policy::RegisterEntry* entry);

}  // namespace wardline::identity
