#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

#include "dataplane/batch.h"

namespace wardline::runtime {

// Which worker a frame belongs to where software distributes. As cards do it: by the IP address of the device side,
// the source on device legs and the destination on core legs, whatever protocol, ports or tags there are. So both
// directions and all fragments of a device's flows meet. Frames without a readable IP header go to worker 0, as a card
// gives them to queue 0: no flow is among them, and who compares what several devices claim by ARP sees all claims.

// Enough of a frame for the choice: Ethernet, two tags, LLC with SNAP, an IPv6 header.
inline constexpr std::size_t kChoiceBytes = 14 + 2 * 4 + 8 + 40;

// 0 without an IP header. `head` are the frame's first kChoiceBytes bytes, or all of a shorter one.
std::uint32_t device_side_hash(std::span<const std::byte> head, Side side);

// Uses the upper bits of the hash, which are the well mixed ones.
constexpr std::uint16_t worker_of(std::uint32_t hash, std::uint16_t workers) {
  return static_cast<std::uint16_t>(std::uint64_t{hash} * workers >> 32);
}

}  // namespace wardline::runtime
