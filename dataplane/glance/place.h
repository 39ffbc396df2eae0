#pragma once
#include "dataplane/glance/glance.h"
#include "dataplane/glance/plain.h"

// What is asked of each frame by itself, whoever asks the rest.
namespace wardline::glance {

// In place of a header that is not there.
inline constexpr std::array<std::byte, 64> kNoHeader{};

// What a key has of the way a frame came, where the key's second word has it: segment, and `pass` of a frame whose
// sender is the lower endpoint.
inline std::uint64_t origin_of(SegmentId segment, Side side) {
  return std::uint64_t{segment} << 32 | static_cast<std::uint64_t>(side) << 56;
}
inline constexpr std::uint64_t kOrigin = 0x0100'ffff'0000'0000;
static_assert(offsetof(flow::FlowKey4, segment) == 12 && offsetof(flow::FlowKey4, pass) == 15);
static_assert(static_cast<std::size_t>(Side::kCore) == 1);

// The origins of a burst's frames; those without a tag are nearly all.
struct Origins {
  const Look& how;
  std::array<std::uint64_t, 2> untagged;  // by Side

  explicit Origins(const Look& the_look) : how(the_look), untagged{tagged(Side::kDevice, 0), tagged(Side::kCore, 0)} {}
  std::uint64_t tagged(Side side, std::uint16_t vid) const {
    return origin_of(how.segments[static_cast<std::size_t>(side)][vid], side);
  }
};

// What may be the IPv4 header of a frame with no tag or one, to one station, that was not cut short; else kNoHeader,
// which no question takes for a header.
struct Place4 {
  const std::byte* header = kNoHeader.data();
  std::uint64_t origin = 0;  // origin_of, below it the bytes from the header on, and the header's first two bytes
  bool v6 = false;           // an IPv6 frame instead: look_at_v6
};
inline std::size_t left_of(std::uint64_t origin) {
  return origin >> 16 & 0xffff;
}

// `left`: bytes from the header on. Requires: 34 of them, at most 65,535.
inline Place4 place4_at(const std::byte* header, std::size_t left, std::uint64_t origin) {
  return {.header = header, .origin = origin | left << 16 | raw<std::uint16_t>(header)};
}

inline constexpr std::size_t kShortestLook = 14 + Header4::kRead, kLongestLook = 65'535;

// A frame without a tag that may be plain IPv4: as nearly all are.
inline bool has_ipv4_first(const Frame& frame) {
  constexpr std::uint16_t kIpv4 = 0x0008;  // as it lies in memory
  const std::byte* bytes = frame.bytes.data();
  const std::size_t size = frame.bytes.size();
  return size - kShortestLook <= kLongestLook - kShortestLook && frame.wire_length <= size &&
         (raw<std::uint8_t>(bytes) & 1) == 0 && __builtin_expect(raw<std::uint16_t>(bytes + 12) == kIpv4, 1) != 0;
}

// Of any other frame.
inline Place4 place4_elsewhere(const Frame& frame, const Origins& origins) {
  const std::byte* bytes = frame.bytes.data();
  const std::size_t size = frame.bytes.size();
  if (size < kShortestLook || size > kLongestLook || frame.wire_length > size || (raw<std::uint8_t>(bytes) & 1) != 0)
    return {};
  const Link link = link_of(bytes);
  if (!link.v4 || size - link.offset < Header4::kRead) return {.v6 = link.v6};
  return place4_at(bytes + link.offset, size - link.offset, origins.tagged(frame.side, link.vid));
}

inline Place4 place4_of(const Frame& frame, const Origins& origins) {
  if (has_ipv4_first(frame)) [[likely]]
    return place4_at(frame.bytes.data() + 14, frame.bytes.size() - 14,
                     origins.untagged[static_cast<std::size_t>(frame.side)]);
  return place4_elsewhere(frame, origins);
}

// is_edge4(), not compiled for more than any processor has.
bool is_edge4_at(const std::byte* header, std::size_t left);

// Key and hash of a plain IPv6 frame; a frame that is not plain leaves no bit.
void look_at_v6(const Frame& frame, std::size_t i, const Look& how, Burst& burst);

}  // namespace wardline::glance
