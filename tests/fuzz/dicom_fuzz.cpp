#include <cstdint>
#include <cstdlib>
#include <span>

#include "controlplane/identity/observers.h"

// The first bytes that one side of a DICOM association sent.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wardline;
  identity::Observations out;
  const auto bytes = std::as_bytes(std::span(data, size));
  identity::observe_dicom(bytes, {}, out);
  for (const auto& observation : out)
    if (observation.value.size() > 256) std::abort();
  return 0;
}
