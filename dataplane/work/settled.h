#pragma once
#include <array>
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
  const std::atomic<std::uint64_t>* words;  // of the devices (DeviceSlots::words)
  std::uint32_t policy_epoch;
  CoarseTick now;

  std::uint32_t epoch(SlotId slot) const {
    return static_cast<std::uint32_t>(words[slot].load(std::memory_order_acquire));
  }
};

// 0 from the device side, 1 to it: as the counts of a record are ordered.
inline std::size_t direction_of(const Frame& frame) {
  return static_cast<std::size_t>(frame.side);
}

// The device-side MACs of frame and record are the same.
template <typename Key>
inline bool same_mac(const flow::HotRecord<Key>& hot, const Frame& frame) {
  static constexpr std::array<std::size_t, 2> kOffset{6, 0};  // by Side: the source's, the target's
  const std::byte* mac = frame.bytes.data() + kOffset[direction_of(frame)];
  // Two bytes more of each are read than a MAC has; both are there.
  const auto differ = glance::raw<std::uint64_t>(reinterpret_cast<const std::byte*>(&hot) + sizeof(Key)) ^
                      glance::raw<std::uint64_t>(mac);
  static_assert(offsetof(flow::HotRecord<Key>, device_mac) == sizeof(Key));
  return differ << 16 == 0;
}

// A record's device always has a slot: its own, or that of all strangers of its segment. Its peer need not be a device.
// The verdict was given under the policy and the words of both devices that stand now.
template <typename Key>
inline bool verdict_holds(const flow::HotRecord<Key>& hot, const SettledTurn& turn) {
  // Both numbers of 24 bits in one read.
  const auto both = glance::raw<std::uint64_t>(reinterpret_cast<const std::byte*>(&hot.device_slot));
  const auto device = static_cast<SlotId>(both & 0xffffff), peer = static_cast<SlotId>(both >> 24 & 0xffffff);
  return hot.policy_epoch == turn.policy_epoch && hot.device_epoch == turn.epoch(device) &&
         hot.peer_epoch == (peer == kNoSlot ? 0 : turn.epoch(peer));
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

// HotRecord's `kind`, `applied_drop` and `tcp_state` as they lie in memory: in a flow that is settled, with nothing of
// it dropped and no handshake under way, these bits are these.
inline constexpr std::uint16_t kFormBits = 0b00000100'00111100;
inline constexpr std::uint16_t kSettledForm = static_cast<std::uint16_t>(enforce::FlowKind::kSettled) << 2;

template <typename Key>
inline bool may_settle(const flow::HotRecord<Key>& hot) {
  const auto form = glance::raw<std::uint16_t>(reinterpret_cast<const std::byte*>(&hot) + sizeof(Key) + 6);
  return (form & kFormBits) == kSettledForm;
}

// Nothing but its counts is left to do for a packet of this direction.
template <typename Key>
inline bool only_counts(const flow::HotRecord<Key>& hot, std::uint32_t packets) {
  static_assert(static_cast<unsigned>(flow::TcpState::kSynSent) == 4 &&
                static_cast<unsigned>(flow::TcpState::kSynReceived) == 5);
  return may_settle(hot) && !for_detectors(packets);
}

// Counts the frame in its record and says true if it may go on; false, and nothing has changed, if it needs more than
// that. `hot` was found ahead by the hash of `key`: what the frames before this one did to the record since shows in
// it.
template <typename Key>
inline bool pass_settled(flow::HotRecord<Key>& hot, const Key& key, const Frame& frame, const SettledTurn& turn) {
  const std::size_t direction = direction_of(frame);
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
