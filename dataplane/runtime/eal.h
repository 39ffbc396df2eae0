#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "dataplane/error.h"
#include "dataplane/runtime/options.h"

namespace wardline::runtime {

// DPDK's environment. It can be started once in a process, so it belongs to the process: the first start decides.
// Start it from a control thread; that thread keeps the cores it was allowed.
struct EalOptions {
  HugePages huge_pages = HugePages::kAuto;
  std::uint32_t memory_mb = 256;
  std::vector<std::string> drivers;  // shared objects to load beside those of DPDK
  std::vector<std::string> pci;      // addresses that may be touched; none: no PCI device is looked at
};

// Returns what there is to say of it. A second call does nothing.
Result<std::vector<Notice>> start_eal(const EalOptions& options);

// What drivers logged since the last call, oldest first and bounded; drivers log when they refuse something.
std::vector<std::string> take_driver_log();

}  // namespace wardline::runtime
