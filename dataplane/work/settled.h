#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "dataplane/enforce/device_slots.h"
#include "dataplane/flow/flow_record.h"
#include "dataplane/glance/plain.h"
#include "dataplane/work/policy_change.h"

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

// Of a turn in which some flows may go on under the former policy. A type of its own, so that other turns, nearly all,
// pay nothing for it.
struct ChangingTurn : SettledTurn {
  PolicyChange& change;
};

// 0 from the device side, 1 to it: as the counts of a record are ordered.
inline std::size_t direction_of(const Frame& frame) {
  return static_cast<std::size_t>(frame.side);
}

// The device-side MACs of frame and record are the same.
template <typename Key>
inline bool same_mac(const flow::HotRecord<Key>& hot, const Frame& frame) {
  const std::byte* mac = frame.bytes.data() + 6 - 6 * direction_of(frame);  // the source's, or the target's
  // Two bytes more of each are read than a MAC has; both are there.
  const auto differ = glance::raw<std::uint64_t>(reinterpret_cast<const std::byte*>(&hot) + sizeof(Key)) ^
                      glance::raw<std::uint64_t>(mac);
  static_assert(offsetof(flow::HotRecord<Key>, device_mac) == sizeof(Key));
  return differ << 16 == 0;
}

// The record of this key and this device-side MAC is the frame's own.
template <typename Key>
inline bool is_its_own(const flow::HotRecord<Key>& hot, const Key& key, const Frame& frame) {
  return hot.key == key && same_mac(hot, frame);
}

// A record's device always has a slot: its own, or that of all strangers of its segment. Its peer need not be a device.
// The verdict was given under the words of both devices that stand now.
template <typename Key>
inline bool devices_hold(const flow::HotRecord<Key>& hot, const SettledTurn& turn) {
  // Both numbers of 24 bits in one read.
  const auto both = glance::raw<std::uint64_t>(reinterpret_cast<const std::byte*>(&hot.device_slot));
  const auto device = static_cast<SlotId>(both & 0xffffff), peer = static_cast<SlotId>(both >> 24 & 0xffffff);
  return hot.device_epoch == turn.epoch(device) && hot.peer_epoch == (peer == kNoSlot ? 0 : turn.epoch(peer));
}

// And under the policy that stands now.
template <typename Key>
inline bool verdict_holds(const flow::HotRecord<Key>& hot, const SettledTurn& turn) {
  return hot.policy_epoch == turn.policy_epoch && devices_hold(hot, turn);
}

// The policy stands, or another one has come and the flow's turn to be decided by it has not.
template <typename Key>
inline bool policy_holds(const flow::HotRecord<Key>& hot, const SettledTurn& turn) {
  return hot.policy_epoch == turn.policy_epoch;
}
template <typename Key>
inline bool policy_holds(const flow::HotRecord<Key>& hot, const ChangingTurn& turn) {
  return hot.policy_epoch == turn.policy_epoch || turn.change.passes_under(hot.policy_epoch);
}

// Behaviour detectors see the first packet of each direction, and one in 1,024; the long way knows which. `packets`: of
// this direction with this one. One question for both costs a look at one more in 1,024.
inline bool for_detectors(std::uint32_t packets) {
  return (packets & 1023) <= 1;
}

// Notes a packet; `packets` and `bytes`: of this direction with it.
template <typename Key>
inline void count(flow::HotRecord<Key>& hot, std::size_t direction, std::uint32_t packets, std::uint32_t bytes,
                  CoarseTick now) {
  hot.last_seen = now;
  hot.packets[direction] = packets;
  hot.bytes[direction] = bytes;
}

// Asked until the first that has some: nearly every packet finds it noted.
template <typename Key>
inline void note_payload(flow::HotRecord<Key>& hot, const Frame& frame) {
  if (frame.side == Side::kDevice && hot.payload_from_device == 0) [[unlikely]]
    hot.payload_from_device = glance::has_payload(frame.bytes.data());
}

// HotRecord's `kind` to `tcp_state` as they lie in memory: in a flow that is settled, with nothing of it dropped and no
// handshake under way, these bits are these.
inline constexpr std::uint32_t kFormBits = 0b00000100'00111100;
inline constexpr std::uint32_t kSettledForm = static_cast<std::uint32_t>(enforce::FlowKind::kSettled) << 2;
// And in one whose device has sent payload, as nearly all have, these.
inline constexpr std::uint32_t kPayloadFromDevice = 0b00000000'10000000;
inline constexpr std::uint32_t kUsualBits = kFormBits | kPayloadFromDevice;
inline constexpr std::uint32_t kUsualForm = kSettledForm | kPayloadFromDevice;

template <typename Key>
inline std::uint32_t form_of(const flow::HotRecord<Key>& hot) {
  static_assert(static_cast<unsigned>(flow::TcpState::kSynSent) == 4 &&
                static_cast<unsigned>(flow::TcpState::kSynReceived) == 5);
  return glance::raw<std::uint16_t>(reinterpret_cast<const std::byte*>(&hot) + sizeof(Key) + 6);
}

template <typename Key>
inline bool may_settle(const flow::HotRecord<Key>& hot) {
  return (form_of(hot) & kFormBits) == kSettledForm;
}

// A flow of datagrams in which perhaps nothing is done but to look for threats.
inline bool may_only_scan(const flow::HotRecord4& hot) {
  return static_cast<enforce::FlowKind>(hot.kind) == enforce::FlowKind::kInspect && hot.key.proto == packet::kProtoUdp;
}

// Counts the frame in its record and says true if it may go on; false, and nothing has changed, if it needs more than
// that. Requires: the frame is plain and no edge of a connection (glance::Burst), since its flags are not asked. `hot`
// was found ahead by the hash of `key`: what the frames before this one did to the record since shows in it.
template <typename Key, typename Turn>
inline bool pass_settled(flow::HotRecord<Key>& hot, const Key& key, const Frame& frame, const Turn& turn) {
  const std::size_t direction = direction_of(frame);
  const auto packets = hot.packets[direction] + 1;
  if (!(hot.key == key) || for_detectors(packets) || !same_mac(hot, frame) || !devices_hold(hot, turn)) return false;
  const auto bytes = hot.bytes[direction] + static_cast<std::uint32_t>(frame.bytes.size());
  if (bytes >> 31 != 0) return false;  // time for a report
  if ((form_of(hot) & kUsualBits) != kUsualForm) [[unlikely]] {
    if (!may_settle(hot) || !policy_holds(hot, turn)) return false;
    note_payload(hot, frame);
  } else if (!policy_holds(hot, turn)) {
    return false;
  }
  count(hot, direction, packets, bytes, turn.now);
  return true;
}

}  // namespace wardline::work
