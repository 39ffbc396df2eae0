#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace wardline::capture {

// The headers of a frame, from Ethernet to transport, and not a byte of what they carry.
struct Headers {
  static constexpr std::size_t kMost = 128;  // longer ones are cut there

  std::array<std::byte, kMost> bytes;
  std::uint16_t length = 0;
  std::uint8_t tag_count = 0;  // VLAN tags among them, at most 2

  std::span<const std::byte> used() const { return std::span(bytes).first(length); }
};

// Ethernet with its tags, then ARP, or IP with options and extension headers and the first header above it: TCP with
// options, UDP, the 4 or 8 bytes of ICMP. Of a frame that cannot be read: Ethernet and the fixed part of an IP header.
Headers cut_headers(std::span<const std::byte> frame);

}  // namespace wardline::capture
