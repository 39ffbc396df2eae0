// Every observer of discovery sees each input: a datagram, a frame's payload or an answer of a device. So a payload of
// a capture is a seed as it stands.
#include <cstdint>
#include <cstdlib>
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
  const auto bytes = std::as_bytes(std::span(data, size));
  const std::vector<std::byte> exact(bytes.begin(), bytes.end());
  Observations out;
  for (const auto observe : kObservers) observe(exact, {}, out);
  for (const auto& observation : out)
    if (observation.value.empty() || observation.value.size() > 256) std::abort();
  return 0;
}
