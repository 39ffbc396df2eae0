#pragma once
#include <optional>
#include <string>

#include "dataplane/address.h"
#include "dataplane/events.h"

namespace wardline::identity {

// Who says in LLDP or CDP that it is at the other end of a leg's cable. Texts are of 128 bytes at most.
struct Neighbour {
  std::string protocol;          // lldp | cdp
  std::string id;                // its chassis; of CDP its name
  std::string name, port, vlan;  // of its end of the cable; "" where it does not say
  Mac mac;                       // of that port
  bool is_switch = false;        // it says that it is a bridge, and no station, telephone, access point or cable modem

  bool operator==(const Neighbour&) const = default;
};

// Of a frame without a tag that no bridge of its standard passes on: LLDP to one of its three groups, CDP to Cisco's,
// which bridges of other makers do pass on. From either side.
std::optional<Neighbour> neighbour_of(const FrameCopy& copy);

}  // namespace wardline::identity
