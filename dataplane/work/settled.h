#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "dataplane/enforce/device_slots.h"
#include "dataplane/flow/flow_record.h"
#include "dataplane/glance/plain.h"

// A plain frame of a settled flow: the way of nearly every packet. It touches the bucket, the record's hot line and the
// words of the two devices, and does what flow_path.cpp would do. Whatever is not as it expects is left to that.
namespace wardline::work {

// What stands for all frames of a turn.
struct SettledTurn {
  const enforce::DeviceSlots& slots;
  std::uint32_t policy_epoch;
  CoarseTick now;
};

// The device-side MACs of frame and record are the same.
template <typename Key>
inline bool same_mac(const flow::HotRecord<Key>& hot, const Frame& frame) {
  const std::byte* mac = frame.bytes.data() + (frame.side == Side::kDevice ? 6 : 0);
  // Two bytes more of each are read than a MAC has; both are there.
  const auto differ = glance::raw<std::uint64_t>(reinterpret_cast<const std::byte*>(&hot) + sizeof(Key)) ^
                      glance::raw<std::uint64_t>(mac);
  static_assert(offsetof(flow::HotRecord<Key>, device_mac) == sizeof(Key));
  return differ << 16 == 0;
}

// The verdict was given under the policy and the words of both devices that stand now.
template <typename Key>
inline bool verdict_holds(const flow::HotRecord<Key>& hot, const SettledTurn& turn) {
  // Both numbers of 24 bits in one read.
  const auto both = glance::raw<std::uint64_t>(reinterpret_cast<const std::byte*>(&hot.device_slot));
  const auto device = static_cast<SlotId>(both & 0xffffff), peer = static_cast<SlotId>(both >> 24 & 0xffffff);
  return hot.policy_epoch == turn.policy_epoch && hot.device_epoch == turn.slots.epoch(device) &&
         hot.peer_epoch == turn.slots.epoch(peer);
}

// Behaviour detectors see the first packet of each direction, and one in 1,024. `packets`: of this direction before it.
inline bool for_detectors(std::uint32_t packets) {
  return packets == 0 || (packets & 1023) == 1023;
}

// Notes a packet; `bytes`: of this direction with it.
template <typename Key>
inline void count(flow::HotRecord<Key>& hot, const Frame& frame, std::size_t direction, std::uint32_t bytes,
                  CoarseTick now) {
  hot.last_seen = now;
  // Asked until the first that has some: nearly every packet finds it noted.
  if (direction == 0 && hot.payload_from_device == 0) [[unlikely]]
    hot.payload_from_device = glance::has_payload(frame.bytes.data());
  ++hot.packets[direction];
  hot.bytes[direction] = bytes;
}

// Nothing but its counts is left to do for a packet of this direction.
template <typename Key>
inline bool only_counts(const flow::HotRecord<Key>& hot, std::uint32_t packets) {
  const bool settled = static_cast<enforce::FlowKind>(hot.kind) == enforce::FlowKind::kSettled && hot.applied_drop == 0;
  const bool connected = (hot.key.proto != packet::kProtoTcp) |
                         (static_cast<flow::TcpState>(hot.tcp_state) >= flow::TcpState::kEstablished);
  return settled && connected && !for_detectors(packets);
}

// Counts the frame in its record and says true if it may go on; false, and nothing has changed, if it needs more than
// that. `hot` was found ahead by the hash of `key`: what the frames before this one did to the record since shows in
// it.
template <typename Key>
inline bool pass_settled(flow::HotRecord<Key>& hot, const Key& key, const Frame& frame, const SettledTurn& turn) {
  const std::size_t direction = frame.side == Side::kDevice ? 0 : 1;
  const auto packets = hot.packets[direction];
  const auto bytes = hot.bytes[direction] + static_cast<std::uint32_t>(frame.bytes.size());
  const bool reports = bytes >> 31 != 0;
  if (std::memcmp(&hot.key, &key, sizeof key) != 0 || !only_counts(hot, packets) || !same_mac(hot, frame) ||
      !verdict_holds(hot, turn) || reports)
    return false;
  count(hot, frame, direction, bytes, turn.now);
  return true;
}

}  // namespace wardline::work
