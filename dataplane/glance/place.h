#pragma once
#include "dataplane/glance/glance.h"
#include "dataplane/glance/plain.h"

// What is asked of each frame by itself, whoever asks the rest.
namespace wardline::glance {

// In place of a header that is not there.
inline constexpr std::array<std::byte, 64> kNoHeader{};

// The IPv4 header of a frame with no tag or one, to one station, that was not cut short. Where there is none, or it is
// too short or longer than the bytes that are there, `lengths_fit` is false and `header` is kNoHeader.
struct Place4 {
  const std::byte* header = kNoHeader.data();
  std::uint64_t origin = 0;  // segment, and bit 16 for a frame from the core
  bool lengths_fit = false;
  bool v6 = false;  // an IPv6 frame instead: look_at_v6
};

inline Place4 place4_of(const Frame& frame, const Look& how) {
  Place4 place;
  const std::byte* bytes = frame.bytes.data();
  const std::size_t size = frame.bytes.size();
  if (size < 14 + Header4::kRead || frame.wire_length > size || (raw<std::uint8_t>(bytes) & 1) != 0) return place;
  const Link link = link_of(bytes);
  if (link.v6) [[unlikely]] {
    place.v6 = true;
    return place;
  }
  const std::byte* header = bytes + link.offset;
  const std::size_t total = __builtin_bswap16(raw<std::uint16_t>(header + 2));
  if (!link.v4 || total < 28 || total > size - link.offset || size - link.offset < Header4::kRead) return place;
  place.header = header;
  place.origin = how.segments[static_cast<std::size_t>(frame.side)][link.vid] |
                 (frame.side == Side::kCore ? std::uint64_t{1} << 16 : 0);
  place.lengths_fit = true;
  return place;
}

// Key and hash of a plain IPv6 frame; a frame that is not plain leaves no bit.
void look_at_v6(const Frame& frame, std::size_t i, const Look& how, Burst& burst);

}  // namespace wardline::glance
