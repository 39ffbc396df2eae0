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

// The ports and lanes, added to the answer of a `status` request.
std::string add_ports(std::string answer, const std::string& request, const std::vector<runtime::LegStatus>& legs,
                      const std::vector<runtime::LaneStatus>& lanes, const std::vector<MemoryTerm>& memory,
                      const std::optional<offload::OffloadCounts>& offload);

}  // namespace wardline::daemon
