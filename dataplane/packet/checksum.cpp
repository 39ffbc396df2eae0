#include "dataplane/packet/checksum.h"

#include <array>

#include "dataplane/packet/cursor.h"
#include "dataplane/packet/ip.h"
#include "dataplane/packet/packet_view.h"

namespace wardline::packet {
namespace {

struct Segment {
  std::span<const std::byte> bytes;  // transport header and payload; empty: cannot be told
};

// The view does not keep where its transport header begins: only the few packets whose payload is scanned need it.
// A source-routed packet is summed with the address of its last stop, which the view does not know.
Segment segment_of(const PacketView& view, std::span<const std::byte> frame) {
  Cursor in(frame);
  in.skip(view.network_offset);
  if (view.v6) {
    const auto header = in.take<40>();
    const ExtensionChain chain = walk_extensions(in, header.u8<6>());
    if (!chain.readable || chain.source_routed) return {};
  } else {
    const auto header = in.take<20>();
    bool odd = false;
    if (source_routed(in.take((header.u8<0>() & 0xfu) * 4u - 20u), odd)) return {};
  }
  const std::byte* const begin = in.rest().data();
  const std::byte* const end = view.payload.data() + view.payload.size();
  in.limit(static_cast<std::size_t>(end - begin));
  return {in.rest()};
}

std::uint64_t add_pseudo_header(const PacketView& view, std::size_t length, std::uint64_t sum) {
  const auto source = std::as_bytes(std::span(view.source.bytes));
  const auto target = std::as_bytes(std::span(view.target.bytes));
  sum = add_ones(view.v6 ? source : source.last(4), sum);
  sum = add_ones(view.v6 ? target : target.last(4), sum);
  const std::array<std::uint8_t, 8> tail{static_cast<std::uint8_t>(length >> 24),
                                         static_cast<std::uint8_t>(length >> 16),
                                         static_cast<std::uint8_t>(length >> 8),
                                         static_cast<std::uint8_t>(length),
                                         0,
                                         0,
                                         0,
                                         view.proto};
  return add_ones(std::as_bytes(std::span(tail)), sum);
}

}  // namespace

bool checksum_holds(const PacketView& view, std::span<const std::byte> frame) {
  const bool has_checksum = view.shape == Shape::kIp && (view.l4 == L4::kTcp || view.l4 == L4::kUdp);
  if (!has_checksum || view.fragment) return true;
  const Segment segment = segment_of(view, frame);
  if (segment.bytes.empty()) return true;
  if (view.l4 == L4::kUdp) {
    Cursor in(segment.bytes);
    const bool absent = in.take<8>().u16<6>() == 0;
    if (absent) return !view.v6;  // IPv6 receivers discard it (RFC 8200, 8.1)
  }
  return fold_ones(add_pseudo_header(view, segment.bytes.size(), add_ones(segment.bytes, 0))) == 0xffff;
}

}  // namespace wardline::packet
