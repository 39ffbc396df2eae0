#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "perf/generator/addresses.h"
#include "perf/generator/board.h"
#include "perf/generator/ones_sum.h"

namespace wardline::perf {

// One UDP conversation, by the numbers of who takes part.
struct Conversation {
  std::uint32_t device = 0, peer = 0;
  std::uint16_t device_port = 0, peer_port = 0;
  bool operator==(const Conversation&) const = default;
};

// The first 22 bytes of a payload, as they lie in the frame's words 5 (its upper six bytes), 6 and 7.
struct PayloadWords {
  std::uint64_t first = 0, second = 0, third = 0;  // the lower 16 bits of `first` are zero

  std::uint64_t sum() const {
    return (first & 0xffff'ffff) + (first >> 32) + (second & 0xffff'ffff) + (second >> 32) + (third & 0xffff'ffff) +
           (third >> 32);
  }
};

// Writes Ethernet, IPv4 and UDP around a payload, in words of eight bytes, with right checksums: what does not change
// from frame to frame was summed beforehand. Frames of 64 bytes take eight stores into one line.
class UdpFrame {
 public:
  static constexpr std::size_t kPayloadAt = 42, kWordsEnd = 64;

  // `size` without tag and FCS; `tail`: the bytes behind the first 64.
  UdpFrame(std::uint16_t size, std::uint16_t vlan, std::vector<std::byte> tail)
      : size_(size), vlan_(vlan), tail_(std::move(tail)) {
    const std::uint16_t ip_length = wire(static_cast<std::uint16_t>(size - 14));
    wire_udp_length_ = wire(static_cast<std::uint16_t>(size - 34));
    constexpr std::uint64_t kDontFragmentTtl64Udp = 0x1140'0040'0000;  // id 0, DF, TTL 64, UDP, as they lie behind
    ip_word_ = ip_length | kDontFragmentTtl64Udp << 16;
    constexpr std::uint64_t kVersionAndTos = 0x0045;
    ip_sum_ = kVersionAndTos + ip_length + 0x0040 + 0x1140;
    udp_sum_ = std::uint64_t{0x1100} + 2 * std::uint64_t{wire_udp_length_} + sum_of(tail_.data(), tail_.size());
  }

  std::uint16_t length() const { return static_cast<std::uint16_t>(size_ + (vlan_ != 0 ? 4 : 0)); }

  template <Leg from>
  void write(std::byte* at, const Conversation& who, const PayloadWords& payload) const {
    const std::uint64_t device = wire(kFirstDevice + who.device), peer = wire(kFirstPeer + who.peer);
    const std::uint64_t device_port = wire(who.device_port), peer_port = wire(who.peer_port);
    const std::uint64_t mac = wire_mac_end(who.device);
    const std::uint64_t addresses = (device & 0xffff) + (device >> 16) + (peer & 0xffff) + (peer >> 16);
    std::uint16_t udp_checksum = checksum_of(udp_sum_ + addresses + device_port + peer_port + payload.sum());
    if (udp_checksum == 0) udp_checksum = 0xffff;
    const std::uint64_t ip_checksum = checksum_of(ip_sum_ + addresses);

    constexpr bool out = from == Leg::kDevice;
    const std::uint64_t source = out ? device : peer, target = out ? peer : device;
    const std::uint64_t source_port = out ? device_port : peer_port, target_port = out ? peer_port : device_port;
    constexpr std::uint64_t kSecondMacStart = std::uint64_t{kMacStart} << 48;
    constexpr std::uint64_t kIpv4 = std::uint64_t{0x0045'0008} << 32;
    std::array<std::uint64_t, 8> words;
    words[0] = kMacStart | (out ? std::uint64_t{kWireRouterEnd} : mac) << 16 | kSecondMacStart;
    words[1] = (out ? mac : std::uint64_t{kWireRouterEnd}) | kIpv4;
    words[2] = ip_word_;
    words[3] = ip_checksum | source << 16 | target << 48;
    words[4] = target >> 16 | source_port << 16 | target_port << 32 | std::uint64_t{wire_udp_length_} << 48;
    words[5] = udp_checksum | payload.first;
    words[6] = payload.second;
    words[7] = payload.third;
    store(at, words);
  }

  // Reads back who a frame is of; false where it cannot be one of these.
  bool read(Leg from, std::span<const std::byte> frame, Conversation& who, PayloadWords& payload) const {
    const std::size_t shift = vlan_ != 0 ? 4 : 0;
    if (frame.size() != length()) return false;
    const std::byte* at = frame.data() + shift;
    const auto address = [&](std::size_t offset) {
      std::uint32_t value;
      std::memcpy(&value, at + offset, sizeof value);
      return wire(value);
    };
    const auto port = [&](std::size_t offset) {
      std::uint16_t value;
      std::memcpy(&value, at + offset, sizeof value);
      return wire(value);
    };
    const bool out = from == Leg::kDevice;
    who = {address(out ? 26 : 30) - kFirstDevice, address(out ? 30 : 26) - kFirstPeer, port(out ? 34 : 36),
           port(out ? 36 : 34)};
    std::memcpy(&payload.first, at + 40, sizeof payload.first);
    payload.first &= ~std::uint64_t{0xffff};
    std::memcpy(&payload.second, at + 48, sizeof payload.second);
    std::memcpy(&payload.third, at + 56, sizeof payload.third);
    return who.device < kMostDevices && who.peer < kMostPeers;
  }

 private:
  void store(std::byte* at, const std::array<std::uint64_t, 8>& words) const {
    if (vlan_ == 0) {
      std::memcpy(at, words.data(), sizeof words);
    } else {  // the tag stands behind both MACs
      std::memcpy(at, words.data(), 12);
      const std::uint32_t tag = 0x0081 | std::uint32_t{wire(vlan_)} << 16;
      std::memcpy(at + 12, &tag, sizeof tag);
      std::memcpy(at + 16, reinterpret_cast<const std::byte*>(words.data()) + 12, sizeof words - 12);
      at += 4;
    }
    if (!tail_.empty()) std::memcpy(at + kWordsEnd, tail_.data(), tail_.size());
  }

  std::uint16_t size_, vlan_, wire_udp_length_ = 0;
  std::vector<std::byte> tail_;
  std::uint64_t ip_word_ = 0, ip_sum_ = 0, udp_sum_ = 0;
};

}  // namespace wardline::perf
