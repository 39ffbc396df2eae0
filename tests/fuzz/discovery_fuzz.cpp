// Every observer of discovery, chosen by the first byte: a datagram, a frame's payload or an answer of a device.
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <span>
#include <vector>

#include "controlplane/identity/observers.h"

namespace {

using namespace wardline::identity;

constexpr void (*kObservers[])(Bytes, const Speech&, Observations&) = {
    observe_mdns,
    observe_llmnr,
    observe_netbios_name,
    observe_netbios_datagram,
    observe_ssdp,
    observe_device_description,
    observe_ws_discovery,
    observe_ws_metadata,
    observe_snmp,
    observe_intellivue,
    observe_carescape,
    observe_dhcpv6,
    [](Bytes payload, const Speech&, Observations& out) { observe_cdp(payload, out); },
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto bytes = std::as_bytes(std::span(data + 1, size - 1));
  const std::vector<std::byte> exact(bytes.begin(), bytes.end());
  Observations out;
  kObservers[data[0] % std::size(kObservers)](exact, {}, out);
  for (const auto& observation : out)
    if (observation.value.empty() || observation.value.size() > 256) std::abort();
  return 0;
}
