#pragma once
#include <bit>
#include <cstdint>
#include <cstring>

#include "dataplane/batch.h"
#include "dataplane/packet/l4.h"
#include "dataplane/packet/packet_view.h"

// Plain frames: those whose headers are as nearly all are, so that one look tells everything a settled flow needs.
// What is plain must mean the same here and in packet::parse: tests/unit/dataplane/glance compares the two.
namespace wardline::glance {

static_assert(std::endian::native == std::endian::little);

// A number as it lies in memory, not turned into the host's order. Requires: the bytes are there.
template <typename Number>
inline Number raw(const std::byte* at) {
  Number number;
  std::memcpy(&number, at, sizeof number);
  return number;
}

// Where the network header of a frame with no tag or one begins, and whether it is one that is read here.
struct Link {
  std::uint32_t offset;
  std::uint16_t vid;
  bool v4, v6;
};

// Requires: 18 bytes.
inline Link link_of(const std::byte* frame) {
  constexpr std::uint16_t kIpv4 = 0x0008, kIpv6 = 0xdd86, kTag = 0x0081;  // as they lie in memory
  auto type = raw<std::uint16_t>(frame + 12);
  Link link{14, 0, false, false};
  if (type == kTag) {
    link.vid = __builtin_bswap16(raw<std::uint16_t>(frame + 14)) & 0x0fff;
    type = raw<std::uint16_t>(frame + 16);
    link.offset = 18;
  }
  link.v4 = type == kIpv4;
  link.v6 = type == kIpv6;
  return link;
}

// Whether one of two ports of 16 bits, as they lie in memory, is this one.
inline bool has_port(std::uint32_t ports, std::uint16_t port) {
  const std::uint32_t differ = ports ^ __builtin_bswap16(port) * 0x10001u;
  return ((differ - 0x00010001u) & ~differ & 0x80008000u) != 0;  // exact in the lowest half that is zero
}

// A UDP header whose length is that of the packet. Port 0 is odd; what has the port of a DHCP server may be DHCP, which
// no flow record judges.
inline bool plain_udp(std::uint32_t ports, std::uint32_t length_in_memory, std::size_t left, std::uint16_t dhcp_port) {
  return (__builtin_bswap16(static_cast<std::uint16_t>(length_in_memory)) == left) & (ports >> 16 != 0) &
         !has_port(ports, dhcp_port);
}

// Of a TCP header's length and flags, as they lie in memory: `form`.
inline constexpr std::uint32_t kReservedBits = 0x0e;
inline constexpr std::uint32_t kStateFlags = packet::kSyn | packet::kFin | packet::kRst | packet::kAck;
inline std::uint32_t tcp_header_length(std::uint32_t form) {
  return (form & 0xf0) >> 2;
}

// A segment in the middle of a TCP connection: acknowledging, without SYN, FIN and RST, and without what parse() calls
// odd.
inline bool plain_tcp(std::uint32_t ports, std::uint32_t form, std::size_t left) {
  const std::uint32_t header = tcp_header_length(form);
  return ((form & (kStateFlags << 8 | kReservedBits)) == packet::kAck << 8) & (header >= 20) & (header <= left) &
         !has_port(ports, 0);
}

// A segment that opens a TCP connection or ends its direction, likewise: SYN, SYN and ACK, or FIN and ACK. Options of
// what opens one are looked at as parse() does. `transport`: its header.
inline bool edge_tcp(const std::byte* transport, std::size_t left) {
  const auto ports = raw<std::uint32_t>(transport);
  const std::uint32_t form = raw<std::uint16_t>(transport + 12), state = form >> 8 & kStateFlags;
  const std::uint32_t header = tcp_header_length(form);
  const bool opens = state == packet::kSyn || state == (packet::kSyn | packet::kAck);
  if ((!opens && state != (packet::kFin | packet::kAck)) || (form & kReservedBits) != 0) return false;
  if (header < 20 || header > left || has_port(ports, 0)) return false;
  return !opens || !packet::options_broken(packet::Cursor({transport + 20, header - 20}));
}

// Requires: `left` of at least 8. Both questions are asked and one answer is taken: traffic mixes protocols, and a
// branch that is guessed wrong costs more.
inline bool plain_transport(std::uint32_t proto, std::uint32_t ports, std::uint32_t udp_length, std::uint32_t tcp_form,
                            std::size_t left, std::uint16_t dhcp_port) {
  return ((proto == packet::kProtoUdp) & plain_udp(ports, udp_length, left, dhcp_port)) |
         ((proto == packet::kProtoTcp) & plain_tcp(ports, tcp_form, left));
}

// The first 34 bytes of an IPv4 packet in registers, as they lie in memory.
struct Header4 {
  static constexpr std::size_t kRead = 34;

  std::uint64_t version_to_fragment, ttl_to_source, target_and_ports;
  std::uint32_t udp_length, tcp_form;  // 16 bits each, of which one means something

  explicit Header4(const std::byte* at)
      : version_to_fragment(raw<std::uint64_t>(at)),
        ttl_to_source(raw<std::uint64_t>(at + 8)),
        target_and_ports(raw<std::uint64_t>(at + 16)),
        udp_length(raw<std::uint16_t>(at + 24)),
        tcp_form(raw<std::uint16_t>(at + 32)) {}

