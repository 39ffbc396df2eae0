#include "dataplane/glance/glance.h"

#include "dataplane/glance/plain.h"

namespace wardline::glance {
namespace {

// (address, port) by number, as flow::orient4 orders them.
std::uint64_t place_of(std::uint32_t address, std::uint16_t port) {
  return std::uint64_t{__builtin_bswap32(address)} << 16 | __builtin_bswap16(port);
}

// The key that flow::orient4 makes of the same frame.
flow::FlowKey4 key_of(const std::byte* header, SegmentId segment, bool from_core) {
  const auto source = raw<std::uint32_t>(header + 12), target = raw<std::uint32_t>(header + 16);
  const auto source_port = raw<std::uint16_t>(header + 20), target_port = raw<std::uint16_t>(header + 22);
  const auto from = place_of(source, source_port), to = place_of(target, target_port);
  const bool from_high = from > to;
  const bool pass = from == to ? from_core : from_high != from_core;
  return {from_high ? target : source,
          from_high ? source : target,
          from_high ? target_port : source_port,
          from_high ? source_port : target_port,
          segment,
          std::to_integer<std::uint8_t>(header[9]),
          pass};
}

Address address_at(const std::byte* at) {
  Address address;
  std::memcpy(address.bytes.data(), at, address.bytes.size());
  return address;
}

flow::FlowKey6 key6_of(const std::byte* header, SegmentId segment, Side side) {
  const auto source_port = __builtin_bswap16(raw<std::uint16_t>(header + 40));
  const auto target_port = __builtin_bswap16(raw<std::uint16_t>(header + 42));
  return flow::orient6(segment, address_at(header + 8), source_port, address_at(header + 24), target_port,
                       std::to_integer<std::uint8_t>(header[6]), side)
      .key;
}

}  // namespace

void look(std::span<const Frame> frames, const enforce::SegmentMap& segments, std::uint16_t bundle,
          const flow::HashSeed& seed, Burst& burst) {
  burst.plain4 = burst.plain6 = 0;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const Frame& frame = frames[i];
    const std::byte* bytes = frame.bytes.data();
    const std::size_t size = frame.bytes.size();
    const Link link = link_of(bytes, size);
    const bool cut_or_group = frame.wire_length > size || (size != 0 && std::to_integer<unsigned>(bytes[0]) % 2 != 0);
    if (link.offset == 0 || cut_or_group) continue;
    const std::byte* header = bytes + link.offset;
    if (link.v6) [[unlikely]] {
      if (!plain_ipv6(header, size - link.offset)) continue;
      burst.keys6[i] = key6_of(header, segments.of_outer(bundle, frame.side, link.vid), frame.side);
      burst.hashes[i] = flow::hash(burst.keys6[i], seed);
      burst.plain6 |= 1U << i;
    } else if (plain_ipv4(header, size - link.offset)) {
      burst.keys4[i] = key_of(header, segments.of_outer(bundle, frame.side, link.vid), frame.side == Side::kCore);
      burst.hashes[i] = flow::hash(burst.keys4[i], seed);
      burst.plain4 |= 1U << i;
    }
  }
}

}  // namespace wardline::glance
