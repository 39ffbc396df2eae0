#include "dataplane/capture/headers.h"

#include <algorithm>

#include "dataplane/packet/packet_view.h"

namespace wardline::capture {
namespace {

using packet::PacketView;
using packet::Shape;

constexpr std::size_t kEthernet = 14, kArp = 28, kIpv4 = 20, kIpv6 = 40;
constexpr std::uint16_t kTypeIpv4 = 0x0800, kTypeIpv6 = 0x86dd;

// Headers that contradict themselves end nowhere: what is kept is header to every reader.
std::size_t length_of_unreadable(std::span<const std::byte> frame, const PacketView& view) {
  const std::size_t at = view.network_offset;
  if (at == 0) return kEthernet;
  if (at >= frame.size()) return at;
  const auto version = std::to_integer<unsigned>(frame[at]) >> 4;
  if (view.ethertype == kTypeIpv4 && version == 4) return at + kIpv4;
  if (view.ethertype == kTypeIpv6 && version == 6) return at + kIpv6;
  return at;
}

std::size_t length_of(std::span<const std::byte> frame, const PacketView& view) {
  switch (view.shape) {
    case Shape::kMalformed:
      return length_of_unreadable(frame, view);
    case Shape::kArp:
      return view.network_offset + kArp;
    default:
      return static_cast<std::size_t>(view.payload.data() - frame.data());
  }
}

}  // namespace

Headers cut_headers(std::span<const std::byte> frame) {
  const auto view = packet::parse(frame);
  Headers headers;
  headers.length = static_cast<std::uint16_t>(std::min({length_of(frame, view), frame.size(), Headers::kMost}));
  headers.tag_count = view.network_offset == 0 ? 0 : view.tag_count;  // else the tags may be cut short themselves
  std::ranges::copy(frame.first(headers.length), headers.bytes.begin());
  return headers;
}

}  // namespace wardline::capture