  std::uint32_t source() const { return static_cast<std::uint32_t>(ttl_to_source >> 32); }
  std::uint32_t target() const { return static_cast<std::uint32_t>(target_and_ports); }
  std::uint32_t ports() const { return static_cast<std::uint32_t>(target_and_ports >> 32); }  // source below target
  std::uint32_t proto() const { return ttl_to_source >> 8 & 0xff; }
  std::uint32_t total() const { return __builtin_bswap16(static_cast<std::uint16_t>(version_to_fragment >> 16)); }
};

// Of an IPv4 header without options: the sum of its ten words is all ones (RFC 791, 3.1; RFC 1071). Carries go round.
inline bool sum_holds(const Header4& header) {
  unsigned long long sum = header.version_to_fragment;
  auto carry = __builtin_add_overflow(sum, header.ttl_to_source, &sum);
  sum += carry;  // cannot wrap again: the sum of two numbers and a carry
  carry = __builtin_add_overflow(sum, std::uint64_t{header.target()}, &sum);
  sum += carry;
  auto half = static_cast<std::uint32_t>(sum);
  const bool again = __builtin_add_overflow(half, static_cast<std::uint32_t>(sum >> 32), &half);
  half += again;
  return (half + std::rotl(half, 16)) >> 16 == 0xffff;
}

// True when it is an IPv4 packet without options, not a fragment, not from 0.0.0.0, and to one host.
inline bool plain_network(const Header4& header) {
  // Version 4, five words of header; no reserved bit, no more fragments, offset 0.
  constexpr std::uint64_t kShape = 0xffbf'0000'0000'00ff, kPlainShape = 0x45;
  return (header.version_to_fragment & kShape) == kPlainShape && (header.ttl_to_source & 0xff) != 0 &&
         header.source() != 0 && (header.target() & 0xf0) != 0xe0 && header.target() != 0xffffffff && sum_holds(header);
}

// Neither shorter than two headers nor longer than what is there: `left` bytes from the header on.
inline bool has_its_length(const Header4& header, std::size_t left) {
  constexpr std::size_t kShortest = 28;
  return header.total() - kShortest <= left - kShortest;
}

// A plain packet but for the TCP segment that it is. `at`: where `header` is read from.
inline bool is_edge4(const Header4& header, const std::byte* at, std::size_t left) {
  return header.proto() == packet::kProtoTcp && has_its_length(header, left) && plain_network(header) &&
         edge_tcp(at + 20, header.total() - 20u);
}

// And its transport header is plain, too. Requires: a total length of at least 28, of which all is there.
inline bool plain_ipv4(const Header4& header) {
  constexpr std::uint16_t kDhcpServer = 67;
  return plain_network(header) && plain_transport(header.proto(), header.ports(), header.udp_length, header.tcp_form,
                                                  header.total() - 20u, kDhcpServer);
}

// Likewise a whole IPv6 packet without extension headers; addresses that hold an IPv4 one are odd. `left`: bytes from
// its header on.
inline constexpr std::size_t kRead6 = 54;
inline bool plain_network6(const std::byte* header, std::size_t left) {
  if (left < kRead6 || (std::to_integer<std::uint32_t>(header[0]) >> 4) != 6) return false;
  const std::size_t length = __builtin_bswap16(raw<std::uint16_t>(header + 4));
  constexpr std::uint32_t kMapped = 0xffff0000;  // ::ffff:0:0/96, as it lies in memory
  const auto source_high = raw<std::uint64_t>(header + 8), target_high = raw<std::uint64_t>(header + 24);
  const auto source_mid = raw<std::uint32_t>(header + 16), target_mid = raw<std::uint32_t>(header + 32);
  const bool mapped = (source_high == 0 && source_mid == kMapped) || (target_high == 0 && target_mid == kMapped);
  const bool unspecified = source_high == 0 && raw<std::uint64_t>(header + 16) == 0;
  const bool to_one = (target_high & 0xff) != 0xff;
  return length >= 8 && length <= left - 40 && header[7] != std::byte{0} && !mapped && !unspecified && to_one;
}
inline bool plain_ipv6(const std::byte* header, std::size_t left) {
  constexpr std::uint16_t kDhcp6Server = 547;
  return plain_network6(header, left) &&
         plain_transport(std::to_integer<std::uint32_t>(header[6]), raw<std::uint32_t>(header + 40),
                         raw<std::uint16_t>(header + 44), raw<std::uint16_t>(header + 52),
                         __builtin_bswap16(raw<std::uint16_t>(header + 4)), kDhcp6Server);
}

// Whether a plain frame carries more than headers.
inline bool has_payload(const std::byte* frame) {
  const Link link = link_of(frame);
  const std::byte* const header = frame + link.offset;
  const std::byte* const transport = header + (link.v4 ? 20 : 40);
  const auto length = link.v4 ? __builtin_bswap16(raw<std::uint16_t>(header + 2)) - 20U
                              : __builtin_bswap16(raw<std::uint16_t>(header + 4)) + 0U;
  const bool tcp = header[link.v4 ? 9 : 6] == std::byte{packet::kProtoTcp};
  return length > (tcp ? (std::to_integer<std::uint32_t>(transport[12]) & 0xf0) >> 2 : 8U);
}

}  // namespace wardline::glance
