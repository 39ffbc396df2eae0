#include <cstdint>
#include <cstdlib>
#include <span>

#include "controlplane/identity/observers.h"

// An LLDP data unit of a device.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wardline;
  identity::Observations out;
  identity::observe_lldp(std::as_bytes(std::span(data, size)), out);
  for (const auto& observation : out)
    if (observation.value.size() > 256) std::abort();
  return 0;
}
