#pragma once
#include <memory>

#include "perf/generator/workload.h"
#include "perf/generator/workload_spec.h"

namespace wardline::perf {

// udp, newudp and scan: every frame comes of a formula, nothing is remembered of a flow.
std::unique_ptr<Workload> make_udp_workload(const WorkloadSpec& spec, Share share);

}  // namespace wardline::perf
