#pragma once
#include <string_view>

#include "dataplane/capture/filter.h"
#include "dataplane/error.h"

namespace wardline::capture {

inline constexpr std::size_t kLongestFilter = 512;  // bytes

// Compiles an expression in tcpdump's words: host, net, port, portrange, src, dst, tcp, udp, icmp, icmp6, arp, ip,
// ip6, ether, vlan, less, greater, broadcast and multicast with numbers and addresses, joined by and, or, not and
// brackets. No names: looking one up would make the caller wait. VLAN tags are looked through, unless the expression
// begins with `vlan`. Code: capture.filter; every word that is wrong is told at its column.
Result<Filter> read_filter(std::string_view text);

}  // namespace wardline::capture
