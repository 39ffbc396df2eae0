#pragma once
#include <string>
#include <vector>

#include "controlplane/inventory/device.h"

namespace wardline::inventory {

// One column of a device that became another.
struct Change {
  std::string device_id;
  WallTime time{};
  std::string attribute;  // class, vendor, model, os, firmware, serial, hostname, ward, switch, port, quarantine,
                          // registered, ips
  std::string before, after;
};

// What differs between two states of one device, `time` left to the caller. The order in which addresses were used is
// no difference.
std::vector<Change> changes_between(const Device& before, const Device& after);

}  // namespace wardline::inventory
