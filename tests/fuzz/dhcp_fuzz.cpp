#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "controlplane/identity/observers.h"

// A BOOTP message from either side.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wardline;
  identity::Observations out;
  const auto bytes = std::as_bytes(std::span(data, size));
  for (const auto side : {Side::kDevice, Side::kCore}) identity::observe_dhcp(bytes, side, Mac{}, out);
  for (const auto& observation : out)
    if (observation.value.size() > 256 ||
        (observation.place &&
         std::max(observation.place->switch_name.size(), observation.place->port.size()) > identity::kMaxPlaceText))
      std::abort();
  return 0;
}
