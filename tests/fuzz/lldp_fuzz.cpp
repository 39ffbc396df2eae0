#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>

#include "controlplane/identity/neighbour.h"
#include "controlplane/identity/observers.h"

// An LLDP data unit of a device, and as the frame of a neighbour.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wardline;
  identity::Observations out;
  identity::observe_lldp(std::as_bytes(std::span(data, size)), out);
  for (const auto& observation : out)
    if (observation.value.size() > 256) std::abort();
  constexpr std::array<std::uint8_t, 14> kHead{0x01, 0x80, 0xc2, 0, 0, 0x0e, 0x02, 0, 0, 0, 0, 1, 0x88, 0xcc};
  FrameCopy copy;
  size = std::min(size, copy.bytes.size() - kHead.size());
  copy.length = static_cast<std::uint16_t>(kHead.size() + size);
  std::memcpy(copy.bytes.data(), kHead.data(), kHead.size());
  if (size != 0) std::memcpy(copy.bytes.data() + kHead.size(), data, size);
  if (const auto told = identity::neighbour_of(copy))
    for (const auto* text : {&told->id, &told->name, &told->port, &told->vlan})
      if (text->size() > identity::kMaxPlaceText) std::abort();
  return 0;
}
