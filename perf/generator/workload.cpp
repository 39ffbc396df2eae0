#include "perf/generator/workload.h"

#include "perf/generator/file_workload.h"
#include "perf/generator/tcp_workloads.h"
#include "perf/generator/udp_workloads.h"
#include "perf/generator/workload_spec.h"

namespace wardline::perf {

std::expected<std::unique_ptr<Workload>, std::string> make_workload(const std::string& text, Share share) {
  const auto spec = parse_spec(text);
  if (!spec) return std::unexpected(spec.error());
  switch (spec->kind) {
    case Kind::kUdp:
    case Kind::kNewUdp:
    case Kind::kScan:
      return make_udp_workload(*spec, share);
    case Kind::kModbus:
    case Kind::kTcpFlows:
      return make_tcp_workload(*spec, share);
    case Kind::kFile:
      break;
  }
  return make_file_workload(spec->file, share);
}

}  // namespace wardline::perf
