// Threats: what a hit means for a flow, and looking for them beyond the greeting, until the class's depth.
#include <algorithm>

#include "dataplane/work/undecided_flow.h"

namespace wardline {

using enforce::AppState;
using enforce::Decision;
using enforce::FlowFacts;
using enforce::FlowKind;

// What this detection does to a flow of this device's class.
template <typename Key>
enforce::DetectionAction Worker::Impl::detection_action(const flow::FlowTable<Key>& table, flow::FlowIndex index,
                                                        SignatureId signature) const {
  const ClassId id = slots.word(table.hot(index).device_slot.get()).device_class;
  const std::size_t number = id < policy->classes.size() ? policy->classes[id].detection_table : 0;
  if (number >= policy->detection_actions.size()) return enforce::DetectionAction::kAlert;
  const auto& actions = policy->detection_actions[number];
  return signature < actions.size() ? actions[signature] : enforce::DetectionAction::kAlert;
}

// A detection is told; one whose action drops condemns a TCP flow, and of datagrams only the one that carries it.
// In an essential flow it is told alone.
template <typename Key>
Reason Worker::Impl::judge_threats(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage,
                                   const classify::Hits& hits) {
  for (std::uint8_t i = 0; i < hits.threat_count; ++i) {
    FlowFacts facts = facts_of(table, index, passage);
    if (hits.app != kNoApp && facts.app_state != AppState::kProved) {
      facts.app = hits.app;
      facts.app_state = AppState::kProved;
    }
    facts.threat_drops = detection_action(table, index, hits.threats[i]) >= enforce::DetectionAction::kDrop;
    Decision decision = enforce::decide(*policy, facts);
    Event event = event_of_flow(EventKind::kDetection, table, index);
    event.signature = hits.threats[i];
    event.app = facts.app;
    event.pair = passage.frame->pair;
    event.side = passage.frame->side;
    event.applied_drop = decision.drop;
    event.verdict = decision.verdict;
    put(event);
    if (!facts.threat_drops || decision.reason != Reason::kDetection) continue;
    if (passage.view.proto == packet::kProtoTcp && decision.drop) {
      decision.kind = FlowKind::kCondemned;
      settle(table, index, passage, facts, decision);
      return Reason::kDetection;
    }
    if (decision.counts)
      count_toward_quarantine(table.hot(index).device_slot.get(), passage.segment, passage.peer(), passage.peer_port(),
                              facts.app, Reason::kDetection, passage);
    if (decision.drop) return Reason::kDetection;
  }
  return Reason::kNone;
}

// Payload bytes of each direction in which threats are looked for once the application is proved; 0: none. Only of TCP
// flows seen from their start: datagrams were each scanned, and the middle of a stream proves nothing.
template <typename Key>
std::uint32_t Worker::Impl::inspection_depth(const flow::FlowTable<Key>& table, flow::FlowIndex index) const {
  constexpr std::uint32_t kDeepest = 0xfffe;  // what ColdRecord::side can count
  const auto& hot = table.hot(index);
  const ClassId id = slots.word(hot.device_slot.get()).device_class;
  if (hot.key.proto != packet::kProtoTcp || hot.guessed != 0 || id >= policy->classes.size()) return 0;
  return std::min(policy->classes[id].inspect_bytes, kDeepest);
}

// A settled flow whose class wants more than the greeting looked at: each segment is scanned by itself until the depth
// is reached, then the flow costs no more than any settled one. What announces other flows is read for life.
template <typename Key>
Reason Worker::Impl::judge_inspected(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage) {
  auto& hot = table.hot(index);
  auto& cold = table.cold(index);
  if (hot.applied_drop != 0) return static_cast<Reason>(hot.reason);
  const bool followed = follows(cold.app);
  if (followed) follow(table, index, passage);
  const auto depth = inspection_depth(table, index);
  const auto& payload = passage.view.payload;
  if (payload.empty() || counted(cold.side, passage.direction()) >= depth) {
    const bool done = counted(cold.side, 0) >= depth && counted(cold.side, 1) >= depth;
    if (done && !followed) hot.kind = static_cast<std::uint8_t>(FlowKind::kSettled);
    return Reason::kNone;
  }
  cold.side = with_count(cold.side, passage.direction(), payload.size());
  const auto hits = scan(classify::Transport::kTcp, sent_by_client(hot, passage), server_port(hot, passage), payload);
  if (hits.outcome == classify::ScanOutcome::kFailed) return fail_in_flow(table, index, passage, Reason::kScanError);
  return judge_threats(table, index, passage, hits);
}

#define WARDLINE_INSTANTIATE(Key)                                                                                \
  template enforce::DetectionAction Worker::Impl::detection_action(const flow::FlowTable<Key>&, flow::FlowIndex, \
                                                                   SignatureId) const;                           \
  template Reason Worker::Impl::judge_threats(flow::FlowTable<Key>&, flow::FlowIndex, Passage&,                  \
                                              const classify::Hits&);                                            \
  template std::uint32_t Worker::Impl::inspection_depth(const flow::FlowTable<Key>&, flow::FlowIndex) const;     \
  template Reason Worker::Impl::judge_inspected(flow::FlowTable<Key>&, flow::FlowIndex, Passage&);
WARDLINE_INSTANTIATE(flow::FlowKey4)
WARDLINE_INSTANTIATE(flow::FlowKey6)
#undef WARDLINE_INSTANTIATE

}  // namespace wardline
