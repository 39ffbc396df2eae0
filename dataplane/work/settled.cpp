// A plain frame of a settled flow: the way of nearly every packet. It touches the bucket, the record's hot line and the
// words of the two devices, and does what flow_path.cpp would do. Whatever is not as it expects is left to that.
#include "dataplane/glance/plain.h"
#include "dataplane/work/worker_state.h"

namespace wardline {
namespace {

// The device-side MAC of a frame as a number, and that of a record.
std::uint64_t mac_of(const Frame& frame) {
  constexpr std::uint64_t kSixBytes = 0xffffffffffff;
  const std::size_t offset = frame.side == Side::kDevice ? 6 : 0;
  return glance::raw<std::uint64_t>(frame.bytes.data() + offset) & kSixBytes;
}
template <typename Key>
std::uint64_t mac_of(const flow::HotRecord<Key>& hot) {
  constexpr std::uint64_t kSixBytes = 0xffffffffffff;
  std::uint64_t bytes;
  std::memcpy(&bytes, hot.device_mac, sizeof bytes);  // the two after it are the record's, too
  return bytes & kSixBytes;
}

// Nothing but its counts is left to do for a packet of this direction.
template <typename Key>
bool only_counts(const flow::HotRecord<Key>& hot, std::size_t direction) {
  const bool settled = static_cast<enforce::FlowKind>(hot.kind) == enforce::FlowKind::kSettled && hot.applied_drop == 0;
  const bool connected =
      hot.key.proto != packet::kProtoTcp || static_cast<flow::TcpState>(hot.tcp_state) >= flow::TcpState::kEstablished;
  // Behaviour detectors see the first packet of each direction, and one in 1,024.
  const auto packets = hot.packets[direction];
  return settled && connected && packets != 0 && (packets & 1023) != 1023;
}

}  // namespace

template <typename Key>
bool Worker::Impl::pass_settled(flow::FlowTable<Key>& table, const Key& key, std::uint64_t hash, const Frame& frame) {
  const auto index = table.find(key, hash);
  if (index == flow::kNoFlow) return false;
  auto& hot = table.hot(index);
  const std::size_t direction = frame.side == Side::kDevice ? 0 : 1;
  if (!only_counts(hot, direction) || mac_of(hot) != mac_of(frame)) return false;
  if (hot.policy_epoch != policy->epoch || hot.device_epoch != slots.epoch(hot.device_slot.get()) ||
      hot.peer_epoch != slots.epoch(hot.peer_slot.get()))
    return false;
  const auto bytes = hot.bytes[direction] + static_cast<std::uint32_t>(frame.bytes.size());
  if ((bytes >> 31) != 0) return false;  // time for a report
  hot.last_seen = coarse_now;
  ++hot.packets[direction];
  hot.bytes[direction] = bytes;
  return true;
}

bool Worker::Impl::pass_settled(std::size_t i) {
  const Frame& frame = batch->frames[i];
  return (seen.plain4 >> i & 1) != 0 ? pass_settled(flows4, seen.keys4[i], seen.hashes[i], frame)
                                     : pass_settled(flows6, seen.keys6[i], seen.hashes[i], frame);
}

}  // namespace wardline
