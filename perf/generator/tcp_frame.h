#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "perf/generator/addresses.h"
#include "perf/generator/board.h"
#include "perf/generator/ones_sum.h"

namespace wardline::perf {

enum TcpFlags : std::uint8_t { kSyn = 0x02, kPush = 0x08, kAck = 0x10 };

// One segment between a device and the one peer that these workloads have.
struct Segment {
  std::uint32_t device = 0;
  std::uint16_t device_port = 0, peer_port = 0;
  std::uint32_t sequence = 0, acknowledgement = 0;
  std::uint8_t flags = kAck;
};

// Writes Ethernet, IPv4 and TCP without options around a payload, with right checksums, padded to 64 bytes.
class TcpFrame {
 public:
  static constexpr std::size_t kHeaders = 54, kShortest = 64;

  TcpFrame(std::uint32_t peer, std::uint16_t vlan) : peer_(peer), vlan_(vlan) {}

  // The frame's length. The room takes 64 bytes beyond the payload's end.
  std::uint16_t write(std::byte* room, Leg from, const Segment& segment, std::span<const std::byte> payload,
                      std::uint32_t payload_sum) const {
    const bool out = from == Leg::kDevice;
    const std::uint32_t device = kFirstDevice + segment.device;
    std::byte* const line = vlan_ == 0 ? room : room + 4;
    put(line, 0, std::uint16_t{kMacStart});
    put(line, 2, out ? kWireRouterEnd : wire_mac_end(segment.device));
    put(line, 6, std::uint16_t{kMacStart});
    put(line, 8, out ? wire_mac_end(segment.device) : kWireRouterEnd);
    put_ip(line + 12, out ? device : peer_, out ? peer_ : device, payload.size());
    put_tcp(line + 34, segment, out, device, payload.size(), payload_sum);
    std::memset(line + kHeaders, 0, kShortest - kHeaders);
    if (!payload.empty()) std::memcpy(line + kHeaders, payload.data(), payload.size());
    const auto length = std::max(kShortest, kHeaders + payload.size());
    if (vlan_ == 0) return static_cast<std::uint16_t>(length);
    std::memmove(room, line, 12);
    put(room, 12, wire(std::uint16_t{0x8100}));
    put(room, 14, wire(vlan_));
    return static_cast<std::uint16_t>(length + 4);
  }

  // Writes a frame again from what it says of itself: from byte 12 on it must be the same.
  bool is_unharmed(Leg from, std::span<const std::byte> frame) const {
    const std::size_t shift = vlan_ == 0 ? 0 : 4;
    if (frame.size() < kShortest + shift) return false;
    const std::byte* const line = frame.data() + shift;
    const bool out = from == Leg::kDevice;
    const std::size_t payload = std::size_t{get<std::uint16_t>(line, 16)} - (kHeaders - 14);
    if (payload > frame.size() - shift - kHeaders) return false;
    const Segment segment{.device = get<std::uint32_t>(line, out ? 26 : 30) - kFirstDevice,
                          .device_port = get<std::uint16_t>(line, out ? 34 : 36),
                          .peer_port = get<std::uint16_t>(line, out ? 36 : 34),
                          .sequence = get<std::uint32_t>(line, 38),
                          .acknowledgement = get<std::uint32_t>(line, 42),
                          .flags = std::to_integer<std::uint8_t>(line[47])};
    std::array<std::byte, 2048> made;
    if (segment.device >= kMostDevices || frame.size() > made.size() - kShortest) return false;
    const auto length = write(made.data(), from, segment, {line + kHeaders, payload},
                              fold(sum_of(line + kHeaders, payload)));
    return std::ranges::equal(frame.subspan(12), std::span(made).first(length).subspan(12));
  }

 private:
  template <typename Value>
  static Value get(const std::byte* at, std::size_t offset) {
    Value value;
    std::memcpy(&value, at + offset, sizeof value);
    return wire(value);
  }

  template <typename Value>
  static void put(std::byte* at, std::size_t offset, Value value) {
    std::memcpy(at + offset, &value, sizeof value);
  }

  static std::uint32_t halves(std::uint32_t value) { return (value & 0xffff) + (value >> 16); }

  static void put_ip(std::byte* at, std::uint32_t source, std::uint32_t target, std::size_t payload) {
    constexpr std::uint32_t kIpv4 = 0x0800'4500, kDontFragment = 0x4000, kTtl64Tcp = 0x4006;
    const auto length = static_cast<std::uint32_t>(40 + payload);
    const std::uint32_t sum = 0x4500 + length + kDontFragment + kTtl64Tcp + halves(source) + halves(target);
    put(at, 0, wire(kIpv4));
    put(at, 4, wire(length << 16));
    put(at, 8, wire(kDontFragment << 16 | kTtl64Tcp));
    put(at, 12, wire(static_cast<std::uint16_t>(~fold(sum))));
    put(at, 14, wire(source));
    put(at, 18, wire(target));
  }

  void put_tcp(std::byte* at, const Segment& segment, bool out, std::uint32_t device, std::size_t payload,
               std::uint32_t payload_sum) const {
    constexpr std::uint32_t kTcp = 6, kFiveWords = 0x5000, kWindow = 0xffff;
    const std::uint32_t source = out ? segment.device_port : segment.peer_port;
    const std::uint32_t target = out ? segment.peer_port : segment.device_port;
    const std::uint32_t wire_payload_sum = fold(payload_sum);
    const std::uint32_t sum = halves(peer_) + halves(device) + kTcp + static_cast<std::uint32_t>(20 + payload) +
                              source + target + halves(segment.sequence) + halves(segment.acknowledgement) +
                              (kFiveWords | segment.flags) + kWindow + (wire_payload_sum << 8);
    put(at, 0, wire(source << 16 | target));
    put(at, 4, wire(segment.sequence));
    put(at, 8, wire(segment.acknowledgement));
    put(at, 12, wire((kFiveWords | segment.flags) << 16 | kWindow));
    put(at, 16, wire(static_cast<std::uint16_t>(~fold(sum))));
    put(at, 18, std::uint16_t{0});
  }

  std::uint32_t peer_;
  std::uint16_t vlan_;
};

}  // namespace wardline::perf
