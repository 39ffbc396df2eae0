#pragma once
#include <cstdint>
#include <span>

#include "dataplane/address.h"
#include "dataplane/packet/cursor.h"
#include "dataplane/packet/packet_view.h"

namespace wardline::packet {

// Both read from the first byte of the IP header and fill the view down to the transport. They leave
// Shape::kMalformed when a header cannot be read. The cursor goes down by reference: copying one that was just written
// makes the next read wait for the store, which cost more than all the parsing.
void parse_ipv4(Cursor& in, PacketView& view);
void parse_ipv6(Cursor& in, PacketView& view);

// The extension headers of an IPv6 packet (RFC 8200, 4), which end at a transport, at another protocol or in a
// fragment that is not the first.
struct ExtensionChain {
  std::uint8_t proto = 0;  // what follows the last header read
  bool readable = false;   // false: cut short, or more than kMaxExtensions
  bool fragment = false, first_fragment = false;
  bool source_routed = false;  // `target` of the IP header is a stop on the way, not the end of it
  bool odd = false;
};
inline constexpr int kMaxExtensions = 8;
ExtensionChain walk_extensions(Cursor& in, std::uint8_t first);

// True when IPv4 options reroute the packet (RFC 791: loose or strict source route). Sets `odd` for options whose
// lengths do not add up.
bool source_routed(std::span<const std::byte> options, bool& odd);

// Written in place: an address put together in parts and then copied whole would wait for its own stores.
inline void set_mapped_v4(Address& address, std::span<const std::byte, 4> wire) {
  address.bytes[10] = address.bytes[11] = 0xff;
  std::memcpy(address.bytes.data() + 12, wire.data(), wire.size());
}
inline Address mapped_v4(std::span<const std::byte, 4> wire) {
  Address address;
  set_mapped_v4(address, wire);
  return address;
}

}  // namespace wardline::packet
