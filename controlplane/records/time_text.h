#pragma once
#include <string>

#include "controlplane/inventory/device.h"

namespace wardline::records {

// RFC 3339 in UTC with microseconds, as every record carries it: "2026-11-02T03:04:05.000006Z".
std::string text_of(inventory::WallTime time);

}  // namespace wardline::records
