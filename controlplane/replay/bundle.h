#pragma once
#include <expected>
#include <span>
#include <string>
#include <vector>

#include "dataplane/error.h"

namespace wardline::replay {

// One wire of the appliance, and what its legs received.
struct Bundle {
  std::string name;                            // as `bundle:` of site.yaml has it
  std::string device_leg = {}, core_leg = {};  // captures; "" = nothing came
};

// Reads what `--bundle` says, once for each bundle: NAME:DEVICE_LEG,CORE_LEG, where a leg without a capture is left
// out. All problems at once; code: replay.bundle.
std::expected<std::vector<Bundle>, Errors> bundles_of(std::span<const std::string> options);

}  // namespace wardline::replay
