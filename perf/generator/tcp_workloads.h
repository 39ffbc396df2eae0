#pragma once
#include <memory>

#include "perf/generator/workload.h"
#include "perf/generator/workload_spec.h"

namespace wardline::perf {

// modbus and tcpflows: connections that were opened in order and stay, with sequence numbers that go on. Eight bytes of
// state a flow.
std::unique_ptr<Workload> make_tcp_workload(const WorkloadSpec& spec, Share share);

}  // namespace wardline::perf
