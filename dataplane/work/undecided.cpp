// A flow whose application is not known yet: gather its first bytes, scan them, and bound what passes meanwhile.
#include <algorithm>

#include "dataplane/work/worker_state.h"

namespace wardline {

using enforce::AppState;
using enforce::Decision;
using enforce::FailureAction;
using enforce::FlowFacts;
using enforce::FlowKind;
using enforce::Step;
using enforce::Verdict;
using flow::FirstBytes;
using flow::OpenedBy;

namespace {

// Datagrams are scanned one by one, and so are the segments of a TCP flow picked up in the middle: nothing is
// gathered, and ColdRecord::side holds the payload bytes forwarded each way instead of a pool index.
template <typename Key>
bool counted_only(const flow::HotRecord<Key>& hot) {
  return hot.key.proto != packet::kProtoTcp || hot.guessed != 0;
}

std::uint32_t counted(std::uint32_t side, std::size_t direction) {
  return side == flow::kNoSide ? 0 : side >> (16 * direction) & 0xffff;
}

std::uint32_t with_count(std::uint32_t side, std::size_t direction, std::size_t more) {
  if (side == flow::kNoSide) side = 0;
  const auto sum = static_cast<std::uint32_t>(std::min<std::size_t>(counted(side, direction) + more, 0xfffe));
  return (side & ~(0xffffU << (16 * direction))) | sum << (16 * direction);
}

template <typename Key>
bool sent_by_client(const flow::HotRecord<Key>& hot, const Passage& passage) {
  return passage.from_device == (static_cast<OpenedBy>(hot.opened_by) == OpenedBy::kDevice);
}

template <typename Key>
std::uint16_t server_port(const flow::HotRecord<Key>& hot, const Passage& passage) {
  return static_cast<OpenedBy>(hot.opened_by) == OpenedBy::kDevice ? passage.peer_port() : passage.device_port();
}

}  // namespace

classify::Hits Worker::Impl::scan(classify::Transport transport, bool from_client, std::uint16_t port,
                                  std::span<const std::byte> bytes) {
  counters.tally(Tally::kScans);
  counters.tally(Tally::kScanBytes, bytes.size());
  if (!policy->databases) return {};
  return policy->databases->scan(transport, from_client ? classify::Sender::kClient : classify::Sender::kServer, port,
                                 bytes, number);
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
}

template <typename Key>
Reason Worker::Impl::judge_undecided(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage) {
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
  if (view.payload.empty()) return Reason::kNone;
  const bool syn = (view.tcp_flags & packet::kSyn) != 0;
  const auto sequence = view.sequence + (syn ? 1 : 0);
  auto& bytes = undecided[table.cold(index).side].direction[passage.direction()];
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

// A dropped segment does not count as seen.
template <typename Key>
void Worker::Impl::take_back(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage) {
  const auto side = table.cold(index).side;
  if (!counted_only(table.hot(index)) && side != flow::kNoSide)
    undecided[side].direction[passage.direction()].discard();
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
  const auto hits = scan(transport, sent_by_client(table.hot(index), passage), server_port(table.hot(index), passage),
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
  for (std::uint8_t i = 0; i < hits.threat_count; ++i) {
    FlowFacts facts = facts_of(table, index, passage);
    if (hits.app != kNoApp) {
      facts.app = hits.app;
      facts.app_state = AppState::kProved;
    }
    facts.threat_drops = policy->databases->traits(hits.threats[i]).drops;
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
      count_toward_quarantine(hot.device_slot.get(), passage.segment, passage.peer(), passage.peer_port(), facts.app,
                              Reason::kDetection, passage);
    if (decision.drop) return Reason::kDetection;  // of datagrams only the one that carries it
  }
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
  const bool follows_on = app == policy->known.ftp;  // its control channel is read for as long as it lives
  if (state == AppState::kProved && decision.kind == FlowKind::kSettled && !decision.drop && !follows_on) {
    decision.kind = FlowKind::kAwaitAnswer;
    settle(table, index, passage, facts, decision);
    tell_exchange(table, index, passage);
  } else {
    settle(table, index, passage, facts, decision);
  }
  if (static_cast<FlowKind>(hot.kind) == FlowKind::kInspect) follow_ftp(table, index, passage);
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
  hot.kind = static_cast<std::uint8_t>(FlowKind::kSettled);
  if (hot.guessed == 0) put(event_of_flow(EventKind::kSpeaks, table, index));
}

// What an undecided flow has sent so far, before this packet.
struct Worker::Impl::Undecided {
  std::uint32_t bytes = 0, packets = 0;  // forwarded in this packet's direction
  bool exhausted = false;                // 2 KiB of each direction that spoke were scanned
};

template <typename Key>
Worker::Impl::Undecided Worker::Impl::measure_undecided(flow::FlowTable<Key>& table, flow::FlowIndex index,
                                                        const Passage& passage) {
  const auto& hot = table.hot(index);
  const auto side = table.cold(index).side;
  const auto direction = passage.direction();
  bool spoke = false, exhausted = true;
  const auto look = [&](std::size_t bytes) {
    if (bytes == 0) return;
    spoke = true;
    exhausted = exhausted && bytes >= FirstBytes::kLimit;
  };
  if (!counted_only(hot)) {
    const auto& state = undecided[side];
    for (const auto& bytes : state.direction) look(bytes.started() ? bytes.prefix().size() : 0);
    return {state.bytes_forwarded[direction], state.packets_forwarded[direction], spoke && exhausted};
  }
  const auto after = with_count(side, direction, passage.view.payload.size());
  for (std::size_t i = 0; i < 2; ++i) look(counted(after, i));
  return {counted(side, direction), packets_since_report(hot.packets[direction]) - 1, spoke && exhausted};
}

// All that may be scanned was, and it proved nothing. Where no rule takes it as unclassified, the criticality speaks as
// it does at the limits: the size of its packets must not decide whether a flow keeps the benefit of the doubt.
template <typename Key>
Reason Worker::Impl::all_was_scanned(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage) {
  FlowFacts facts = facts_of(table, index, passage);
  const bool doubt = policy->undecided_limit[static_cast<std::size_t>(enforce::criticality_of(*policy, facts))] ==
                     FailureAction::kAllow;
  facts.app_state = AppState::kOpaque;
  const Decision decision = enforce::decide(*policy, facts);
  const bool fits = decision.verdict == Verdict::kAllow || decision.step == Step::kKeepAlive;
  return end_undecided(table, index, passage, doubt && !fits ? AppState::kPortOnly : AppState::kOpaque, kNoApp);
}

// Nothing proved yet. The packet passes if that keeps within the limits of the flow and of the device; bytes in the
// middle of a flow, and bytes that a rule allows as unclassified, do not count.
template <typename Key>
Reason Worker::Impl::forward_undecided(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage) {
  auto& hot = table.hot(index);
  const auto size = passage.view.payload.size();
  const Undecided sent = measure_undecided(table, index, passage);
  if (hot.guessed != 0 && passage.view.proto == packet::kProtoTcp) {
    constexpr std::uint32_t kMidstreamLooks = 4;  // some segments were looked at and none opened a message
    if (packets_since_report(hot.packets[0]) + packets_since_report(hot.packets[1]) >= kMidstreamLooks) {
      if (const Reason cause = fail_in_flow(table, index, passage, Reason::kMidstream); cause != Reason::kNone)
        return cause;
      return end_undecided(table, index, passage, AppState::kMidstream, kNoApp);
    }
  } else if (sent.exhausted) {
    return all_was_scanned(table, index, passage);
  }
  const bool would_block = hot.verdict != static_cast<std::uint8_t>(Verdict::kAllow);
  if (hot.guessed == 0 && !would_block) {
    const auto& limits = policy->undecided;
    const bool flow_full = sent.bytes + size > limits.flow_bytes || sent.packets >= limits.flow_packets;
    const SlotId slot = hot.device_slot.get();
    const bool over = flow_full || !take_undecided_budget({slot, slots.word(slot)}, passage.device_mac(), size);
    if (over && enforce::allowed_unclassified(*policy, facts_of(table, index, passage))) {
      if (flow_full) return end_undecided(table, index, passage, AppState::kOpaque, kNoApp);
    } else if (over) {
      return flow_full ? limit_reached(table, index, passage) : device_limit_reached(table, index, passage);
    }
  }
  pass_undecided(table, index, passage);
  return Reason::kNone;
}

// Counts a packet that is forwarded undecided; only now its bytes count as seen.
template <typename Key>
void Worker::Impl::pass_undecided(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage) {
  const auto size = passage.view.payload.size();
  auto& cold = table.cold(index);
  counters.tally(Tally::kUndecidedForwardedBytes, size);
  if (counted_only(table.hot(index))) {
    cold.side = with_count(cold.side, passage.direction(), size);
    return;
  }
  auto& state = undecided[cold.side];
  state.bytes_forwarded[passage.direction()] += static_cast<std::uint32_t>(size);
  ++state.packets_forwarded[passage.direction()];
  state.direction[passage.direction()].commit();
}

// The device sent its share over all its flows: this packet waits for the sender's retry, the flow stays open.
template <typename Key>
Reason Worker::Impl::device_limit_reached(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage) {
  const auto criticality = enforce::criticality_of(*policy, facts_of(table, index, passage));
  const bool allowed = policy->undecided_limit[static_cast<std::size_t>(criticality)] == FailureAction::kAllow;
  if (!allowed) {
    const Reason reason = drop_where_enforced(table, index, passage, Reason::kUndecidedLimit);
    if (reason != Reason::kNone) {
      take_back(table, index, passage);
      return reason;
    }
  }
  pass_undecided(table, index, passage);
  return Reason::kNone;
}

// The flow sent its share without telling what it is. By criticality it keeps the benefit of the doubt or is stopped.
template <typename Key>
Reason Worker::Impl::limit_reached(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage) {
  const FlowFacts facts = facts_of(table, index, passage);
  const auto criticality = enforce::criticality_of(*policy, facts);
  if (policy->undecided_limit[static_cast<std::size_t>(criticality)] == FailureAction::kAllow)
    return end_undecided(table, index, passage, AppState::kPortOnly, kNoApp);
  auto& hot = table.hot(index);
  hot.app_state = static_cast<std::uint8_t>(AppState::kOpaque);
  Decision decision =
      enforce::block(*policy, facts, Step::kDefault, Reason::kUndecidedLimit, table.cold(index).rule);
  decision.kind = FlowKind::kSettled;
  settle(table, index, passage, facts, decision);
  return hot.applied_drop != 0 ? Reason::kUndecidedLimit : Reason::kNone;
}

bool Worker::Impl::take_undecided_budget(const FoundDevice& device, const Mac& mac, std::size_t bytes) {
  const auto& limits = policy->undecided;
  const std::uint32_t window = coarse_now / std::max<CoarseTick>(coarse_duration(limits.device_seconds * kSecond), 1) + 1;
  const auto add = static_cast<std::uint32_t>(bytes);
  if (!device.identified()) {
    Bucket& bucket = mac_budgets[(mac.number() * 0x9e3779b97f4a7c15 >> 32) % mac_budgets.size()];
    if (bucket.window != window) bucket = {window, 0};
    if (bucket.bytes + add > limits.device_bytes) return false;
    bucket.bytes += add;
    return true;
  }
  auto& cold = slots.cold(device.slot);
  if (cold.undecided_window.load(std::memory_order_relaxed) != window) {
    cold.undecided_window.store(window, std::memory_order_relaxed);
    cold.undecided_bytes.store(0, std::memory_order_relaxed);
  }
  if (cold.undecided_bytes.load(std::memory_order_relaxed) + add > limits.device_bytes) return false;
  cold.undecided_bytes.fetch_add(add, std::memory_order_relaxed);
  return true;
}

#define WARDLINE_INSTANTIATE(Key)                                                                                     \
  template Reason Worker::Impl::judge_undecided(flow::FlowTable<Key>&, flow::FlowIndex, Passage&);                    \
  template Reason Worker::Impl::drop_where_enforced(flow::FlowTable<Key>&, flow::FlowIndex, const Passage&, Reason);  \
  template void Worker::Impl::tell_exchange(flow::FlowTable<Key>&, flow::FlowIndex, const Passage&);                  \
  template void Worker::Impl::release_side(flow::FlowTable<Key>&, flow::FlowIndex, FlowKind);
WARDLINE_INSTANTIATE(flow::FlowKey4)
WARDLINE_INSTANTIATE(flow::FlowKey6)
#undef WARDLINE_INSTANTIATE

}  // namespace wardline
