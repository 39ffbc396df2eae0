#include "dataplane/detect/headers.h"

#include "dataplane/packet/cursor.h"

namespace wardline::detect {

namespace {

bool ipv4_source_route(packet::Cursor cursor) {
  constexpr std::uint8_t kEnd = 0, kNothing = 1, kLoose = 131, kStrict = 137;
  const auto header = cursor.take<20>();
  const std::size_t length = (header.u8<0>() & 15U) * 4U;
  if (cursor.failed() || length < 20) return false;
  packet::Cursor options(cursor.take(length - 20));
  while (options.left() != 0) {  // at most 40 bytes
    const auto type = options.u8();
    if (type == kEnd) return false;
    if (type == kNothing) continue;
    if (type == kLoose || type == kStrict) return true;
    const auto size = options.u8();
    if (size < 2) return false;
    options.skip(size - 2U);
  }
  return false;
}

bool ipv6_routing_zero(packet::Cursor cursor) {
  constexpr std::uint8_t kHopByHop = 0, kRouting = 43, kDestination = 60;
  constexpr int kMostHeaders = 8;
  auto next = cursor.take<40>().u8<6>();
  for (int i = 0; i < kMostHeaders && !cursor.failed(); ++i) {
    if (next != kHopByHop && next != kRouting && next != kDestination) return false;
    const auto header = cursor.take<8>();
    if (next == kRouting && header.u8<2>() == 0) return !cursor.failed();
    cursor.skip(header.u8<1>() * std::size_t{8});
    next = header.u8<0>();
  }
  return false;
}

}  // namespace

bool has_source_route(const packet::PacketView& view, std::span<const std::byte> frame) {
  if (view.shape != packet::Shape::kIp || view.network_offset >= frame.size()) return false;
  const packet::Cursor cursor(frame.subspan(view.network_offset));
  return view.v6 ? ipv6_routing_zero(cursor) : ipv4_source_route(cursor);
}

}  // namespace wardline::detect
