// A frame of a device, as the observers of frames see it: the opening of a TCP connection above all.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "controlplane/identity/observers.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wardline;
  FrameCopy copy;
  copy.length = static_cast<std::uint16_t>(std::min(size, copy.bytes.size()));
  std::copy_n(reinterpret_cast<const std::byte*>(data), copy.length, copy.bytes.begin());
  copy.device_mac = packet::parse(std::span(copy.bytes).first(copy.length)).source_mac;
  for (const auto& observation : identity::observe(copy, ""))
    if (observation.value.size() > 256) std::abort();
  return 0;
}
