// The first bytes of a TCP flow, put in order: what is judged is what the receiver gets.
#include <algorithm>

#include "dataplane/work/tcp_side.h"
#include "dataplane/work/undecided_flow.h"

namespace wardline {

using enforce::AppState;
using enforce::FlowKind;
using flow::Fit;
using work::SynMark;

// Buffers for a TCP flow, taken when its second half answers, so that unanswered SYNs cost nothing. The handshake (or
// the first segment after it) tells where both directions begin. False: the pool is empty.
template <typename Key>
bool Worker::Impl::take_side(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage) {
  const auto& view = passage.view;
  const SynMark mark(table.cold(index).side);
  const auto side = take_undecided();
  if (side == flow::kNoSide) return false;
  const bool syn = (view.tcp_flags & packet::kSyn) != 0, ack = (view.tcp_flags & packet::kAck) != 0;
  const auto direction = passage.direction();
  auto& state = undecided[side];
  auto& own = state.ends[direction];
  auto& opposite = state.ends[1 - direction];
  state.direction[direction].start(data_sequence(view));
  if (ack) state.direction[1 - direction].start(view.acknowledgement);
  state.handshake = syn && ack;
  const bool by_client = sent_by_client(table.hot(index), passage);
  own.opened = syn || (by_client && mark.fits(view.sequence));
  own.checked = (syn && passage.checksum_holds()) || (by_client && mark.checked());
  opposite.opened = state.handshake;
  opposite.checked = !by_client && mark.checked();
  table.cold(index).side = side;
  return true;
}

// What comes before there are buffers. A SYN leaves its mark; where a former connection may still stand, what does not
// fit the mark is not fed, and no decoy of the client is (is_decoy). kNone and no buffers: it passes.
template <typename Key>
Reason Worker::Impl::meet_first(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage) {
  auto& cold = table.cold(index);
  const auto& view = passage.view;
  const SynMark mark(cold.side);
  const bool syn = (view.tcp_flags & packet::kSyn) != 0, ack = (view.tcp_flags & packet::kAck) != 0;
  const bool by_client = sent_by_client(table.hot(index), passage);
  if (syn && !ack && by_client) {
    const bool right = passage.checksum_holds();
    if (!right && mark.checked()) return drop_where_enforced(table, index, passage, Reason::kBadChecksum);
    cold.side = SynMark(view.sequence + 1, right, mark.strict()).side();
    return Reason::kNone;
  }
  if (!syn && by_client && mark.checked() && !passage.checksum_holds())
    return drop_where_enforced(table, index, passage, Reason::kBadChecksum);
  if (!syn && mark.strict() && !mark.fits(by_client ? view.sequence : view.acknowledgement) && !view.payload.empty())
    return drop_where_enforced(table, index, passage, Reason::kOutOfOrder);
  return Reason::kNone;
}

template <typename Key>
bool Worker::Impl::needs_side(const flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage) const {
  const auto& view = passage.view;
  const SynMark mark(table.cold(index).side);
  const bool first_syn = (view.tcp_flags & (packet::kSyn | packet::kAck)) == packet::kSyn;
  if (first_syn) return !view.payload.empty();
  const bool answer = (view.tcp_flags & packet::kSyn) != 0;
  // An empty segment of another connection, such as the challenge that answers a forged SYN (RFC 5961, 4).
  return answer || !mark.strict() ||
         mark.fits(sent_by_client(table.hot(index), passage) ? view.sequence : view.acknowledgement);
}

template <typename Key>
Reason Worker::Impl::judge_undecided_tcp(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage) {
  const auto& view = passage.view;
  if (!work::holds_buffers(table.cold(index).side)) {
    if (const Reason cause = meet_first(table, index, passage); cause != Reason::kNone) return cause;
    if (!needs_side(table, index, passage)) return Reason::kNone;
    if (!take_side(table, index, passage)) {
      if (const Reason cause = fail_in_flow(table, index, passage, Reason::kBufferPoolExhausted);
          cause != Reason::kNone)
        return cause;
      return end_undecided(table, index, passage, AppState::kPortOnly, kNoApp);
    }
  } else {
    if (is_decoy(table, index, passage)) return drop_where_enforced(table, index, passage, Reason::kBadChecksum);
    if ((view.tcp_flags & packet::kSyn) != 0)
      if (const Reason cause = meet_handshake(table, index, passage); cause != Reason::kNone) return cause;
  }
  auto& state = undecided[table.cold(index).side];
  if ((view.tcp_flags & packet::kAck) != 0) note_acknowledgement(state, 1 - passage.direction(), view.acknowledgement);
  return view.payload.empty() ? Reason::kNone : place_segment(table, index, passage, state);
}

// Puts a segment to its place and judges what that gives.
template <typename Key>
Reason Worker::Impl::place_segment(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage,
                                   flow::UndecidedState& state) {
  const auto& view = passage.view;
  const auto direction = passage.direction();
  auto& bytes = state.direction[direction];
  auto& ends = state.ends[direction];
  const auto sequence = data_sequence(view);
  const auto end = sequence + static_cast<std::uint32_t>(view.payload.size());
  if (!bytes.started()) bytes.start(sequence);
  if (ends.ended && static_cast<std::int32_t>(end - ends.end) > 0)
    return drop_where_enforced(table, index, passage, Reason::kOutOfOrder);  // after its FIN a host sends nothing
  if ((view.tcp_flags & packet::kUrg) != 0 && !note_urgent(ends, bytes.base_sequence(), view))
    return drop_where_enforced(table, index, passage, Reason::kOutOfOrder);
  switch (bytes.offer(sequence, view.payload)) {
    case Fit::kInOrder:
      return judge_prefix(table, index, passage, state, end);
    case Fit::kAhead:
      return forward_undecided(table, index, passage);
    case Fit::kContradiction:
      // What the receiver has it does not take again: a keep-alive brings a byte of any value (RFC 9293, 3.8.4).
      if (has_received(ends, bytes.end_sequence(), end)) return Reason::kNone;
      return drop_where_enforced(table, index, passage, Reason::kContradiction);  // the receiver gets what was judged
    case Fit::kBeyond:
      if (bytes.full()) {
        if (const Reason cause = inspect_past_buffer(table, index, passage); cause != Reason::kNone) return cause;
        return forward_undecided(table, index, passage);
      }
      // A hole whose bytes the receiver has is never filled: they were not tracked, or the mode let them go on.
      if (!ends.has_acknowledged || static_cast<std::int32_t>(ends.acknowledged - bytes.end_sequence()) <= 0)
        return drop_where_enforced(table, index, passage, Reason::kOutOfOrder);
      [[fallthrough]];
    case Fit::kTooManyHoles:
      if (const Reason cause = fail_in_flow(table, index, passage, Reason::kReassemblyLimit); cause != Reason::kNone)
        return cause;
      return forward_undecided(table, index, passage);
    case Fit::kRetransmission:
      // Before the first byte nothing is known to compare with, so it counts like bytes that nobody could judge; a
      // keep-alive brings one byte at most (RFC 9293, 3.8.4). Before the byte that a SYN announced lies another
      // connection.
      if (view.payload.size() > 1 && static_cast<std::int32_t>(sequence - bytes.base_sequence()) < 0)
        return ends.opened ? drop_where_enforced(table, index, passage, Reason::kOutOfOrder)
                           : forward_undecided(table, index, passage);
      break;
    case Fit::kEmpty:
      break;
  }
  return Reason::kNone;
}

// The prefix has grown: it is scanned as a whole, and what found no room in it is looked at for threats.
template <typename Key>
Reason Worker::Impl::judge_prefix(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage,
                                  flow::UndecidedState& state, std::uint32_t end) {
  const auto direction = passage.direction();
  const auto& hot = table.hot(index);
  const auto& bytes = state.direction[direction];
  if (bytes.full() && static_cast<std::int32_t>(end - bytes.end_sequence()) > 0) {
    if (const Reason cause = inspect_past_buffer(table, index, passage); cause != Reason::kNone) {
      if (static_cast<FlowKind>(hot.kind) == FlowKind::kUndecided) take_back(table, index, passage);
      return cause;
    }
  }
  const classify::ScanInput input{
      .transport = classify::Transport::kTcp,
      .sender = sent_by_client(hot, passage) ? classify::Sender::kClient : classify::Sender::kServer,
      .server_port = server_port(hot, passage),
      .bytes = bytes.prefix()};
  return after_scan(table, index, passage, scan_stream(input, bytes.base_sequence(), state.ends[direction].urgent));
}

#define WARDLINE_INSTANTIATE(Key) \
  template Reason Worker::Impl::judge_undecided_tcp(flow::FlowTable<Key>&, flow::FlowIndex, Passage&);
WARDLINE_INSTANTIATE(flow::FlowKey4)
WARDLINE_INSTANTIATE(flow::FlowKey6)
#undef WARDLINE_INSTANTIATE

}  // namespace wardline
