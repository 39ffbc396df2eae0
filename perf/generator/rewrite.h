#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "perf/generator/ones_sum.h"
#include "perf/generator/workload_file.h"

namespace wardline::perf {

// Makes a copy of a file's frame one of pass `pass`, and repairs its checksums by what changed: a wrong one stays wrong.
class Rewriter {
 public:
  static constexpr std::uint32_t kFirstPort = 1024, kPorts = 65'536 - kFirstPort;

  Rewriter(std::byte* frame, const FrameEntry& entry) : frame_(frame), entry_(entry) {}

  void move_port(std::uint64_t pass) {
    if (entry_.client_port == 0) return;
    const std::uint16_t wire_before = get(entry_.client_port);
    const std::uint32_t before = __builtin_bswap16(wire_before);
    const auto steps = static_cast<std::uint32_t>(pass % kPorts * entry_.port_step % kPorts);
    const std::uint32_t after = kFirstPort + (before - kFirstPort + steps) % kPorts;
    const std::uint16_t wire_after = __builtin_bswap16(static_cast<std::uint16_t>(after));
    put(entry_.client_port, wire_after);
    repair(entry_.checksum, wire_before, wire_after);
  }

  void move_addresses(std::uint64_t pass) {
    if (entry_.ip == 0) return;
    const auto change = static_cast<std::uint16_t>(pass);
    if ((entry_.flags & kIpv6) != 0) {
      constexpr std::size_t kSource = 8, kTarget = 24;
      for (const std::size_t at : {kSource, kTarget}) move6(entry_.ip + at, change);
    } else {
      constexpr std::size_t kSource = 12, kTarget = 16;
      for (const std::size_t at : {kSource, kTarget}) move4(entry_.ip + at, change);
    }
  }

 private:
  // The middle octets. Not of group, broadcast and unspecified addresses, nor of this host's own.
  void move4(std::size_t at, std::uint16_t change) {
    const auto first = std::to_integer<std::uint8_t>(frame_[at]);
    if (first == 0 || first == 127 || first >= 224) return;
    std::uint32_t before, after;
    std::memcpy(&before, frame_ + at, sizeof before);
    after = before ^ std::uint32_t{change} << 8;
    std::memcpy(frame_ + at, &after, sizeof after);
    constexpr std::size_t kHeaderChecksum = 10;
    repair(static_cast<std::uint16_t>(entry_.ip + kHeaderChecksum), before, after);
    repair(entry_.checksum, before, after);
  }

  // The first bytes of the interface's part, so that prefixes stay what they are.
  void move6(std::size_t at, std::uint16_t change) {
    constexpr std::size_t kInterface = 8;
    static constexpr std::byte kNobody[16]{};
    if (frame_[at] == std::byte{0xff} || std::memcmp(frame_ + at, kNobody, 15) == 0) return;
    const std::uint16_t before = get(at + kInterface);
    const auto after = static_cast<std::uint16_t>(before ^ change);
    put(at + kInterface, after);
    repair(entry_.checksum, before, after);
  }

  void repair(std::uint16_t at, std::uint64_t before, std::uint64_t after) {
    if (at == 0) return;
    const std::uint16_t old = get(at);
    const bool transport = at == entry_.checksum;
    const bool zero_is_none = transport && (entry_.flags & kZeroIsNone) != 0;
    if (zero_is_none && old == 0) return;
    const std::uint16_t made = corrected(old, before, after);
    put(at, zero_is_none && made == 0 ? std::uint16_t{0xffff} : made);
  }

  std::uint16_t get(std::size_t at) const {
    std::uint16_t value;
    std::memcpy(&value, frame_ + at, sizeof value);
    return value;
  }
  void put(std::size_t at, std::uint16_t value) { std::memcpy(frame_ + at, &value, sizeof value); }

  std::byte* frame_;
  const FrameEntry& entry_;
};

}  // namespace wardline::perf
