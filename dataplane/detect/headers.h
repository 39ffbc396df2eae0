#pragma once
#include <cstddef>
#include <span>

#include "dataplane/packet/packet_view.h"

namespace wardline::detect {

// A SYN as Mirai and its kin send them: the sequence number is the address that is probed. By chance one in 2^32.
inline bool is_mirai_syn(const packet::PacketView& view) {
  return view.proto == packet::kProtoTcp && !view.v6 &&
         (view.tcp_flags & (packet::kSyn | packet::kAck)) == packet::kSyn &&
         view.sequence == view.target.v4_host_order();
}

// An IPv4 packet with a loose or strict source route (RFC 791, 3.1), which no host needs and CVE-2019-12256 abuses, or
// an IPv6 one with routing header 0, which RFC 5095 took away.
bool has_source_route(const packet::PacketView& view, std::span<const std::byte> frame);

// IPv4 or IPv6 within IP (RFC 2003, RFC 4213): a tunnel has no business with a device (CVE-2020-11896).
inline bool is_tunnel(const packet::PacketView& view) {
  return view.shape == packet::Shape::kIp && (view.proto == 4 || view.proto == 41);
}

}  // namespace wardline::detect
