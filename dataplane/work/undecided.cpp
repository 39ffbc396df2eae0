// A flow whose application is not known yet: gather its first bytes and scan them.
#include <algorithm>

#include "dataplane/work/tcp_side.h"
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
  return scan({.transport = transport,
               .sender = from_client ? classify::Sender::kClient : classify::Sender::kServer,
               .server_port = port,
               .bytes = bytes});
}

void Worker::Impl::give_back_undecided(std::uint32_t place) {
  if (undecided[place].inspected != flow::kNoSide) inspected.give_back(undecided[place].inspected);
  undecided.give_back(place);
}

void Worker::Impl::give_back_side(std::uint32_t side, FlowKind kind) {
  switch (kind) {
    case FlowKind::kPerMessage:
      if (framed[side].ahead != flow::kNoSide) give_back_undecided(framed[side].ahead);
      if (framed[side].inspected != flow::kNoSide) inspected.give_back(framed[side].inspected);
      framed.give_back(side);
      break;
    case FlowKind::kUndecided:
      give_back_undecided(side);
      break;
    case FlowKind::kInspect:
    case FlowKind::kAwaitAnswer:
      inspected.give_back(side);
      break;
    default:
      break;
  }
}

template <typename Key>
bool Worker::Impl::gathers(const flow::FlowTable<Key>& table, flow::FlowIndex index) const {
  return !counted_only(table.hot(index)) && work::holds_buffers(table.cold(index).side);
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
  auto& side = table.cold(index).side;
  const bool right = passage.checksum_holds();
  if (!right && was_checked(side, passage.direction()))  // as is_decoy() does for streams
    return drop_where_enforced(table, index, passage, Reason::kBadChecksum);
  if (right) side = with_checked(side, passage.direction());
  const auto transport =
      passage.view.proto == packet::kProtoTcp ? classify::Transport::kTcp : classify::Transport::kUdp;
  const auto& hot = table.hot(index);
  const auto& payload = passage.view.payload;
  const auto hits =
      scan({.transport = transport,
            .sender = sent_by_client(hot, passage) ? classify::Sender::kClient : classify::Sender::kServer,
            .server_port = server_port(hot, passage),
            .bytes = payload.first(std::min<std::size_t>(payload.size(), FirstBytes::kLimit))});
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
  if (hits.threat_count != 0) {
    auto* const told = gathers(table, index) ? &undecided[table.cold(index).side].told : nullptr;
    if (const Reason cause = judge_threats(table, index, passage, hits, told); cause != Reason::kNone) return cause;
  }
  if (hits.app != kNoApp) {
    // In the middle of a flow any bytes may look like a greeting: there a proof may confirm a rule, not refute one.
    bool believe = hot.guessed == 0;
    if (!believe) {
      FlowFacts facts = facts_of(table, index, passage);
      facts.app_state = AppState::kProved;
      facts.app = hits.app;
      believe = decisions.decide(*policy, facts).verdict == Verdict::kAllow;
    }
    if (believe) return end_undecided(table, index, passage, AppState::kProved, hits.app);
  }
  return forward_undecided(table, index, passage);
}

// All of this segment is among the bytes that are held in order, so that it was scanned with them. What a SYN brings is
// looked at once more: a receiver may take it for another connection.
static bool holds(const flow::InspectedBytes& window, const packet::PacketView& view) {
  const std::uint32_t from = data_sequence(view) - window.base_sequence();
  return window.started() && (view.tcp_flags & packet::kSyn) == 0 &&
         from + view.payload.size() <= window.prefix().size();
}

