#include "controlplane/replay/made_header.h"

#include <pcap/pcap.h>

#include <algorithm>
#include <optional>

#include "dataplane/packet/cursor.h"
#include "dataplane/packet/ip.h"

namespace wardline::replay {
namespace {

using packet::Cursor;

constexpr std::uint16_t kIpv4 = 0x0800, kArp = 0x0806, kIpv6 = 0x86dd;
constexpr std::uint16_t kUnknownType = 0xffff;  // reserved (RFC 1701), so nobody's protocol

// Length of the header in front of the payload, by link type; see tcpdump.org/linktypes.html.
std::optional<std::size_t> header_length(int link_type) {
  switch (link_type) {
    case DLT_RAW:
    case DLT_IPV4:
    case DLT_IPV6:
      return 0;
    case DLT_NULL:
    case DLT_LOOP:
      return 4;
    case DLT_LINUX_SLL:
      return 16;
    case DLT_LINUX_SLL2:
      return 20;
    default:
      return std::nullopt;
  }
}

// Address families have other numbers on every system, and other byte orders; the packet itself tells better.
std::uint16_t type_of_packet(Cursor payload) {
  switch (payload.u8() >> 4) {
    case 4:
      return kIpv4;
    case 6:
      return kIpv6;
    default:
      return kUnknownType;
  }
}

// Linux cooked headers give an ethertype, or a small number for LLC frames (0x0004) and for what is no Ethernet.
std::uint16_t type_of_cooked(std::uint16_t protocol, std::size_t payload_length) {
  if (protocol == 0x0004) return static_cast<std::uint16_t>(std::min<std::size_t>(payload_length, 1500));
  return protocol < 0x0600 ? kUnknownType : protocol;
}

struct Ends {
  Mac source{{2}}, target{{2}};
};

Ends ends_of(std::uint16_t type, Cursor in) {
  while (type == 0x8100 || type == 0x88a8) {
    const auto tag = in.take<4>();
    type = in.failed() ? kUnknownType : tag.u16<2>();
  }
  Address source, target;
  if (type == kIpv4) {
    const auto header = in.take<20>();
    source = packet::mapped_v4(header.bytes().subspan<12, 4>());
    target = packet::mapped_v4(header.bytes().subspan<16, 4>());
  } else if (type == kIpv6) {
    const auto header = in.take<40>();
    header.copy<8, 16>(source.bytes.data());
    header.copy<24, 16>(target.bytes.data());
  } else if (type == kArp) {
    const auto arp = in.take<28>();
    source = packet::mapped_v4(arp.bytes().subspan<14, 4>());
    target = arp.u16<6>() == 1 ? Address::v4(0xffffffff) : packet::mapped_v4(arp.bytes().subspan<24, 4>());
  } else {
    return {};
  }
  if (in.failed()) return {};
  return {made_mac(source), made_mac(target)};
}

Mac mac_of(std::uint16_t prefix, std::uint32_t rest) {
  Mac mac{{static_cast<std::uint8_t>(prefix >> 8), static_cast<std::uint8_t>(prefix)}};
  for (int i = 0; i < 4; ++i)
    mac.bytes[static_cast<std::size_t>(2 + i)] = static_cast<std::uint8_t>(rest >> (24 - 8 * i));
  return mac;
}

// FNV-1a: the same on every machine, so that a replay can be repeated.
std::uint32_t hash_of(const Address& address) {
  std::uint32_t hash = 2166136261u;
  for (const std::uint8_t byte : address.bytes) hash = (hash ^ byte) * 16777619u;
  return hash;
}

}  // namespace

Mac made_mac(const Address& address) {
  if (address.limited_broadcast()) return mac_of(0xffff, 0xffffffff);
  if (address.is_v4()) {
    const std::uint32_t number = address.v4_host_order();
    return address.multicast() ? mac_of(0x0100, 0x5e000000 | (number & 0x7fffff)) : mac_of(0x0200, number);
  }
  if (!address.multicast()) return mac_of(0x0200, hash_of(address));
  std::uint32_t last = 0;
  for (std::size_t i = 12; i < 16; ++i) last = last << 8 | address.bytes[i];
  return mac_of(0x3333, last);
}

bool header_can_be_made(int link_type) {
  return header_length(link_type).has_value();
}

int make_ethernet(int link_type, std::span<const std::byte> captured, std::vector<std::byte>& frame) {
  constexpr int kEthernet = 14;
  const std::size_t length = header_length(link_type).value_or(0);
  const int difference = kEthernet - static_cast<int>(length);
  frame.clear();
  Cursor in(captured);
  const std::span<const std::byte> header = in.take(length);
  if (in.failed()) return difference;

  std::uint16_t type = 0;
  if (link_type == DLT_LINUX_SLL) {
    type = type_of_cooked(Cursor(header.subspan(14)).u16(), in.left());
  } else if (link_type == DLT_LINUX_SLL2) {
    type = type_of_cooked(Cursor(header).u16(), in.left());
  } else {
    type = type_of_packet(in);
  }
  const Ends ends = ends_of(type, in);
  const auto append = [&frame](std::span<const std::byte> bytes) {
    frame.insert(frame.end(), bytes.begin(), bytes.end());
  };
  append(std::as_bytes(std::span(ends.target.bytes)));
  append(std::as_bytes(std::span(ends.source.bytes)));
  frame.push_back(static_cast<std::byte>(type >> 8));
  frame.push_back(static_cast<std::byte>(type & 0xff));
  append(in.rest());
  return difference;
}

}  // namespace wardline::replay
