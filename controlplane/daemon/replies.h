#pragma once
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/appliance/appliance.h"
#include "dataplane/memory_term.h"
#include "dataplane/offload/manager.h"
#include "dataplane/runtime/dataplane_runtime.h"

namespace wardline::daemon {

// What the daemon itself adds to the appliance's answers. nlohmann-json stays in the .cpp.

// The directory of a policy.reload request ("" = the one in use); nullopt for every other request.
std::optional<std::string> reload_request(const std::string& request);
std::string busy_reply();

struct DaemonState {
  std::vector<runtime::LegStatus> legs;
  std::vector<runtime::LaneStatus> lanes;
  std::vector<MemoryTerm> memory;  // of one worker
  bool policy_loading = false;
  std::optional<offload::OffloadCounts> offload;  // nothing where no card forwards by itself
};

// This state, added to the answer of a `status` request; of the legs what `trace` and `capture.start` need, to those.
std::string add_state(std::string answer, const std::string& request, const DaemonState& state);

}  // namespace wardline::daemon
