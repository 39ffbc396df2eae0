#include "dataplane/glance/place.h"

namespace wardline::glance {
namespace {

Address address_at(const std::byte* at) {
  Address address;
  std::memcpy(address.bytes.data(), at, address.bytes.size());
  return address;
}

flow::FlowKey6 key_of(const std::byte* header, SegmentId segment, Side side) {
  const auto source_port = __builtin_bswap16(raw<std::uint16_t>(header + 40));
  const auto target_port = __builtin_bswap16(raw<std::uint16_t>(header + 42));
  return flow::orient6(segment, address_at(header + 8), source_port, address_at(header + 24), target_port,
                       raw<std::uint8_t>(header + 6), side)
      .key;
}

// By itself, so that it costs other frames no register.
[[gnu::noinline]] bool is_edge6(const std::byte* header, std::size_t left) {
  return plain_network6(header, left) && header[6] == std::byte{packet::kProtoTcp} &&
         edge_tcp(header + 40, __builtin_bswap16(raw<std::uint16_t>(header + 4)));
}

}  // namespace

void look_at_v6(const Frame& frame, std::size_t i, const Look& how, Burst& burst) {
  const Link link = link_of(frame.bytes.data());
  const std::byte* header = frame.bytes.data() + link.offset;
  const std::size_t left = frame.bytes.size() - link.offset;
  if (!plain_ipv6(header, left)) {
    if (!is_edge6(header, left)) return;
    burst.edges |= 1U << i;
  }
  const auto segment = how.segments[static_cast<std::size_t>(frame.side)][link.vid];
  burst.keys6[i] = key_of(header, segment, frame.side);
  burst.hashes[i] = flow::hash(burst.keys6[i], how.seed);
  burst.plain6 |= 1U << i;
}

}  // namespace wardline::glance
