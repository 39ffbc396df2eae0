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
};

// Some frames at once, field by field, so that the compiler works on eight of them in one instruction.
struct Burst {
  static constexpr std::size_t kMost = 32;
  template <typename Value>
  using Each = std::array<Value, kMost>;

  alignas(32) Each<std::uint32_t> device, peer, device_port, peer_port;
  // The first 22 bytes of a payload, as they lie in the frame's words 5 (its upper six bytes), 6 and 7, and their sum.
  alignas(32) Each<std::uint64_t> first, second, third;  // the lower 16 bits of `first` are zero
  alignas(32) Each<std::uint32_t> payload_sum;           // below 2^18

  void set(std::size_t i, const Conversation& who) {
    device[i] = who.device;
    peer[i] = who.peer;
    device_port[i] = who.device_port;
    peer_port[i] = who.peer_port;
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
    constexpr std::uint32_t kVersionAndTos = 0x0045;
    ip_sum_ = kVersionAndTos + ip_length + 0x0040 + 0x1140;
    udp_sum_ = 0x1100 + 2 * std::uint32_t{wire_udp_length_} + fold(sum_of(tail_.data(), tail_.size()));
  }

  std::uint16_t length() const { return static_cast<std::uint16_t>(size_ + (vlan_ != 0 ? 4 : 0)); }

  // One frame into each room; at most Burst::kMost.
  template <Leg from>
  void write(std::span<std::byte* const> rooms, const Burst& frames) const {
    Checksums checksums;
    sum_up(frames, checksums);
    for (std::size_t i = 0; i < rooms.size(); ++i) write_one<from>(rooms[i], frames, i, checksums);
    if (vlan_ != 0)
      for (std::byte* room : rooms) insert_tag(room);
    if (tail_.empty()) return;
    for (std::byte* room : rooms) std::memcpy(room + (length() - tail_.size()), tail_.data(), tail_.size());
  }

  // Reads back who a frame is of; false where it cannot be one of these.
  bool read(Leg from, std::span<const std::byte> frame, Burst& into) const {
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
    const Conversation who{address(out ? 26 : 30) - kFirstDevice, address(out ? 30 : 26) - kFirstPeer,
                           port(out ? 34 : 36), port(out ? 36 : 34)};
    into.set(0, who);
    std::memcpy(&into.first[0], at + 40, sizeof into.first[0]);
    into.first[0] &= ~std::uint64_t{0xffff};
    std::memcpy(&into.second[0], at + 48, sizeof into.second[0]);
    std::memcpy(&into.third[0], at + 56, sizeof into.third[0]);
    return who.device < kMostDevices && who.peer < kMostPeers;
  }

 private:
  struct Checksums {
    alignas(32) Burst::Each<std::uint32_t> ip, udp;
  };

  void sum_up(const Burst& frames, Checksums& into) const {
    const std::uint32_t ip_sum = ip_sum_, udp_sum = udp_sum_;
    for (std::size_t i = 0; i < Burst::kMost; ++i) {
      const std::uint32_t device = wire(kFirstDevice + frames.device[i]), peer = wire(kFirstPeer + frames.peer[i]);
      const std::uint32_t addresses = (device & 0xffff) + (device >> 16) + (peer & 0xffff) + (peer >> 16);
      // In ones' complement a shift by eight bits is the order of bytes turned round.
      const std::uint32_t wire_ports = (frames.device_port[i] + frames.peer_port[i]) << 8;
      into.ip[i] = fold(ip_sum + addresses) ^ 0xffff;
      const std::uint32_t udp = fold(udp_sum + addresses + wire_ports + frames.payload_sum[i]);
      into.udp[i] = udp == 0xffff ? udp : udp ^ 0xffff;  // 0 would say that there is none
    }
  }

  template <Leg from>
  void write_one(std::byte* line, const Burst& frames, std::size_t i, const Checksums& checksums) const {
    constexpr bool out = from == Leg::kDevice;
    const std::uint64_t device = wire(kFirstDevice + frames.device[i]), peer = wire(kFirstPeer + frames.peer[i]);
    const std::uint64_t mac = wire_mac_end(frames.device[i]);
    const std::uint64_t source = out ? device : peer, target = out ? peer : device;
    const std::uint32_t source_port = out ? frames.device_port[i] : frames.peer_port[i];
    const std::uint32_t target_port = out ? frames.peer_port[i] : frames.device_port[i];
    const std::uint64_t ports = wire(source_port << 16 | target_port);
    constexpr std::uint64_t kSecondMacStart = std::uint64_t{kMacStart} << 48;
    constexpr std::uint64_t kIpv4 = std::uint64_t{0x0045'0008} << 32;
    put(line, 0, kMacStart | (out ? std::uint64_t{kWireRouterEnd} : mac) << 16 | kSecondMacStart);
    put(line, 1, (out ? mac : std::uint64_t{kWireRouterEnd}) | kIpv4);
    put(line, 2, ip_word_);
    put(line, 3, checksums.ip[i] | source << 16 | target << 48);
    put(line, 4, target >> 16 | ports << 16 | std::uint64_t{wire_udp_length_} << 48);
    put(line, 5, checksums.udp[i] | frames.first[i]);
    put(line, 6, frames.second[i]);
    put(line, 7, frames.third[i]);
  }

  // Behind both MACs.
  void insert_tag(std::byte* room) const {
    constexpr std::size_t kMacs = 12;
    const std::uint32_t tag = 0x0081 | std::uint32_t{wire(vlan_)} << 16;
    std::memmove(room + kMacs + 4, room + kMacs, kWordsEnd - kMacs);
    std::memcpy(room + kMacs, &tag, sizeof tag);
  }

  static void put(std::byte* line, std::size_t word, std::uint64_t value) {
    std::memcpy(line + 8 * word, &value, sizeof value);
  }

  std::uint16_t size_, vlan_, wire_udp_length_ = 0;
  std::vector<std::byte> tail_;
  std::uint64_t ip_word_ = 0;
  std::uint32_t ip_sum_ = 0, udp_sum_ = 0;
};

}  // namespace wardline::perf
