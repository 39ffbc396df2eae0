#pragma once
#include <bit>
#include <cstdint>

// Who is on the wire: devices and peers by number. Numbers in wire order are named `wire…`.
namespace wardline::perf {

inline constexpr std::uint32_t kFirstDevice = 0x0a14'0100;  // 10.20.1.0, within 10.20.0.0/14
inline constexpr std::uint32_t kMostDevices = 250'000;
inline constexpr std::uint32_t kFirstPeer = 0x0a28'4000;  // 10.40.64.0
inline constexpr std::uint32_t kMostPeers = 16'384;       // up to 10.40.127.255

// A device's MAC is 02:57:4c and its number; all peers stand behind a router, 02:57:4d:00:00:01.
inline constexpr std::uint32_t kMacStart = 0x5702;               // 02:57 as it lies in memory
inline constexpr std::uint32_t kWireRouterEnd = 0x0100'004d;     // 4d:00:00:01
inline constexpr std::uint32_t wire_mac_end(std::uint32_t device) {  // 4c:dd:dd:dd
  return std::byteswap(0x4c00'0000 | device);
}

inline constexpr std::uint32_t wire(std::uint32_t value) {
  return std::byteswap(value);
}
inline constexpr std::uint16_t wire(std::uint16_t value) {
  return std::byteswap(value);
}

}  // namespace wardline::perf
