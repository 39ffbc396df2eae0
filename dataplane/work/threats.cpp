// Threats: what a hit means for a flow. Policy says what it does; essential flows are told of and never cut.
#include <algorithm>

#include "dataplane/work/undecided_flow.h"

namespace wardline {

using enforce::AppState;
using enforce::Decision;
using enforce::DetectionAction;
using enforce::FlowFacts;
using enforce::FlowKind;

// What this detection does to a flow of this device's class.
template <typename Key>
DetectionAction Worker::Impl::detection_action(const flow::FlowTable<Key>& table, flow::FlowIndex index,
                                               SignatureId signature) const {
  const ClassId id = slots.device_class(table.hot(index).device_slot.get());
  const std::size_t number = id < policy->classes.size() ? policy->classes[id].detection_table : 0;
  if (number >= policy->detection_actions.size()) return DetectionAction::kAlert;
  const auto& actions = policy->detection_actions[number];
  return signature < actions.size() ? actions[signature] : DetectionAction::kAlert;
}

// What the signatures found. Of a stream each threat is told once, of datagrams at most once in ten seconds; what it
// does is done each time. kNone: the packet may go on.
template <typename Key>
Reason Worker::Impl::judge_threats(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage,
                                   const classify::Hits& hits, flow::ToldThreats* told) {
  Reason reason = Reason::kNone;
  for (std::uint8_t i = 0; i < hits.threat_count; ++i) {
    const auto signature = hits.threats[i];
    const std::uint64_t what = (flow_id(table, index) ^ std::uint64_t{signature} << 16) * 0x9e3779b97f4a7c15;
    const bool tell =
        told != nullptr ? told->add(signature) : announced.due(what, coarse_now, work::Announcements::kOfOthers);
    const detect::Alarm alarm{.signature = signature, .count = 1, .tell = tell, .note = {}};
    const Reason cause =
        judge_detection(table, index, passage, alarm, detection_action(table, index, signature), hits.app);
    if (reason == Reason::kNone) reason = cause;
  }
  return reason;
}

// One detection, of a signature or of behaviour. `proved` is the application that the same bytes prove, if any.
template <typename Key>
Reason Worker::Impl::judge_detection(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage,
                                     const detect::Alarm& alarm, DetectionAction action, AppId proved) {
  FlowFacts facts = facts_of(table, index, passage);
  if (proved != kNoApp && facts.app_state != AppState::kProved) {
    facts.app = proved;
    facts.app_state = AppState::kProved;
  }
  facts.threat = action;
  const Decision decision = decisions.decide(*policy, facts);
  if (alarm.tell) {
    Event event = event_of_flow(EventKind::kDetection, table, index);
    event.signature = alarm.signature;
    event.action = action;
    event.essential = decision.essential;
    event.count = alarm.count;
    event.note = alarm.note.text;
    event.app = facts.app;
    event.pair = passage.frame->pair;
    event.side = passage.frame->side;
    event.applied_drop = decision.drop;
    event.verdict = decision.verdict;
    put(event);
  }
  return action == DetectionAction::kAlert ? Reason::kNone : apply_threat(table, index, passage, facts, decision);
}

// A detection that drops condemns a TCP flow, since of a stream no single segment can be left out; of datagrams it
// drops the one that carries it, unless the whole flow is condemned.
template <typename Key>
Reason Worker::Impl::apply_threat(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage,
                                  const FlowFacts& facts, Decision decision) {
  FlowFacts as_drop = facts;  // of what is only counted: whether it would be, had it been dropped
  as_drop.threat = DetectionAction::kDrop;
  const bool counts = decisions.decide(*policy, as_drop).counts;
  const bool at_once = facts.threat == DetectionAction::kQuarantine;
  const bool drops = facts.threat >= DetectionAction::kDrop && decision.reason == Reason::kDetection && decision.drop;
  const bool condemns = passage.view.proto == packet::kProtoTcp || facts.threat >= DetectionAction::kCondemn;
  if (counts)
    count_toward_quarantine(table.hot(index).device_slot.get(), passage.segment, passage.peer(), passage.peer_port(),
                            facts.app, Reason::kDetection, passage, at_once);
  if (!drops) return Reason::kNone;
  if (condemns) {
    decision.kind = FlowKind::kCondemned;
    decision.counts = false;  // done above
    settle(table, index, passage, facts, decision);
  }
  return Reason::kDetection;
}

#define WARDLINE_INSTANTIATE(Key)                                                                                      \
  template DetectionAction Worker::Impl::detection_action(const flow::FlowTable<Key>&, flow::FlowIndex, SignatureId)   \
      const;                                                                                                           \
  template Reason Worker::Impl::judge_detection(flow::FlowTable<Key>&, flow::FlowIndex, Passage&,                      \
                                                const detect::Alarm&, DetectionAction, AppId);                         \
  template Reason Worker::Impl::judge_threats(flow::FlowTable<Key>&, flow::FlowIndex, Passage&, const classify::Hits&, \
                                              flow::ToldThreats*);
WARDLINE_INSTANTIATE(flow::FlowKey4)
WARDLINE_INSTANTIATE(flow::FlowKey6)
#undef WARDLINE_INSTANTIATE

}  // namespace wardline
