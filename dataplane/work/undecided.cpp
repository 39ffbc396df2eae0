// A flow whose application is not known yet: gather its first bytes and scan them.
#include <algorithm>

#include "dataplane/work/undecided_flow.h"

namespace wardline {

using enforce::AppState;
using enforce::Decision;
using enforce::FlowFacts;
using enforce::FlowKind;
using enforce::Step;
using enforce::Verdict;
using flow::FirstBytes;
using flow::OpenedBy;

classify::Hits Worker::Impl::scan(classify::Transport transport, bool from_client, std::uint16_t port,
                                  std::span<const std::byte> bytes) {
  counters.tally(Tally::kScans);
  counters.tally(Tally::kScanBytes, bytes.size());
  if (!policy->databases) return {};
  return policy->databases->scan(
      {.transport = transport,
       .sender = from_client ? classify::Sender::kClient : classify::Sender::kServer,
       .server_port = port,
       .bytes = bytes},
      number);
}

template <typename Key>
void Worker::Impl::release_side(flow::FlowTable<Key>& table, flow::FlowIndex index, FlowKind kind) {
  auto& cold = table.cold(index);
  if (cold.side != flow::kNoSide) {
    if (kind == FlowKind::kPerMessage)
      framers.give_back(cold.side);
    else if (kind == FlowKind::kUndecided && !counted_only(table.hot(index)))
      undecided.give_back(cold.side);
  }
  cold.side = flow::kNoSide;
}

// Buffers for a TCP flow, taken when its second half answers, so that unanswered SYNs cost nothing. The handshake (or
// the first segment after it) tells where both directions begin. False: the pool is empty.
template <typename Key>
bool Worker::Impl::take_side(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage) {
  const auto& view = passage.view;
  const auto side = undecided.take();
  if (side == flow::kNoSide) return false;
  const bool syn = (view.tcp_flags & packet::kSyn) != 0;
  auto& state = undecided[side];
  state.direction[passage.direction()].start(view.sequence + (syn ? 1 : 0));
  if ((view.tcp_flags & packet::kAck) != 0) state.direction[1 - passage.direction()].start(view.acknowledgement);
  table.cold(index).side = side;
  return true;
}

// A handshake that begins again with another number: a restarted client on its old port, a server that forgot its first
// answer. What is gathered must follow it, or all that comes would lie outside the buffer. What was forwarded stays
// counted, and only the side that opened may begin again.
template <typename Key>
void Worker::Impl::begin_again(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage) {
  const auto side = table.cold(index).side;
  if (side == flow::kNoSide) return;
  const auto& view = passage.view;
  auto& own = undecided[side].direction[passage.direction()];
  auto& opposite = undecided[side].direction[1 - passage.direction()];
  if (own.started() && own.base_sequence() == view.sequence + 1) return;
  const bool answer = (view.tcp_flags & packet::kAck) != 0;
  const bool by_client = sent_by_client(table.hot(index), passage);
  if (answer && !by_client && own.prefix().empty()) own.start(view.sequence + 1);
  if (answer || !by_client) return;
  own.start(view.sequence + 1);
  opposite.reset();
  undecided[side].acknowledged = {};
}

template <typename Key>
Reason Worker::Impl::judge_undecided(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage) {
  if (overloaded.load(std::memory_order_relaxed) && !passage.view.payload.empty()) {
    // Inspection is shed before forwarding: the flow is taken for what its port says.
    if (const Reason cause = fail_in_flow(table, index, passage, Reason::kOverload); cause != Reason::kNone)
      return cause;
    return end_undecided(table, index, passage, AppState::kPortOnly, kNoApp);
  }
  return counted_only(table.hot(index)) ? judge_undecided_datagram(table, index, passage)
                                        : judge_undecided_tcp(table, index, passage);
}

template <typename Key>
Reason Worker::Impl::judge_undecided_tcp(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage) {
  const auto& view = passage.view;
  const bool first_syn = (view.tcp_flags & (packet::kSyn | packet::kAck)) == packet::kSyn;
  if ((view.tcp_flags & packet::kSyn) != 0) begin_again(table, index, passage);
  if (first_syn && view.payload.empty()) return Reason::kNone;
  if (table.cold(index).side == flow::kNoSide && !take_side(table, index, passage)) {
    if (const Reason cause = fail_in_flow(table, index, passage, Reason::kBufferPoolExhausted); cause != Reason::kNone)
      return cause;
    return end_undecided(table, index, passage, AppState::kPortOnly, kNoApp);
  }
  auto& state = undecided[table.cold(index).side];
  const auto direction = passage.direction();
  if (const auto& other = state.direction[1 - direction]; other.started() && (view.tcp_flags & packet::kAck) != 0) {
    const std::uint32_t has = view.acknowledgement - other.base_sequence();
    if (has <= other.prefix().size()) state.acknowledged[1 - direction] = static_cast<std::uint16_t>(has);
  }
  if (view.payload.empty()) return Reason::kNone;
  const bool syn = (view.tcp_flags & packet::kSyn) != 0;
  const auto sequence = view.sequence + (syn ? 1 : 0);
  auto& bytes = state.direction[direction];
  if (!bytes.started()) bytes.start(sequence);
  switch (bytes.offer(sequence, view.payload)) {
    case FirstBytes::Fit::kInOrder: {
      const auto hits = scan(classify::Transport::kTcp, sent_by_client(table.hot(index), passage),
                             server_port(table.hot(index), passage), bytes.prefix());
      return after_scan(table, index, passage, hits);
    }
    case FirstBytes::Fit::kAhead:
      return forward_undecided(table, index, passage);
    case FirstBytes::Fit::kContradiction:
      // What the receiver has it does not take again: a keep-alive brings a byte of any value (RFC 9293, 3.8.4).
      if (sequence - bytes.base_sequence() + view.payload.size() <= state.acknowledged[direction]) return Reason::kNone;
      return drop_where_enforced(table, index, passage, Reason::kContradiction);  // the receiver gets what was judged
    case FirstBytes::Fit::kBeyond:
      return bytes.full() ? forward_undecided(table, index, passage)
                          : drop_where_enforced(table, index, passage, Reason::kOutOfOrder);
    case FirstBytes::Fit::kTooManyHoles:
      if (const Reason cause = fail_in_flow(table, index, passage, Reason::kReassemblyLimit); cause != Reason::kNone)
        return cause;
      return forward_undecided(table, index, passage);
    case FirstBytes::Fit::kRetransmission:
      // Before the first byte nothing is known to compare with, so it counts like bytes that nobody could judge; a
      // keep-alive brings one byte at most (RFC 9293, 3.8.4).
      if (view.payload.size() > 1 && static_cast<std::int32_t>(sequence - bytes.base_sequence()) < 0)
        return forward_undecided(table, index, passage);
      break;
    case FirstBytes::Fit::kEmpty:
      break;
  }
  return Reason::kNone;
}

// A row of the failure table met inside a flow: what it drops has a record, and only where the mode enforces.
template <typename Key>
Reason Worker::Impl::fail_in_flow(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage,
                                  Reason cause) {
  return on_failure(cause) == Reason::kNone ? Reason::kNone : drop_where_enforced(table, index, passage, cause);
}

// Drops one packet of an undecided flow, with a record; where the mode only monitors, it goes on.
template <typename Key>
Reason Worker::Impl::drop_where_enforced(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage,
                                         Reason reason) {
  const bool enforced = enforce::effective_mode(*policy, facts_of(table, index, passage)) == enforce::Mode::kEnforce;
  Event event = event_of_flow(EventKind::kViolation, table, index);
  event.verdict = enforced ? Verdict::kBlock : Verdict::kWouldBlock;
  event.applied_drop = enforced;
  event.reason = reason;
  event.pair = passage.frame->pair;
  event.side = passage.frame->side;
  report_violation(event);
  return enforced ? reason : Reason::kNone;
}

template <typename Key>
Reason Worker::Impl::judge_undecided_datagram(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage) {
  if (passage.view.payload.empty()) return Reason::kNone;
  const auto transport =
      passage.view.proto == packet::kProtoTcp ? classify::Transport::kTcp : classify::Transport::kUdp;
  const auto hits =
      scan(transport, sent_by_client(table.hot(index), passage), server_port(table.hot(index), passage),
           passage.view.payload.first(std::min<std::size_t>(passage.view.payload.size(), FirstBytes::kLimit)));
  return after_scan(table, index, passage, hits);
}

// What one scan means for the flow: a failed engine is no "no match", a threat may condemn, a proof ends the question.
template <typename Key>
Reason Worker::Impl::after_scan(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage,
                                const classify::Hits& hits) {
  auto& hot = table.hot(index);
  if (hits.outcome == classify::ScanOutcome::kFailed) {
    if (const Reason cause = fail_in_flow(table, index, passage, Reason::kScanError); cause != Reason::kNone) {
      take_back(table, index, passage);
      return cause;
    }
    return end_undecided(table, index, passage, AppState::kPortOnly, kNoApp);
  }
  if (const Reason cause = judge_threats(table, index, passage, hits); cause != Reason::kNone) return cause;
  if (hits.app != kNoApp) {
    // In the middle of a flow any bytes may look like a greeting: there a proof may confirm a rule, not refute one.
    bool believe = hot.guessed == 0;
    if (!believe) {
      FlowFacts facts = facts_of(table, index, passage);
      facts.app_state = AppState::kProved;
      facts.app = hits.app;
      believe = enforce::decide(*policy, facts).verdict == Verdict::kAllow;
    }
    if (believe) return end_undecided(table, index, passage, AppState::kProved, hits.app);
  }
  return forward_undecided(table, index, passage);
}

// The question is answered, one way or another: decide with what is known now and remember it.
template <typename Key>
Reason Worker::Impl::end_undecided(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage, AppState state,
                                   AppId app) {
  auto& hot = table.hot(index);
  auto& cold = table.cold(index);
  hot.app_state = static_cast<std::uint8_t>(state);
  cold.app = app;
  const FlowFacts facts = facts_of(table, index, passage);
  Decision decision = enforce::decide(*policy, facts);
  if (state == AppState::kProved) {
    if (app < policy->apps.size() && policy->apps[app].copy_first_bytes) {
      const bool gathered = !counted_only(hot) && cold.side != flow::kNoSide;
      copy_first_bytes(table, index, passage,
                       gathered ? undecided[cold.side].direction[passage.direction()].prefix() : passage.view.payload);
    }
    const bool from_client = sent_by_client(hot, passage);
    if (decision.verdict == Verdict::kAllow && app == policy->known.tftp && from_client)
      expect_tftp(passage, static_cast<OpenedBy>(hot.opened_by), decision.rule, decision.essential,
                  flow_id(table, index));
  }
  if (decision.kind == FlowKind::kPerMessage && !begin_per_message(table, index, passage)) {
    decision = enforce::block(*policy, facts, Step::kClass, Reason::kAppMismatch, decision.rule);
    if (decision.drop) decision.kind = FlowKind::kCondemned;
  }
  if (state == AppState::kProved && decision.kind == FlowKind::kSettled && !decision.drop) {
    decision.kind = FlowKind::kAwaitAnswer;
    settle(table, index, passage, facts, decision);
    tell_exchange(table, index, passage);
  } else {
    settle(table, index, passage, facts, decision);
  }
  follow(table, index, passage);
  return hot.applied_drop != 0 ? static_cast<Reason>(hot.reason) : Reason::kNone;
}

// An exchange that was answered is evidence; one that nobody answered is a claim.
template <typename Key>
void Worker::Impl::tell_exchange(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage) {
  auto& hot = table.hot(index);
  const bool answered = passage.view.proto == packet::kProtoTcp
                            ? hot.packets[0] != 0 && hot.packets[1] != 0
                            : !sent_by_client(hot, passage) && !passage.view.payload.empty();
  if (!answered) return;
  const bool reads_on = inspection_depth(table, index) != 0 || follows(table.cold(index).app);
  hot.kind = static_cast<std::uint8_t>(reads_on ? FlowKind::kInspect : FlowKind::kSettled);
  if (hot.guessed == 0) put(event_of_flow(EventKind::kSpeaks, table, index));
}

#define WARDLINE_INSTANTIATE(Key)                                                                                    \
  template Reason Worker::Impl::judge_undecided(flow::FlowTable<Key>&, flow::FlowIndex, Passage&);                   \
  template Reason Worker::Impl::end_undecided(flow::FlowTable<Key>&, flow::FlowIndex, Passage&, AppState, AppId);    \
  template Reason Worker::Impl::fail_in_flow(flow::FlowTable<Key>&, flow::FlowIndex, const Passage&, Reason);        \
  template Reason Worker::Impl::drop_where_enforced(flow::FlowTable<Key>&, flow::FlowIndex, const Passage&, Reason); \
  template void Worker::Impl::tell_exchange(flow::FlowTable<Key>&, flow::FlowIndex, const Passage&);                 \
  template void Worker::Impl::release_side(flow::FlowTable<Key>&, flow::FlowIndex, FlowKind);
WARDLINE_INSTANTIATE(flow::FlowKey4)
WARDLINE_INSTANTIATE(flow::FlowKey6)
#undef WARDLINE_INSTANTIATE

}  // namespace wardline
