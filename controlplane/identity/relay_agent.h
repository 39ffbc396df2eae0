#pragma once
#include <optional>

#include "controlplane/identity/observers.h"

namespace wardline::identity {

// What a snooping switch or relay wrote into option 82 of DHCP (RFC 3046, RFC 3993). A device can write it, too, where
// no switch stops it.

// Port, switch and the line's subscriber as they stand there: claims.
void tell_relay_agent(Bytes option, Observations& out);

// The switch (remote id) and its port (circuit id). Of Cisco's binary forms VLAN, module and port, and the switch's
// MAC; text as it is, all else in hex. Nothing where no switch is named, or a length contradicts the option.
std::optional<ToldPlace> place_of_relay_agent(Bytes option);

}  // namespace wardline::identity
