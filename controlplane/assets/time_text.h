#pragma once
#include <optional>
#include <string_view>

#include "controlplane/inventory/device.h"

namespace wardline::assets {

// A time as exports and logs write it; UTC where it names no zone:
//
//   2026-11-29T07:00:00Z           RFC 3339; a blank may stand for T, Z may be missing
//   2026-11-29T08:00:00.5+01:00    a fraction of the second, a zone
//   Nov 29 2026 07:00:00 UTC       FreeRADIUS
//   1795935600                     seconds since 1970
std::optional<inventory::WallTime> read_time(std::string_view text);

}  // namespace wardline::assets
