#pragma once
#include <string>

#include "controlplane/inventory/device.h"

namespace wardline::inventory {

// That a device of this class answered as a server of this application; app "": that the class was seen at all.
struct ClassServer {
  std::string device_class, app;
  WallTime first_seen{};
};

}  // namespace wardline::inventory
