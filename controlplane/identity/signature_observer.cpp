#include <algorithm>

#include "controlplane/identity/identity.h"
#include "controlplane/inventory/text.h"

namespace wardline::identity {

std::vector<Observation> observations_of_signatures(const FrameCopy& copy, const policy::Policy& policy) {
  std::vector<Observation> observations;
  const auto& signatures = policy.signatures;
  // What the far end says is not the device's.
  const bool own = copy.what == FrameCopy::What::kFirstBytes && copy.side == Side::kDevice;
  if (!own || !signatures.devices || copy.app == kNoApp || copy.app >= signatures.app_protos.size())
    return observations;
  classify::ScanInput input;
  input.sender = copy.device_is_client ? classify::Sender::kClient : classify::Sender::kServer;
  input.server_port = copy.device_is_client ? copy.peer_port : copy.device_port;
  input.bytes = std::span(copy.bytes.data(), std::min<std::size_t>(copy.length, copy.bytes.size()));
  input.app = copy.app;
  // The copy does not say by which transport it came; most applications have one.
  const auto& protos = signatures.app_protos[copy.app];
  for (const auto transport : {classify::Transport::kTcp, classify::Transport::kUdp}) {
    if (!protos.contains(transport == classify::Transport::kTcp ? "tcp" : "udp")) continue;
    input.transport = transport;
    for (const auto& told : signatures.devices->ask(input)) {
      auto value = inventory::clean_text(told.value);
      const auto same = [&](const Observation& known) {
        return known.attribute == told.attribute && known.value == value;
      };
      if (value.empty() || std::ranges::any_of(observations, same)) continue;
      observations.push_back(
          {.source = "signature " + told.id, .attribute = told.attribute, .value = std::move(value)});
    }
  }
  return observations;
}

}  // namespace wardline::identity
