// A flow whose rule puts a condition on each message: framed for life, never settled.
#include "dataplane/work/worker_state.h"

namespace wardline {

using enforce::Decision;
using enforce::FlowKind;
using enforce::Step;
using work::ModbusFramer;

// Requests come from the client; what the server answers is framed, not restricted.
static bool reads_only(const enforce::Snapshot& policy, RuleId rule, bool from_client) {
  return from_client && rule < policy.rules.size() &&
         policy.rules[rule].condition == enforce::Condition::kModbusReadOnly;
}

template <typename Key>
bool Worker::Impl::begin_per_message(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage) {
  auto& cold = table.cold(index);
  auto& hot = table.hot(index);
  const bool gathered = hot.key.proto == packet::kProtoTcp && hot.guessed == 0 && cold.side != flow::kNoSide;
  const auto place = framers.take();
  // Without memory for a framer, or from the middle, messages cannot be told apart: the failure table decides.
  if (place == flow::kNoSide || !gathered) {
    if (place != flow::kNoSide) framers.give_back(place);
    return on_failure(gathered ? Reason::kBufferPoolExhausted : Reason::kMidstream) == Reason::kNone;
  }
  bool passes = true;
  const Decision decision = enforce::decide(*policy, facts_of(table, index, passage));
  auto& message = framers[place];
  auto& state = undecided[cold.side];
  const bool device_opens = static_cast<flow::OpenedBy>(hot.opened_by) == flow::OpenedBy::kDevice;
  for (std::size_t direction = 0; direction < 2; ++direction) {
    const auto& bytes = state.direction[direction];
    if (!bytes.started()) continue;
    message.direction[direction].start(bytes.base_sequence());
    const bool from_client = (direction == 0) == device_opens;
    passes = passes && message.direction[direction].judge(bytes.base_sequence(), bytes.prefix(),
                                                          reads_only(*policy, decision.rule, from_client)) ==
                           ModbusFramer::Answer::kPass;
  }
  release_side(table, index, FlowKind::kUndecided);
  hot.kind = static_cast<std::uint8_t>(FlowKind::kPerMessage);
  cold.side = place;
  return passes;
}

template <typename Key>
Reason Worker::Impl::judge_per_message(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage) {
  auto& hot = table.hot(index);
  const auto& cold = table.cold(index);
  if (cold.side == flow::kNoSide) return Reason::kNone;
  if ((passage.view.tcp_flags & packet::kAck) != 0)
    framers[cold.side].direction[1 - passage.direction()].acknowledged(passage.view.acknowledgement);
  if (passage.view.payload.empty()) return Reason::kNone;
  auto& framer = framers[cold.side].direction[passage.direction()];
  if (!framer.started()) framer.start(passage.view.sequence);
  const bool from_client =
      passage.from_device == (static_cast<flow::OpenedBy>(hot.opened_by) == flow::OpenedBy::kDevice);
  switch (framer.judge(passage.view.sequence, passage.view.payload, reads_only(*policy, cold.rule, from_client))) {
    case ModbusFramer::Answer::kPass:
      return Reason::kNone;
    case ModbusFramer::Answer::kOutOfOrder:
      return drop_where_enforced(table, index, passage, Reason::kOutOfOrder);
    case ModbusFramer::Answer::kContradiction:
      return drop_where_enforced(table, index, passage, Reason::kContradiction);
    case ModbusFramer::Answer::kForbidden:
    case ModbusFramer::Answer::kNotModbus:
      break;
  }
  // In an essential flow a failed message alerts; elsewhere it condemns the connection.
  const enforce::FlowFacts facts = facts_of(table, index, passage);
  Decision decision = enforce::block(*policy, facts, Step::kClass, Reason::kAppMismatch, cold.rule);
  decision.essential = cold.rule < policy->rules.size() && policy->rules[cold.rule].essential;
  if (decision.essential) {
    decision.verdict = enforce::Verdict::kWouldBlock;
    decision.step = Step::kKeepAlive;
    decision.drop = decision.counts = decision.reject = false;
  }
  decision.kind = decision.drop ? FlowKind::kCondemned : FlowKind::kSettled;
  settle(table, index, passage, facts, decision);
  return hot.applied_drop != 0 ? Reason::kAppMismatch : Reason::kNone;
}

#define WARDLINE_INSTANTIATE(Key)                                                                  \
  template bool Worker::Impl::begin_per_message(flow::FlowTable<Key>&, flow::FlowIndex, Passage&); \
  template Reason Worker::Impl::judge_per_message(flow::FlowTable<Key>&, flow::FlowIndex, Passage&);
WARDLINE_INSTANTIATE(flow::FlowKey4)
WARDLINE_INSTANTIATE(flow::FlowKey6)
#undef WARDLINE_INSTANTIATE

}  // namespace wardline
