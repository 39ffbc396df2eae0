#pragma once
#include <string>
#include <string_view>

#include "controlplane/inventory/device.h"

namespace wardline::identity {

// The switch port that a device is at, as an imported table has it.
struct ToldPlace {
  std::string source;  // switch-table | radius
  std::string switch_name, port;
  inventory::WallTime time{};  // when it was so
};

bool is_place_source(std::string_view source);

// Keeps it as evidence (`place.switch`, `place.port`) instead of what the same source told before; false where that is
// newer.
bool learn_place(inventory::Device& device, const ToldPlace& told);

// Fills switch and port: what the device's line of the register says (null: it has none), else the newest that was
// told. Without either they stay.
void fill_place(inventory::Device& device, const policy::RegisterEntry* entry);

}  // namespace wardline::identity
