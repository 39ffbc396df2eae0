#pragma once
#include <algorithm>
#include <cstdint>

#include "dataplane/work/worker_state.h"

namespace wardline {

// Datagrams are scanned one by one, and so are the segments of a TCP flow picked up in the middle: nothing is
// gathered, and ColdRecord::side holds the payload bytes forwarded each way instead of a pool index.
template <typename Key>
bool counted_only(const flow::HotRecord<Key>& hot) {
  return hot.key.proto != packet::kProtoTcp || hot.guessed != 0;
}

inline std::uint32_t counted(std::uint32_t side, std::size_t direction) {
  return side == flow::kNoSide ? 0 : side >> (16 * direction) & 0xffff;
}

inline std::uint32_t with_count(std::uint32_t side, std::size_t direction, std::size_t more) {
  if (side == flow::kNoSide) side = 0;
  const auto sum = static_cast<std::uint32_t>(std::min<std::size_t>(counted(side, direction) + more, 0xfffe));
  return (side & ~(0xffffU << (16 * direction))) | sum << (16 * direction);
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
