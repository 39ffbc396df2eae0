#pragma once
#include <bit>
#include <cstdint>
#include <cstring>

#include "dataplane/batch.h"
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

// Where the IP header of a frame with no tag or one begins, and whether that is a header we read here.
struct Link {
  std::uint32_t offset = 0;  // 0: neither
  std::uint16_t vid = 0;
  bool v6 = false;
};

inline Link link_of(const std::byte* frame, std::size_t size) {
  constexpr std::uint16_t kIpv4 = 0x0008, kIpv6 = 0xdd86, kTag = 0x0081;  // as they lie in memory
  if (size < 14 + 4) return {};
  auto type = raw<std::uint16_t>(frame + 12);
  Link link{14, 0, false};
  if (type == kTag) {
    link.vid = __builtin_bswap16(raw<std::uint16_t>(frame + 14)) & 0x0fff;
    type = raw<std::uint16_t>(frame + 16);
    link.offset = 18;
  }
  link.v6 = type == kIpv6;
  if (type != kIpv4 && !link.v6) link.offset = 0;
  return link;
}

// The transport header at `at`, with `left` bytes of the IP packet from there on and all of them present. Plain is a
// UDP header whose length is that of the packet, or a segment in the middle of a TCP connection: acknowledging,
// without SYN, FIN and RST, and without the bits that parse() calls odd.
inline bool plain_udp(const std::byte* at, std::size_t left) {
  if (left < 8) return false;
  const auto ports = raw<std::uint32_t>(at);
  const auto length = __builtin_bswap16(raw<std::uint16_t>(at + 4));
  // Port 0 is odd; what has the port of a DHCP server (67, v6: 547) may be DHCP, which no flow record judges.
  constexpr std::uint16_t kDhcp = 67, kDhcp6 = 547;
  const auto source = __builtin_bswap16(static_cast<std::uint16_t>(ports));
  const auto target = __builtin_bswap16(static_cast<std::uint16_t>(ports >> 16));
  const bool dhcp = source == kDhcp || target == kDhcp || source == kDhcp6 || target == kDhcp6;
  return length == left && target != 0 && !dhcp;
}

inline bool plain_tcp(const std::byte* at, std::size_t left) {
  if (left < 20) return false;
  const auto ports = raw<std::uint32_t>(at);
  const auto form = std::to_integer<std::uint32_t>(at[12]), flags = std::to_integer<std::uint32_t>(at[13]);
  const std::size_t header = (form >> 4) * 4;
  constexpr std::uint32_t kOpening = packet::kSyn | packet::kFin | packet::kRst | packet::kAck;
  return header >= 20 && header <= left && (form & 0x0e) == 0 && (flags & kOpening) == packet::kAck &&
         (ports & 0xffff) != 0 && ports >> 16 != 0;
}

inline bool plain_transport(std::uint8_t proto, const std::byte* at, std::size_t left) {
  if (proto == packet::kProtoUdp) return plain_udp(at, left);
  return proto == packet::kProtoTcp && plain_tcp(at, left);
}

// Of an IPv4 header without options: the sum of its ten words is all ones (RFC 791, 3.1; RFC 1071).
inline bool header_sum_holds(const std::byte* header) {
  std::uint64_t sum = std::uint64_t{raw<std::uint32_t>(header + 16)};
  for (int word = 0; word < 4; ++word) sum += raw<std::uint32_t>(header + 4 * word);
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  return ((sum & 0xffff) + (sum >> 16)) == 0xffff;
}

// `left`: bytes of the frame from the IP header on. True when it is a whole IPv4 packet without options, not a
// fragment, not from 0.0.0.0, to one host, and its transport header is plain, too.
inline bool plain_ipv4(const std::byte* header, std::size_t left) {
  if (left < 28) return false;
  const auto first = raw<std::uint32_t>(header);
  if ((first & 0xff) != 0x45) return false;
  const std::size_t total = __builtin_bswap16(static_cast<std::uint16_t>(first >> 16));
  constexpr std::uint16_t kDontFragment = 0x0040;  // as it lies in memory
  const bool whole = (raw<std::uint16_t>(header + 6) & ~kDontFragment) == 0;
  const auto time_and_proto = raw<std::uint16_t>(header + 8);
  const auto source = raw<std::uint32_t>(header + 12), target = raw<std::uint32_t>(header + 16);
  const bool to_one = (target & 0xf0) != 0xe0 && target != 0xffffffff;
  return total >= 28 && total <= left && whole && (time_and_proto & 0xff) != 0 && source != 0 && to_one &&
         header_sum_holds(header) &&
         plain_transport(static_cast<std::uint8_t>(time_and_proto >> 8), header + 20, total - 20);
}

// Likewise IPv6 without extension headers; addresses that hold an IPv4 one are odd.
inline bool plain_ipv6(const std::byte* header, std::size_t left) {
  if (left < 48 || (std::to_integer<std::uint32_t>(header[0]) >> 4) != 6) return false;
  const std::size_t length = __builtin_bswap16(raw<std::uint16_t>(header + 4));
  constexpr std::uint32_t kMapped = 0xffff0000;  // ::ffff:0:0/96, as it lies in memory
  const auto source_high = raw<std::uint64_t>(header + 8), target_high = raw<std::uint64_t>(header + 24);
  const auto source_mid = raw<std::uint32_t>(header + 16), target_mid = raw<std::uint32_t>(header + 32);
  const bool mapped = (source_high == 0 && source_mid == kMapped) || (target_high == 0 && target_mid == kMapped);
  const bool unspecified = source_high == 0 && raw<std::uint64_t>(header + 16) == 0;
  const bool to_one = (target_high & 0xff) != 0xff;
  return length != 0 && length <= left - 40 && header[7] != std::byte{0} && !mapped && !unspecified && to_one &&
         plain_transport(std::to_integer<std::uint8_t>(header[6]), header + 40, length);
}

}  // namespace wardline::glance
