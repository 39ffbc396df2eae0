#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "dataplane/packet/packet_view.h"

namespace wardline::fragments {

inline constexpr std::size_t kLongestPacket =
    65535;  // of IPv4 (RFC 791, 3.1) and of IPv6 after its header (RFC 8200, 3)

// What one fragment says of its datagram. Places are offsets into the frame that brought it.
struct Fragment {
  std::uint32_t id = 0;
  std::uint32_t offset = 0;  // of its data within the datagram
  bool more = false;
  std::uint8_t proto = 0;          // what the whole data is
  std::size_t headers_end = 0;     // behind the IP headers that every fragment repeats
  std::size_t next_header_at = 0;  // IPv6: the byte that says that a fragment header follows
  std::span<const std::byte> data;

  // Fits a datagram: pieces but the last are multiples of 8 bytes, nothing lies beyond the largest packet.
  bool in_bounds() const {
    const bool ragged = more && data.size() % 8 != 0;
    return !data.empty() && !ragged && offset + data.size() <= kLongestPacket;
  }
};

// Reads the fragment fields of a frame that packet::parse found to be a fragment. Of several IPv6 fragment headers the
// first counts. Nothing where the lengths contradict the frame.
std::optional<Fragment> read_fragment(const packet::PacketView& view, std::span<const std::byte> frame);

// Writes the link and IP headers of a whole packet in front of `data_length` bytes of data: those of the first fragment
// without what made it one, with right lengths and IPv4 checksum. Returns how many bytes they are; nothing if the
// packet would be too long or `room` too small for headers and data.
std::optional<std::size_t> write_whole_headers(const packet::PacketView& first_view, const Fragment& first,
                                               std::span<const std::byte> first_frame, std::size_t data_length,
                                               std::span<std::byte> room);

}  // namespace wardline::fragments
