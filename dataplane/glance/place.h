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

// `left`: bytes from the header on. Requires: 34 of them.
inline Place4 place4_at(const std::byte* header, std::size_t left, const Frame& frame, std::uint16_t vid,
                        const Look& how) {
  constexpr std::size_t kShortest = 28;
  const std::size_t total = __builtin_bswap16(raw<std::uint16_t>(header + 2));
  if (total - kShortest > left - kShortest) return {};  // shorter, or longer than what is there
  const auto side = static_cast<std::size_t>(frame.side);
  return {.header = header, .origin = how.segments[side][vid] | std::uint64_t{side} << 16, .lengths_fit = true};
}
static_assert(static_cast<std::size_t>(Side::kCore) == 1);

inline Place4 place4_of(const Frame& frame, const Look& how) {
  constexpr std::uint16_t kIpv4 = 0x0008;  // as it lies in memory
  const std::byte* bytes = frame.bytes.data();
  const std::size_t size = frame.bytes.size();
  if (size < 14 + Header4::kRead || frame.wire_length > size || (raw<std::uint8_t>(bytes) & 1) != 0) return {};
  if (raw<std::uint16_t>(bytes + 12) == kIpv4) [[likely]]
    return place4_at(bytes + 14, size - 14, frame, 0, how);
  const Link link = link_of(bytes);
  if (!link.v4 || size - link.offset < Header4::kRead) return {.v6 = link.v6};
  return place4_at(bytes + link.offset, size - link.offset, frame, link.vid, how);
}

// Key and hash of a plain IPv6 frame; a frame that is not plain leaves no bit.
void look_at_v6(const Frame& frame, std::size_t i, const Look& how, Burst& burst);

}  // namespace wardline::glance
