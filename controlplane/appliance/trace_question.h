#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/appliance/state.h"
#include "controlplane/appliance/traced_flow.h"

namespace wardline::appliance {

// One end of what `trace` is asked for: an address, or all addresses of a device.
struct End {
  std::string asked;
  const DeviceState* state = nullptr;  // null: of no device that is known
  std::vector<Address> addresses;

  bool has(const Address& address) const;
  std::string text() const;  // the addresses, or some of many
};

// Device names are those of every other request.
Result<End> end_of(const Appliance::Impl& impl, std::string_view text);

struct Question {
  End from, to;
  std::uint16_t port = 0;  // 0: any
  std::string after;       // RFC 3339; "": of whatever is known

  // Either way round: who opened is part of the answer.
  bool asks(const Event& event) const;
  bool asks(const TracedFlow& flow) const;
  std::string text() const;  // "from 10.20.1.15 to 10.30.1.20 on port 443"
};

struct Found {
  TracedFlows flows;
  std::string since;                // what was told since then was looked at
  std::uint64_t told_together = 0;  // flows of one of the two whose record names no peer or port
};

// In memory, and in the store where one end is a device and the question is not about what comes now.
Found find(const Appliance::Impl& impl, const Question& question);

}  // namespace wardline::appliance
