#pragma once
#include <string>

#include "controlplane/inventory/device.h"

namespace wardline::inventory {

// That a device of this class was seen at this hour of the week: 0 is Thursday, 0:00 to 1:00 UTC, as 1970 began.
struct ClassHour {
  std::string device_class;
  int hour = 0;
  WallTime first_seen{};
};

}  // namespace wardline::inventory
