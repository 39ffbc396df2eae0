#include "dataplane/glance/plain_view.h"

#include "dataplane/glance/plain.h"

namespace wardline::glance {
namespace {

using packet::L4;
using packet::PacketView;

template <typename Number>
Number big_endian(const std::byte* at) {
  return std::byteswap(raw<Number>(at));
}

// From the Ethernet header; returns the network header.
[[gnu::always_inline]] inline const std::byte* view_link(const std::byte* frame, PacketView& view) {
  const Link link = link_of(frame);
  view = {};
  view.shape = packet::Shape::kIp;
  std::memcpy(view.target_mac.bytes.data(), frame, 6);
  std::memcpy(view.source_mac.bytes.data(), frame + 6, 6);
  view.vlans[0] = link.vid;
  view.tag_count = link.offset != 14;
  view.ethertype = big_endian<std::uint16_t>(frame + link.offset - 2);
  view.network_offset = static_cast<std::uint16_t>(link.offset);
  return frame + link.offset;
}

// From the transport header, of which and after which there are `left` bytes.
[[gnu::always_inline]] inline void view_transport(const std::byte* header, std::size_t left, PacketView& view) {
  view.source_port = big_endian<std::uint16_t>(header);
  view.target_port = big_endian<std::uint16_t>(header + 2);
  std::size_t length = 8;
  if (view.proto == packet::kProtoTcp) {
    view.l4 = L4::kTcp;
    view.sequence = big_endian<std::uint32_t>(header + 4);
    view.acknowledgement = big_endian<std::uint32_t>(header + 8);
    length = (raw<std::uint8_t>(header + 12) >> 4) * 4u;
    view.tcp_flags = raw<std::uint8_t>(header + 13);
    view.tcp_window = big_endian<std::uint16_t>(header + 14);
    view.tcp_urgent = big_endian<std::uint16_t>(header + 18);
  } else {
    view.l4 = L4::kUdp;
  }
  view.payload = {header + length, left - length};
}

}  // namespace

void view_plain4(const Frame& frame, PacketView& view) {
  const std::byte* header = view_link(frame.bytes.data(), view);
  view.hop_limit = raw<std::uint8_t>(header + 8);
  view.proto = raw<std::uint8_t>(header + 9);
  view.source.bytes[10] = view.source.bytes[11] = view.target.bytes[10] = view.target.bytes[11] = 0xff;
  std::memcpy(view.source.bytes.data() + 12, header + 12, 4);
  std::memcpy(view.target.bytes.data() + 12, header + 16, 4);
  view_transport(header + 20, big_endian<std::uint16_t>(header + 2) - 20u, view);
}

void view_plain6(const Frame& frame, PacketView& view) {
  const std::byte* header = view_link(frame.bytes.data(), view);
  view.v6 = true;
  view.proto = raw<std::uint8_t>(header + 6);
  view.hop_limit = raw<std::uint8_t>(header + 7);
  std::memcpy(view.source.bytes.data(), header + 8, 16);
  std::memcpy(view.target.bytes.data(), header + 24, 16);
  view_transport(header + 40, big_endian<std::uint16_t>(header + 4), view);
}

}  // namespace wardline::glance
