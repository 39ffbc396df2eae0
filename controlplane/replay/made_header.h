#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "dataplane/address.h"

namespace wardline::replay {

// Captures without Ethernet headers get one, so that they can go through the worker. A host's MAC is 02:00 and its IPv4
// address, or 02:00 and a hash of its IPv6 address; group addresses get the MAC that Ethernet maps them to (RFC 1112,
// 6.4 and RFC 2464, 7). What carries no IP address is sent from and to 02:00:00:00:00:00.
Mac made_mac(const Address& address);

// True for the link types (pcap's DLT numbers) for which a header can be made.
bool header_can_be_made(int link_type);

// Puts the Ethernet frame for `captured` into `frame` and returns how many bytes the link header in front of the
// payload was longer (negative) or shorter than Ethernet's. A packet too short for its link header gives no bytes.
// Requires: header_can_be_made(link_type).
int make_ethernet(int link_type, std::span<const std::byte> captured, std::vector<std::byte>& frame);

}  // namespace wardline::replay
