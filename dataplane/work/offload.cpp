// Decided flows of bulk applications that a card may forward: offered when they are settled, asked about when they are
// visited, taken back when they end. A settled packet meets nothing of this.
#include <algorithm>

#include "dataplane/work/worker_state.h"

namespace wardline {

using enforce::FlowKind;

// TCP between both sides, proved and allowed as it stands, of an application whose content is not looked into. Every
// packet of a watched or inspected flow has something to tell.
template <typename Key>
void Worker::Impl::offer_to_card(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage) {
  const auto& hot = table.hot(index);
  const auto& cold = table.cold(index);
  const bool fit = hot.key.proto == packet::kProtoTcp &&
                   static_cast<flow::TcpState>(hot.tcp_state) == flow::TcpState::kEstablished &&
                   static_cast<FlowKind>(hot.kind) == FlowKind::kSettled && hot.applied_drop == 0 &&
                   static_cast<enforce::Verdict>(hot.verdict) == enforce::Verdict::kAllow &&
                   static_cast<enforce::AppState>(hot.app_state) == enforce::AppState::kProved &&
                   policy->apps[cold.app].bulk && passage.view.tag_count <= 1;
  if (!fit) {
    ledger->end(flow_id(table, index));
    return;
  }
  offload::OffloadFlow flow;
  flow.flow = flow_id(table, index);
  flow.bundle = static_cast<std::uint8_t>(options.bundle);
  flow.pair = passage.frame->pair;
  flow.tag_count = passage.view.tag_count;
  flow.vlan = passage.view.vlans[0];
  flow.v6 = passage.view.v6;
  flow.device_port = passage.device_port();
  flow.peer_port = passage.peer_port();
  flow.device_mac = passage.device_mac();
  flow.device = passage.device_address();
  flow.peer = passage.peer();
  flow.device_slot = hot.device_slot.get();
  flow.peer_slot = hot.peer_slot.get();
  flow.policy_epoch = hot.policy_epoch;
  flow.device_epoch = hot.device_epoch;
  flow.peer_epoch = hot.peer_epoch;
  ledger->offer(flow);
}

// Puts what the card forwarded into the record, as if this worker had: so the flow is not idle, and its reports are
// whole. False when the flow was not offered.
template <typename Key>
bool Worker::Impl::fold_offloaded(flow::FlowTable<Key>& table, flow::FlowIndex index) {
  constexpr std::uint64_t kMost = 1U << 29, kReport = 1U << 30;  // the counts of a record stay below 2^31
  constexpr std::uint64_t kMostHeaders = 22 + 60 + 60;           // two tags, IP, TCP: what is longer has payload
  const auto id = flow_id(table, index);
  if (!ledger->has(id)) return false;
  auto moved = ledger->take(id);
  auto& hot = table.hot(index);
  const auto left = [&moved] { return moved[0].packets + moved[0].bytes + moved[1].packets + moved[1].bytes; };
  if (left() != 0) hot.last_seen = coarse_now;
  if (moved[0].bytes > moved[0].packets * kMostHeaders) hot.payload_from_device = 1;
  while (left() != 0) {
    for (std::size_t d = 0; d < 2; ++d) {
      const auto packets = std::min(moved[d].packets, kMost), bytes = std::min(moved[d].bytes, kMost);
      hot.packets[d] += static_cast<std::uint32_t>(packets);
      hot.bytes[d] += static_cast<std::uint32_t>(bytes);
      moved[d].packets -= packets;
      moved[d].bytes -= bytes;
    }
    const auto most = std::max(
        {hot.bytes[0], hot.bytes[1], packets_since_report(hot.packets[0]), packets_since_report(hot.packets[1])});
    if (most >= kReport) report_flow(table, index);
    if (most >= kReport && std::max(hot.bytes[0], hot.bytes[1]) != 0) break;  // the ring is full: the rest is lost
  }
  return true;
}

#define WARDLINE_INSTANTIATE(Key)                                                                    \
  template void Worker::Impl::offer_to_card(flow::FlowTable<Key>&, flow::FlowIndex, const Passage&); \
  template bool Worker::Impl::fold_offloaded(flow::FlowTable<Key>&, flow::FlowIndex);
WARDLINE_INSTANTIATE(flow::FlowKey4)
WARDLINE_INSTANTIATE(flow::FlowKey6)
#undef WARDLINE_INSTANTIATE

}  // namespace wardline
