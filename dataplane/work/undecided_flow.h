#pragma once
#include <algorithm>
#include <cstdint>
#include <utility>

#include "dataplane/work/tcp_side.h"
#include "dataplane/work/worker_state.h"

namespace wardline {

// Datagrams are scanned one by one, and so are the segments of a TCP flow picked up in the middle: nothing is
// gathered, and ColdRecord::side holds the payload bytes forwarded each way instead of a pool index.
template <typename Key>
bool counted_only(const flow::HotRecord<Key>& hot) {
  return hot.key.proto != packet::kProtoTcp || hot.guessed != 0;
}

inline constexpr std::uint32_t kMostCounted = 0x7ffe, kCountedBits = 0x7fff;

inline std::uint32_t counted(std::uint32_t side, std::size_t direction) {
  return side == flow::kNoSide ? 0 : side >> (16 * direction) & kCountedBits;
}

inline std::uint32_t with_count(std::uint32_t side, std::size_t direction, std::size_t more) {
  if (side == flow::kNoSide) side = 0;
  const auto sum = static_cast<std::uint32_t>(std::min<std::size_t>(counted(side, direction) + more, kMostCounted));
  return (side & ~(kCountedBits << (16 * direction))) | sum << (16 * direction);
}

// The bit above a direction's count: a packet of it had a right checksum, so that wrong ones are no offloading
// sender's.
inline bool was_checked(std::uint32_t side, std::size_t direction) {
  return side != flow::kNoSide && (side >> (16 * direction + 15) & 1) != 0;
}
inline std::uint32_t with_checked(std::uint32_t side, std::size_t direction) {
  return (side == flow::kNoSide ? 0 : side) | 1U << (16 * direction + 15);
}

// Of a decided flow of datagrams the same place counts the bytes in which threats were looked for, in units that reach
// 2 MiB.
inline constexpr std::uint32_t kInspectedUnit = 64;
inline std::uint32_t inspected_bytes(std::uint32_t side, std::size_t direction) {
  return counted(side, direction) * kInspectedUnit;
}
inline std::uint32_t with_inspected(std::uint32_t side, std::size_t direction, std::size_t more) {
  return with_count(side, direction, (more + kInspectedUnit - 1) / kInspectedUnit);
}

// The sequence number of a segment's first byte of data.
inline std::uint32_t data_sequence(const packet::PacketView& view) {
  return view.sequence + ((view.tcp_flags & packet::kSyn) != 0 ? 1 : 0);
}

// The receiver says that it has all bytes of this direction before `number`. A number far ahead of what was sent is no
// receiver's.
template <typename State>
void note_acknowledgement(State& state, std::size_t direction, std::uint32_t number) {
  constexpr std::int32_t kFarthest = 1 << 24;
  const auto& bytes = state.direction[direction];
  auto& ends = state.ends[direction];
  if (!bytes.started()) return;
  const auto ahead =
      static_cast<std::int32_t>(number - (ends.has_acknowledged ? ends.acknowledged : bytes.first_sequence()));
  if (ahead < 0 || static_cast<std::int32_t>(number - bytes.furthest_sequence()) > kFarthest) return;
  ends.acknowledged = number;
  ends.has_acknowledged = true;
}

// The receiver has all bytes before `end`, and they were judged.
inline bool has_received(const flow::StreamEnds& ends, std::uint32_t judged_end, std::uint32_t end) {
  return ends.has_acknowledged && static_cast<std::int32_t>(ends.acknowledged - end) >= 0 &&
         static_cast<std::int32_t>(judged_end - end) >= 0;
}

// False: more urgent bytes than are tracked. The pointer is that of the byte after the urgent one (RFC 6093, 3.1).
inline bool note_urgent(flow::StreamEnds& ends, std::uint32_t held_from, const packet::PacketView& view) {
  const std::uint32_t offset = view.tcp_urgent == 0 ? 0 : view.tcp_urgent - 1U;
  return ends.urgent.add(data_sequence(view) + offset, held_from);
}

// What a flow holds in a pool, if it holds something, is given back.
template <typename Key>
void Worker::Impl::release_side(const flow::HotRecord<Key>& hot, flow::ColdRecord& cold, enforce::FlowKind kind) {
  const auto side = std::exchange(cold.side, flow::kNoSide);
  if (work::holds_buffers(side) && !counted_only(hot)) give_back_side(side, kind);
}
template <typename Key>
void Worker::Impl::release_side(flow::FlowTable<Key>& table, flow::FlowIndex index, enforce::FlowKind kind) {
  release_side(table.hot(index), table.cold(index), kind);
}

template <typename Key>
bool sent_by_client(const flow::HotRecord<Key>& hot, const Passage& passage) {
  return passage.from_device == (static_cast<flow::OpenedBy>(hot.opened_by) == flow::OpenedBy::kDevice);
}

template <typename Key>
std::uint16_t server_port(const flow::HotRecord<Key>& hot, const Passage& passage) {
  return static_cast<flow::OpenedBy>(hot.opened_by) == flow::OpenedBy::kDevice ? passage.peer_port()
                                                                               : passage.device_port();
}

}  // namespace wardline
