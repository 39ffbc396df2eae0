#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "controlplane/daemon/memory_there.h"
#include "dataplane/error.h"
#include "dataplane/memory_term.h"
#include "dataplane/runtime/options.h"
#include "dataplane/runtime/wire_plan.h"

namespace wardline::daemon {

// All that the daemon will take when everything it has room for is in use. Known before any of it is taken.
struct MemoryNeeds {
  std::vector<MemoryTerm> of_a_worker;
  std::size_t workers = 0;
  std::vector<runtime::BufferTerm> buffers;
  bool buffers_in_huge_pages = false;

  std::uint64_t worker_bytes() const;  // of one
  std::uint64_t buffer_bytes() const;
  std::uint64_t ram() const;  // what does not lie in huge pages, with kRest
};

// Policy, compiled signatures while they are compiled, inventory, program: measured 210 MiB with what is shipped.
inline constexpr std::uint64_t kRest = 256u << 20;

// As DPDK will decide it.
bool buffers_go_to_huge_pages(runtime::HugePages wish, std::uint64_t buffer_bytes, const MemoryThere& there);

// One line a term, for the log.
std::vector<std::string> lines_of(const MemoryNeeds& needs, const MemoryThere& there);

// Why it would not fit, and which keys of wardlined.yaml to set to what; nothing when it fits.
std::optional<Error> why_too_much(const MemoryNeeds& needs, const MemoryThere& there);

}  // namespace wardline::daemon
