#pragma once
#include <array>
#include <cstdint>
#include <span>

#include "dataplane/address.h"

namespace wardline::packet {

// How far the parser got, and thereby who judges the frame.
enum class Shape : std::uint8_t {
  kMalformed,    // a header cannot be read
  kLinkControl,  // 01:80:C2:00:00:0x, CDP/PVST+ and the like, EAPOL: no device's, passed by default
  kArp,
  kIp,     // IPv4 or IPv6, `l4` tells the rest
  kOther,  // another ethertype or LLC; see `ethertype`
};

enum class L4 : std::uint8_t {
  kNone,  // an IP protocol without ports, or a non-first fragment
  kTcp,
  kUdp,
  kIcmpQuery,  // echo and the like: `source_port` = `target_port` = the identifier (RFC 792, RFC 4443)
  kIcmpError,  // quotes a packet: see `quoted`
  kIcmpOther,  // neighbour discovery, MLD, router advertisement ...
};

inline constexpr std::uint8_t kProtoIcmp = 1, kProtoIgmp = 2, kProtoTcp = 6, kProtoUdp = 17, kProtoIcmp6 = 58;

// TCP flags as on the wire (RFC 9293, 3.1).
inline constexpr std::uint8_t kFin = 1, kSyn = 2, kRst = 4, kPsh = 8, kAck = 16, kUrg = 32;

// The 5-tuple of a packet that an ICMP error quotes.
struct Quoted {
  Address source, target;
  std::uint16_t source_port = 0, target_port = 0;
  std::uint8_t proto = 0;
  bool valid = false;  // false: too short to tell, judged by the outer addresses
};

// What the worker knows of a frame after parsing. Views point into the frame's bytes and live as long as the burst.
struct PacketView {
  Shape shape = Shape::kMalformed;
  L4 l4 = L4::kNone;
  bool v6 = false;
  bool fragment = false;        // any fragment, the first included (RFC 791, RFC 8200 4.5)
  bool first_fragment = false;  // has the ports
  bool odd = false;             // readable but unusual (length 0, wrong IP checksum, reserved bits, source route ...)
  bool tcp_options_broken = false;  // of a SYN: an option's length contradicts its header or itself
  bool checksum_bad = false;        // for who calls `checksum_holds` to keep its answer; `parse` leaves it

  Mac source_mac, target_mac;
  std::array<std::uint16_t, 2> vlans{};  // VIDs, outer first; 0 where absent
  std::uint8_t tag_count = 0;            // tags seen, at most 2 are looked through
  std::uint16_t ethertype = 0;           // after the tags; 0 for LLC frames
  std::uint16_t network_offset = 0;      // of the IP header

  Address source, target;  // ARP: sender and target protocol addresses
  Mac arp_sender_mac;      // ARP only
  std::uint8_t proto = 0;  // IP protocol after extension headers (kArp: the ARP operation's low byte)
  std::uint8_t hop_limit = 0;
  std::uint16_t source_port = 0, target_port = 0;

  std::uint8_t icmp_type = 0, icmp_code = 0;
  Quoted quoted;

  std::uint8_t tcp_flags = 0;
  std::uint16_t tcp_window = 0, tcp_urgent = 0;
  std::uint32_t sequence = 0, acknowledgement = 0;

  // Of TCP, UDP and ICMP what follows their header, without Ethernet padding; of other IP protocols and of later
  // fragments the bytes after the IP headers; of frames that are not IP what follows the link header.
  std::span<const std::byte> payload;
};

// Reads a frame's headers. Never reads past `frame`; never fails: a frame that cannot be read has Shape::kMalformed.
// Looks through up to two VLAN tags (0x8100, 0x88A8, 0x9100), LLC/SNAP, IPv4 options, IPv6 extension headers
// (at most 8), and the packet quoted by an ICMP error.
PacketView parse(std::span<const std::byte> frame);

// True when the TCP or UDP checksum is right, or cannot be told (fragment, UDP over IPv4 without checksum).
bool checksum_holds(const PacketView& view, std::span<const std::byte> frame);

}  // namespace wardline::packet