// The question is answered, one way or another: decide with what is known now and remember it.
template <typename Key>
Reason Worker::Impl::end_undecided(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage, AppState state,
                                   AppId app) {
  auto& hot = table.hot(index);
  auto& cold = table.cold(index);
  hot.app_state = static_cast<std::uint8_t>(state);
  cold.app = app;
  const facts::FactMask pending = state == AppState::kProved ? read_flow_facts(table, index, passage) : 0;
  FlowFacts& facts = facts_again(table, index, passage);
  facts.facts_pending = pending;
  Decision decision = decisions.decide(*policy, facts);
  if (state == AppState::kProved && decision.kind == FlowKind::kUndecided && pending != 0) {
    // A rule fits if the payload says on what it has begun to say: until then nothing is proved.
    hot.app_state = static_cast<std::uint8_t>(AppState::kUnknown);
    cold.app = kNoApp;
    return forward_undecided(table, index, passage);
  }
  trust_unknown_facts(table, index, facts, decision);
  if (state == AppState::kProved) {
    if (app < policy->apps.size() && policy->apps[app].copy_first_bytes) {
      const auto said = gathers(table, index) ? undecided[cold.side].direction[0].prefix()
                        : passage.from_device ? passage.view.payload
                                              : std::span<const std::byte>();
      if (!said.empty()) copy_first_bytes(table, index, passage, said);
    }
    const bool from_client = sent_by_client(hot, passage);
    if (decision.verdict == Verdict::kAllow && app == policy->known.tftp && from_client)
      expect_tftp(passage, static_cast<OpenedBy>(hot.opened_by), decision.rule, decision.essential,
                  flow_id(table, index));
  }
  if (decision.kind == FlowKind::kPerMessage) return begin_per_message(table, index, passage, facts, decision);
  const std::uint32_t window = window_for(table, index, decision);
  if (decision.kind == FlowKind::kSettled && !decision.drop) {
    if (state == AppState::kProved)
      decision.kind = FlowKind::kAwaitAnswer;
    else if (window != flow::kNoSide || (counted_only(hot) && inspection_depth(table, index) != 0))
      decision.kind = FlowKind::kInspect;
  }
  settle(table, index, passage, facts, decision);
  if (window != flow::kNoSide) cold.side = window;
  if (decision.kind == FlowKind::kAwaitAnswer) tell_exchange(table, index, passage);
  const bool is_kept = window != flow::kNoSide && cold.side == window;  // tell_exchange() may give it back
  if (is_kept && !holds(inspected[window].direction[passage.direction()], passage.view))
    if (const Reason cause = judge_inspected(table, index, passage); cause != Reason::kNone) return cause;
  if (follows(cold.app)) follow(table, index, passage);
  return hot.applied_drop != 0 ? static_cast<Reason>(hot.reason) : Reason::kNone;
}

// A window for a flow that is decided now and in which threats are looked for further, with what was gathered of it;
// kNoSide where there is nothing to look for or no room. A failure table that drops is met by the flow's next one.
template <typename Key>
std::uint32_t Worker::Impl::window_for(flow::FlowTable<Key>& table, flow::FlowIndex index, const Decision& decision) {
  if (decision.kind != FlowKind::kSettled || decision.drop || !gathers(table, index)) return flow::kNoSide;
  if (overloaded.load(std::memory_order_relaxed) || inspection_depth(table, index) == 0) return flow::kNoSide;
  const auto place = take_window(table, index);
  if (place == flow::kNoSide) on_failure(Reason::kBufferPoolExhausted);
  return place;
}

// An exchange that was answered is evidence; one that nobody answered is a claim.
template <typename Key>
void Worker::Impl::tell_exchange(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage) {
  const auto& hot = table.hot(index);
  const bool answered = passage.view.proto == packet::kProtoTcp
                            ? hot.packets[0] != 0 && hot.packets[1] != 0
                            : !sent_by_client(hot, passage) && !passage.view.payload.empty();
  if (answered) tell_answered(table, index, passage);
}

template <typename Key>
[[gnu::noinline]] void Worker::Impl::tell_answered(flow::FlowTable<Key>& table, flow::FlowIndex index,
                                                   const Passage& passage) {
  auto& hot = table.hot(index);
  const bool reads_on = !depth_reached(table, index) || reads_for_life(table.cold(index).app);
  if (!reads_on) release_side(table, index, FlowKind::kAwaitAnswer);
  hot.kind = static_cast<std::uint8_t>(reads_on ? FlowKind::kInspect : settled_kind(table.cold(index).app));
  if (ledger != nullptr) [[unlikely]]
    offer_to_card(table, index, passage);
  if (hot.guessed == 0) put(event_of_flow(EventKind::kSpeaks, table, index));
}

#define WARDLINE_INSTANTIATE(Key)                                                                                    \
  template Reason Worker::Impl::judge_undecided(flow::FlowTable<Key>&, flow::FlowIndex, Passage&);                   \
  template Reason Worker::Impl::end_undecided(flow::FlowTable<Key>&, flow::FlowIndex, Passage&, AppState, AppId);    \
  template Reason Worker::Impl::fail_in_flow(flow::FlowTable<Key>&, flow::FlowIndex, const Passage&, Reason);        \
  template Reason Worker::Impl::drop_where_enforced(flow::FlowTable<Key>&, flow::FlowIndex, const Passage&, Reason); \
  template void Worker::Impl::tell_exchange(flow::FlowTable<Key>&, flow::FlowIndex, const Passage&);                 \
  template bool Worker::Impl::gathers(const flow::FlowTable<Key>&, flow::FlowIndex) const;
WARDLINE_INSTANTIATE(flow::FlowKey4)
WARDLINE_INSTANTIATE(flow::FlowKey6)
#undef WARDLINE_INSTANTIATE

}  // namespace wardline
