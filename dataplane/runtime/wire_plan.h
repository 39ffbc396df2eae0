#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dataplane/batch.h"
#include "dataplane/error.h"
#include "dataplane/runtime/leg_plan.h"
#include "dataplane/runtime/options.h"

namespace wardline::runtime {

// One leg of the whole wire, planned. Places count within the options: bundles[bundle].pairs[pair].
struct PlannedLeg {
  std::size_t bundle = 0, pair = 0;
  Side side = Side::kDevice;
  LegPlan plan;
};

// Every leg that can be planned, in the order of bundles, pairs and sides; all faults of all of them in `errors`.
std::vector<PlannedLeg> plan_wire(const RuntimeOptions& options, Errors& errors);

// What the kernel says of an interface; nothing where it has none of this name.
std::optional<KernelFacts> facts_of(const std::string& interface);

// Device names are unique in the process, over several runtimes.
unsigned next_device_number();

// Bytes of the queues between workers, if software comes to distribute every bundle with several.
std::uint64_t queue_bytes(const RuntimeOptions& options);

// What packet buffers will take, term by term, before any of it is taken. Legs with faults are left out.
struct BufferTerm {
  std::string name;
  std::uint64_t count = 0, bytes = 0;
};
std::vector<BufferTerm> buffers_of_wire(const RuntimeOptions& options);

}  // namespace wardline::runtime
