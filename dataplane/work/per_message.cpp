// A flow whose rule asks something of each message: framed for life, never settled. Each datagram is a message.
#include <algorithm>
#include <utility>

#include "dataplane/enforce/fact_fit.h"
#include "dataplane/work/undecided_flow.h"

namespace wardline {

using enforce::AppState;
using enforce::Decision;
using enforce::FlowFacts;
using enforce::FlowKind;
using enforce::Step;
using enforce::Verdict;
using facts::Carrier;
using work::MessageFramer;
using work::MessageShape;

void Worker::Impl::read_message(AppId app, Carrier carrier, std::span<const std::byte> bytes, bool from_client) {
  message_facts.clear();
  facts::read_facts(reader_of(app), carrier, bytes, from_client, message_facts);
}

// Asks the policy whether the message that was read may pass: any rule may carry it, not only the one that carries the
// flow. `facts` then holds what the message says, until the next message is read.
bool Worker::Impl::message_passes(FlowFacts& facts, bool from_client, Decision& decision) {
  facts.message = &message_facts;
  facts.message_from_client = from_client;
  decision = decisions.decide(*policy, facts);
  return decision.verdict == Verdict::kAllow;
}

// The rule that carries the flow, where what fits it needs no decision; null: each message is decided.
template <typename Key>
const enforce::Rule* Worker::Impl::carrier_of(const flow::FlowTable<Key>& table, flow::FlowIndex index) const {
  const auto& hot = table.hot(index);
  const RuleId rule = table.cold(index).rule;
  const auto quarantined = [&](SlotId slot) {
    return slot != kNoSlot && slots.word(slot).quarantine != enforce::Profile::kNone;
  };
  const bool stands = static_cast<Verdict>(hot.verdict) == Verdict::kAllow &&
                      static_cast<Step>(hot.step) != Step::kRelated && rule < policy->rules.size();
  return stands && !quarantined(hot.device_slot.get()) && !quarantined(hot.peer_slot.get()) ? &policy->rules[rule]
                                                                                            : nullptr;
}

// One message of a flow that goes on, by its bytes. What fails is in `refused`.
template <typename Key>
bool Worker::Impl::judge_message(const flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage,
                                 Carrier carrier, std::span<const std::byte> bytes, Refused& refused) {
  const bool from_client = sent_by_client(table.hot(index), passage);
  read_message(table.cold(index).app, carrier, bytes, from_client);
  if (const auto* rule = carrier_of(table, index);
      rule != nullptr && enforce::message_fits(*policy, *rule, message_facts, from_client))
    return true;
  refused.facts = facts_of(table, index, passage);
  return message_passes(refused.facts, from_client, refused.decision);
}

// The rest of a flow of which one message failed. In an essential flow that alerts; elsewhere it condemns the
// connection, where the mode enforces.
template <typename Key>
Reason Worker::Impl::end_messages(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage,
                                  const FlowFacts& facts, Decision decision) {
  decision.kind = decision.drop ? FlowKind::kCondemned : FlowKind::kSettled;
  settle(table, index, passage, facts, decision);
  const auto& hot = table.hot(index);
  return hot.applied_drop != 0 ? static_cast<Reason>(hot.reason) : Reason::kNone;
}

// What stands where messages should: not the application that was proved.
template <typename Key>
Decision Worker::Impl::against_garbage(const flow::FlowTable<Key>& table, flow::FlowIndex index,
                                       const FlowFacts& facts) const {
  const RuleId rule = table.cold(index).rule;
  Decision decision = enforce::block(*policy, facts, Step::kClass, Reason::kAppMismatch, rule);
  decision.essential = rule < policy->rules.size() && policy->rules[rule].essential;
  if (decision.essential) {
    decision.verdict = Verdict::kWouldBlock;
    decision.step = Step::kKeepAlive;
    decision.drop = decision.counts = decision.reject = false;
  }
  return decision;
}

// The gathered first bytes of one direction, with the segment that proved the application. The segment is told apart
// from what came before it: should it be sent again, it comes as it was.
template <typename Key>
MessageFramer::Answer Worker::Impl::follow_first_bytes(flow::FlowTable<Key>& table, flow::FlowIndex index,
                                                       const Passage& passage, std::size_t direction,
                                                       MessageFramer& framer, FlowFacts& facts, Decision& decision) {
  const auto& bytes = undecided[table.cold(index).side].direction[direction];
  const auto base = bytes.base_sequence();
  const auto prefix = bytes.prefix();
  const bool from_client = (direction == passage.direction()) == sent_by_client(table.hot(index), passage);
  framer.start(reader_of(facts.app), base);
  if (!MessageShape::follows(reader_of(facts.app), from_client)) return MessageFramer::Answer::kPass;
  const auto follow = [&](std::uint32_t sequence, std::span<const std::byte> part) {
    return framer.judge(sequence, part, [&](std::span<const std::byte> head) {
      read_message(facts.app, Carrier::kStream, head, from_client);
      return message_passes(facts, from_client, decision);
    });
  };
  const auto sequence = passage.view.sequence + ((passage.view.tcp_flags & packet::kSyn) != 0 ? 1 : 0);
  const std::uint32_t at = sequence - base;
  if (direction != passage.direction() || passage.view.payload.empty() || at > prefix.size())
    return follow(base, prefix);
  auto answer = follow(base, prefix.first(at));
  if (answer == MessageFramer::Answer::kPass) answer = follow(sequence, passage.view.payload);
  const std::size_t seen = at + passage.view.payload.size();
  if (answer == MessageFramer::Answer::kPass && seen < prefix.size())  // what waited beyond the hole it filled
    answer = follow(base + static_cast<std::uint32_t>(seen), prefix.subspan(seen));
  return answer;
}

// From the application's proof on. kNone: the flow goes on, as `decision` then says.
template <typename Key>
Reason Worker::Impl::begin_per_message(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage,
                                       FlowFacts& facts, Decision& decision) {
  auto& cold = table.cold(index);
  auto& hot = table.hot(index);
  if (hot.key.proto != packet::kProtoTcp) {  // nothing to remember from one datagram to the next
    settle(table, index, passage, facts, decision);
    tell_messages(table, index, passage);
    return judge_datagram(table, index, passage);
  }
  const bool gathered = gathers(table, index);
  const auto place = gathered ? framed.take() : flow::kNoSide;
  // Without memory for a framer, or from the middle, messages cannot be told apart: the failure table decides.
  if (place == flow::kNoSide) {
    const Reason cause = on_failure(gathered ? Reason::kBufferPoolExhausted : Reason::kMidstream);
    if (cause != Reason::kNone && !decision.essential) {
      decision = enforce::block(*policy, facts, Step::kOnFailure, cause, decision.rule);
      decision.counts = false;
    }
    decision.kind = FlowKind::kSettled;
    settle(table, index, passage, facts, decision);
    return hot.applied_drop != 0 ? static_cast<Reason>(hot.reason) : Reason::kNone;
  }
  auto answer = MessageFramer::Answer::kPass;
  Decision refused;
  cold.rule = decision.rule;
  for (std::size_t direction = 0; direction < 2 && answer == MessageFramer::Answer::kPass; ++direction)
    if (undecided[cold.side].direction[direction].started())
      answer = follow_first_bytes(table, index, passage, direction, framed[place].direction[direction], facts, refused);
  if (answer != MessageFramer::Answer::kPass) {
    framed.give_back(place);
    if (answer != MessageFramer::Answer::kForbidden) refused = against_garbage(table, index, facts);
    return end_messages(table, index, passage, facts, refused);
  }
  hand_over(table, index, framed[place]);
  hot.kind = static_cast<std::uint8_t>(FlowKind::kPerMessage);
  cold.side = place;
  facts.message = nullptr;
  settle(table, index, passage, facts, decision);
  tell_messages(table, index, passage);
  return inspect_framed(table, index, passage);
}

// What an undecided flow leaves to one that is framed: the numbers of its connection, a window in which threats are
// looked for, and bytes ahead of a hole, which were forwarded and are judged when it closes.
template <typename Key>
void Worker::Impl::hand_over(flow::FlowTable<Key>& table, flow::FlowIndex index, work::MessageState& state) {
  auto& cold = table.cold(index);
  auto& former = undecided[cold.side];
  const std::size_t client = static_cast<flow::OpenedBy>(table.hot(index).opened_by) == flow::OpenedBy::kDevice ? 0 : 1;
  bool ahead = false;
  state.ends = former.ends;
  for (std::size_t i = 0; i < 2; ++i) {
    state.first[i] = former.direction[i].base_sequence();
    former.direction[i].commit();
    ahead = ahead || (former.direction[i].has_islands() && MessageShape::follows(reader_of(cold.app), i == client));
  }
  if (inspection_depth(table, index) != 0 && !overloaded.load(std::memory_order_relaxed)) {
    state.inspected = take_window(table, index);
    if (state.inspected == flow::kNoSide) on_failure(Reason::kBufferPoolExhausted);
  }
  if (ahead)
    state.ahead = std::exchange(cold.side, flow::kNoSide);
  else
    release_side(table, index, FlowKind::kUndecided);
}

// Threats in the bytes of a flow that is framed, until the class's depth is reached both ways.
template <typename Key>
Reason Worker::Impl::inspect_framed(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage) {
  auto& state = framed[table.cold(index).side];
  if (state.inspected == flow::kNoSide) return Reason::kNone;
  auto& window = inspected[state.inspected];
  const auto depth = inspection_depth(table, index);
  bool over = depth == 0 || (is_done(window, 0, depth) && is_done(window, 1, depth));
  if (!passage.view.payload.empty() && !over) {
    if (overloaded.load(std::memory_order_relaxed)) {
      if (const Reason cause = fail_inspected(table, index, passage, Reason::kOverload); cause != Reason::kNone)
        return cause;
      over = true;
    } else if (!is_done(window, passage.direction(), depth)) {
      return inspect_stream(table, index, passage, window, window.told);
    }
  }
  if (over) inspected.give_back(std::exchange(state.inspected, flow::kNoSide));
  return Reason::kNone;
}

// An exchange that was answered is evidence, as in flows that are not framed. Of TCP the handshake answers.
template <typename Key>
void Worker::Impl::tell_messages(const flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage) {
  const auto& hot = table.hot(index);
  const bool tcp = hot.key.proto == packet::kProtoTcp;
  const bool answered = tcp ? hot.packets[0] != 0 && hot.packets[1] != 0
                            : !sent_by_client(hot, passage) && hot.packets[passage.direction()] == 1;
  if (answered && hot.guessed == 0) put(event_of_flow(EventKind::kSpeaks, table, index));
}

// One datagram. One that fails is dropped, what follows is judged by itself.
template <typename Key>
Reason Worker::Impl::judge_datagram(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage) {
  if (passage.view.payload.empty()) return Reason::kNone;
  Refused refused;
  if (judge_message(table, index, passage, Carrier::kDatagram, passage.view.payload, refused)) return Reason::kNone;
  const auto& [facts, decision] = refused;
  Event event = event_of_flow(EventKind::kViolation, table, index);
  event.pair = passage.frame->pair;
  event.side = passage.frame->side;
  event.verdict = decision.verdict;
  event.step = decision.step;
  event.reason = decision.reason;
  event.rule = decision.rule;
  event.applied_drop = decision.drop;
  event.essential = decision.essential;
  describe_unmet(event, facts, decision);
  report_violation(event);
  if (decision.counts)
    count_toward_quarantine(table.hot(index).device_slot.get(), passage.segment, passage.peer(), passage.peer_port(),
                            facts.app, decision.reason, passage);
  return decision.drop ? decision.reason : Reason::kNone;
}

// Names the fact that failed and its value, as far as it can be printed and may be shown.
void Worker::Impl::describe_unmet(Event& event, const FlowFacts& facts, const Decision& decision) const {
  event.fact = decision.unmet;
  if (decision.unmet == facts::Fact::kCount || decision.rule >= policy->rules.size()) return;
  const auto* test = enforce::unmet_test(*policy, policy->rules[decision.rule], facts);
  if (test == nullptr || !facts::may_be_shown(test->fact)) return;
  const auto value = enforce::unmet_value(*test, facts).substr(0, event.note.size() - 1);
  event.note = {};
  std::ranges::transform(value, event.note.begin(),
                         [](char letter) { return letter >= 0x20 && letter < 0x7f ? letter : '?'; });
}

// A segment that does not follow what was judged. Where the mode only monitors, or the flow is essential, it goes on,
// and with it the place of all messages after it is lost: the flow is then as one met in its middle, in which threats
// are still looked for.
template <typename Key>
Reason Worker::Impl::drop_unplaced(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage,
                                   Reason reason) {
  const RuleId rule = table.cold(index).rule;
  const bool essential = rule < policy->rules.size() && policy->rules[rule].essential;
  reason = essential ? Reason::kNone : drop_where_enforced(table, index, passage, reason);
  if (reason != Reason::kNone) return reason;
  auto& cold = table.cold(index);
  const auto window = std::exchange(framed[cold.side].inspected, flow::kNoSide);
  release_side(table, index, FlowKind::kPerMessage);
  cold.side = window;
  const bool looks = window != flow::kNoSide;
  table.hot(index).kind = static_cast<std::uint8_t>(looks ? FlowKind::kInspect : FlowKind::kSettled);
  return looks ? inspect_segment(table, index, passage, inspected[window]) : Reason::kNone;
}

// Follows the messages of a segment, and those in bytes that went ahead of the hole that it closes.
template <typename Key>
MessageFramer::Answer Worker::Impl::follow_segment(const flow::FlowTable<Key>& table, flow::FlowIndex index,
                                                   const Passage& passage, Refused& refused) {
  using Answer = MessageFramer::Answer;
  auto& state = framed[table.cold(index).side];
  auto& framer = state.direction[passage.direction()];
  const auto& view = passage.view;
  const auto follow = [&](std::uint32_t sequence, std::span<const std::byte> part) {
    return framer.judge(sequence, part, [&](std::span<const std::byte> head) {
      return judge_message(table, index, passage, Carrier::kStream, head, refused);
    });
  };
  if (state.ahead == flow::kNoSide) return follow(view.sequence, view.payload);
  auto& bytes = undecided[state.ahead].direction[passage.direction()];
  if (!bytes.started()) bytes.start(view.sequence);
  if (bytes.offer(view.sequence, view.payload) == flow::Fit::kContradiction) return Answer::kContradiction;
  Answer answer = follow(view.sequence, view.payload);
  const std::uint32_t more = bytes.end_sequence() - framer.next_sequence();
  if (answer == Answer::kPass && static_cast<std::int32_t>(more) > 0 && more <= bytes.prefix().size())
    answer = follow(framer.next_sequence(), bytes.prefix().last(more));
  if (answer != Answer::kPass) {
    bytes.discard();
    return answer;
  }
  bytes.commit();
  if (!bytes.has_islands()) give_back_undecided(std::exchange(state.ahead, flow::kNoSide));
  return answer;
}

template <typename Key>
Reason Worker::Impl::judge_per_message(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage) {
  const auto& view = passage.view;
  if (table.hot(index).key.proto != packet::kProtoTcp) {
    if (!view.payload.empty()) tell_messages(table, index, passage);
    if (const Reason cause = inspect_datagram(table, index, passage); cause != Reason::kNone) return cause;
    return judge_datagram(table, index, passage);
  }
  const auto side = table.cold(index).side;
  if (side == flow::kNoSide) return Reason::kNone;
  auto& state = framed[side];
  const auto direction = passage.direction();
  if (is_decoy(table, index, passage)) return refuse(table, index, passage, Reason::kBadChecksum);
  if ((view.tcp_flags & packet::kAck) != 0) {
    state.direction[1 - direction].acknowledged(view.acknowledgement);
    if (state.inspected != flow::kNoSide)
      note_acknowledgement(inspected[state.inspected], 1 - direction, view.acknowledgement);
  }
  const bool first_syn = (view.tcp_flags & (packet::kSyn | packet::kAck)) == packet::kSyn;
  if (first_syn && state.first[direction] != view.sequence + 1)
    return meet_restart(table, index, passage, state.ends[direction]);
  const bool followed =
      MessageShape::follows(reader_of(table.cold(index).app), sent_by_client(table.hot(index), passage));
  if (followed && !view.payload.empty())
    if (const Reason cause = judge_messages(table, index, passage); cause != Reason::kNone) return cause;
  return static_cast<FlowKind>(table.hot(index).kind) == FlowKind::kPerMessage ? inspect_framed(table, index, passage)
                                                                               : Reason::kNone;
}

template <typename Key>
Reason Worker::Impl::judge_messages(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage) {
  auto& framer = framed[table.cold(index).side].direction[passage.direction()];
  if (!framer.started()) framer.start(reader_of(table.cold(index).app), passage.view.sequence);
  Refused refused;
  switch (follow_segment(table, index, passage, refused)) {
    case MessageFramer::Answer::kPass:
      return Reason::kNone;
    case MessageFramer::Answer::kOutOfOrder:
      return drop_unplaced(table, index, passage, Reason::kOutOfOrder);
    case MessageFramer::Answer::kContradiction:
      return drop_unplaced(table, index, passage, Reason::kContradiction);
    case MessageFramer::Answer::kGarbage:
      refused.facts = facts_of(table, index, passage);
      refused.decision = against_garbage(table, index, refused.facts);
      break;
    case MessageFramer::Answer::kForbidden:
      break;
  }
  return end_messages(table, index, passage, refused.facts, refused.decision);
}

#define WARDLINE_INSTANTIATE(Key)                                                                   \
  template Reason Worker::Impl::begin_per_message(flow::FlowTable<Key>&, flow::FlowIndex, Passage&, \
                                                  enforce::FlowFacts&, enforce::Decision&);         \
  template Reason Worker::Impl::judge_per_message(flow::FlowTable<Key>&, flow::FlowIndex, Passage&);
WARDLINE_INSTANTIATE(flow::FlowKey4)
WARDLINE_INSTANTIATE(flow::FlowKey6)
#undef WARDLINE_INSTANTIATE

}  // namespace wardline
