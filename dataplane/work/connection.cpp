// The life of a TCP connection: where it begins, when it has really ended, and what is no part of it.
#include <algorithm>

#include "dataplane/work/tcp_side.h"
#include "dataplane/work/undecided_flow.h"

namespace wardline {

using enforce::FlowKind;
using flow::OpenedBy;
using flow::StreamEnds;
using flow::TcpState;
using work::CondemnedMark;
using work::SynMark;

namespace {

bool is_first_syn(const packet::PacketView& view) {
  return view.proto == packet::kProtoTcp && (view.tcp_flags & (packet::kSyn | packet::kAck)) == packet::kSyn;
}

bool is_syn_answer(const packet::PacketView& view) {
  constexpr std::uint8_t kBoth = packet::kSyn | packet::kAck;
  return view.proto == packet::kProtoTcp && (view.tcp_flags & kBoth) == kBoth;
}

// `place` lies in [low, high], whatever the wrap-around.
bool within(std::uint32_t place, std::uint32_t low, std::uint32_t high) {
  return static_cast<std::int32_t>(place - low) >= 0 && static_cast<std::int32_t>(high - place) >= 0;
}

// Whether a RST stands where the receiver would take it: from what it acknowledged to what was sent (RFC 5961, 3). A
// FIN must stand in order, after bytes that were all forwarded.
template <typename Bytes>
bool closes_stream(const Bytes& bytes, const StreamEnds& ends, const packet::PacketView& view) {
  if (!bytes.started()) return false;
  if ((view.tcp_flags & packet::kRst) != 0) {
    const std::uint32_t has = ends.has_acknowledged ? ends.acknowledged : bytes.first_sequence();
    return within(view.sequence, has, bytes.furthest_sequence() + 1);  // 1: a FIN counts
  }
  return view.sequence + static_cast<std::uint32_t>(view.payload.size()) == bytes.end_sequence();
}

template <typename State>
bool closes_state(State& state, std::size_t direction, const packet::PacketView& view) {
  if (!closes_stream(state.direction[direction], state.ends[direction], view)) return false;
  if ((view.tcp_flags & packet::kFin) != 0) {
    state.ends[direction].ended = true;
    state.ends[direction].end = view.sequence + static_cast<std::uint32_t>(view.payload.size());
  }
  return true;
}

}  // namespace

// The ends of a flow whose bytes are held in order, or null.
template <typename Key>
std::array<StreamEnds, 2>* Worker::Impl::ends_of(flow::FlowTable<Key>& table, flow::FlowIndex index) {
  const auto& hot = table.hot(index);
  const auto side = table.cold(index).side;
  if (counted_only(hot) || !work::holds_buffers(side)) return nullptr;
  switch (static_cast<FlowKind>(hot.kind)) {
    case FlowKind::kUndecided:
      return &undecided[side].ends;
    case FlowKind::kInspect:
    case FlowKind::kAwaitAnswer:
      return &inspected[side].ends;
    case FlowKind::kPerMessage:
      return &framed[side].ends;
    default:
      return nullptr;
  }
}

// A wrong checksum on a path whose opening segment had a right one: the receiver drops it, so it must not be judged as
// if it had come. Where the opening segment was wrong, too, the sender leaves checksums to its card and the frame was
// taken before that (a capture on the host itself, a virtual link): there all are accepted.
template <typename Key>
bool Worker::Impl::is_decoy(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage) {
  const auto* ends = ends_of(table, index);
  return ends != nullptr && (*ends)[passage.direction()].checked && !passage.checksum_holds();
}

// Whether this packet opens a new connection on the 5-tuple of a former one, whose verdict must not be lent to it.
// After a condemned flow that is a SYN of another connection some time later: nothing of the condemned one is
// forwarded, so its real end is never seen, and a forged RST and SYN shall not free what the hosts still hold open.
// Where bytes are judged in order it is the answer to the SYN: an end or a SYN that died on its way must not have the
// rest of a stream judged as the beginning of another one, and a host that answers has given the former one up.
template <typename Key>
bool Worker::Impl::begins_anew(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage) {
  const auto& view = passage.view;
  if (view.proto != packet::kProtoTcp || (view.tcp_flags & packet::kSyn) == 0) return false;
  const auto& hot = table.hot(index);
  const auto kind = static_cast<FlowKind>(hot.kind);
  if (kind == FlowKind::kCondemned)
    return is_first_syn(view) && CondemnedMark(table.cold(index).side).frees(view.sequence, coarse_now);
  const bool closed = is_ending(static_cast<TcpState>(hot.tcp_state));
  const auto* ends = ends_of(table, index);
  if (is_first_syn(view)) return closed && ends == nullptr;
  if (ends == nullptr || (kind == FlowKind::kUndecided && !closed)) return false;  // meet_handshake() begins it again
  const auto& opener = (*ends)[1 - passage.direction()];
  return opener.has_restart && opener.restart == view.acknowledgement;
}

// What the record of a connection that is opened in place of this one begins with (ColdRecord::side). Where no answer
// proved that the former one is gone, its receiver may still take bytes: the new one is held to the numbers of its SYN.
template <typename Key>
std::uint32_t Worker::Impl::mark_of_next(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage) {
  const auto& view = passage.view;
  if (!is_first_syn(view)) {
    const auto& opener = (*ends_of(table, index))[1 - passage.direction()];
    return SynMark(view.acknowledgement, opener.restart_checked, false).side();
  }
  const bool held = static_cast<FlowKind>(table.hot(index).kind) == FlowKind::kCondemned ||
                    (!counted_only(table.hot(index)) && table.cold(index).side != flow::kNoSide);
  return held ? SynMark(view.sequence + 1, false, true).side() : flow::kNoSide;
}

// Follows the state of a connection by packets that were forwarded.
template <typename Key>
void Worker::Impl::follow_tcp(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage) {
  auto& hot = table.hot(index);
  const auto& view = passage.view;
  const auto flags = view.tcp_flags;
  auto state = static_cast<TcpState>(hot.tcp_state);
  if ((flags & (packet::kRst | packet::kFin)) != 0) {
    if (!closes(table, index, passage)) return;
    const bool both = (flags & packet::kRst) != 0 || state == TcpState::kClosing;
    if (both && state != TcpState::kClosed) note_ended(table, index);
    state = both ? TcpState::kClosed : TcpState::kClosing;
  } else if ((flags & packet::kSyn) != 0) {
    if (!is_open_or_was(state)) state = (flags & packet::kAck) != 0 ? TcpState::kSynReceived : TcpState::kSynSent;
  } else if (!is_open_or_was(state)) {
    state = TcpState::kEstablished;
  }
  hot.tcp_state = static_cast<std::uint8_t>(state);
  if (state == TcpState::kClosed) give_back_if_over(table, index);
}

// Whether a RST or FIN ends its direction. Where bytes are held in order it must stand where the receiver takes it;
// the refusal of a SYN must answer its number (RFC 9293, 3.10.7.3). Of a settled flow no numbers are kept.
template <typename Key>
bool Worker::Impl::closes(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage) {
  auto& hot = table.hot(index);
  const auto side = table.cold(index).side;
  const auto& view = passage.view;
  const auto kind = static_cast<FlowKind>(hot.kind);
  if (counted_only(hot) || side == flow::kNoSide) return true;
  if (kind == FlowKind::kUndecided) {
    if (work::holds_buffers(side)) return closes_state(undecided[side], passage.direction(), view);
    const SynMark mark(side);
    return sent_by_client(hot, passage) ? mark.fits(view.sequence) : mark.fits(view.acknowledgement);
  }
  if (kind != FlowKind::kInspect && kind != FlowKind::kAwaitAnswer) return true;
  // Past the depth numbers are followed no more.
  return is_done(inspected[side], passage.direction(), inspection_depth(table, index)) ||
         closes_state(inspected[side], passage.direction(), view);
}

// A SYN on a connection that is judged by its bytes. What it says is believed once it is answered: a forged one must
// not move the place where bytes are expected. kNone: go on.
template <typename Key>
Reason Worker::Impl::meet_handshake(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage) {
  const auto& view = passage.view;
  auto& state = undecided[table.cold(index).side];
  const auto direction = passage.direction();
  auto& own = state.direction[direction];
  auto& opposite = state.direction[1 - direction];
  const bool by_client = sent_by_client(table.hot(index), passage);
  if (is_syn_answer(view) && !by_client) {
    auto& client = state.ends[1 - direction];
    const bool replaced = client.has_restart && client.restart == view.acknowledgement;
    if (replaced || own.prefix().empty()) {
      if (!own.started() || own.base_sequence() != view.sequence + 1) own.start(view.sequence + 1);
      state.ends[direction].checked = passage.checksum_holds();
    }
    if (replaced || opposite.prefix().empty()) {
      if (opposite.base_sequence() != view.acknowledgement || !opposite.started()) opposite.start(view.acknowledgement);
      client.has_restart = client.has_acknowledged = client.ended = false;
    }
    state.handshake = true;
  }
  if (!is_first_syn(view) || (own.started() && own.base_sequence() == view.sequence + 1)) return Reason::kNone;
  if (!by_client && !is_ending(static_cast<TcpState>(table.hot(index).tcp_state)))
    return Reason::kNone;               // both open at once
  if (by_client && !state.handshake) {  // a client that began again before anybody answered
    own.start(view.sequence + 1);
    opposite.reset();
    return Reason::kNone;
  }
  return meet_restart(table, index, passage, state.ends[direction]);
}

// A SYN with another number on a connection whose bytes are judged. Its data waits for the answer: nobody knows yet
// which stream it belongs to.
template <typename Key>
Reason Worker::Impl::meet_restart(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage,
                                  StreamEnds& ends) {
  ends.restart = passage.view.sequence + 1;
  ends.has_restart = true;
  ends.restart_checked = passage.checksum_holds();
  return passage.view.payload.empty() ? Reason::kNone : drop_where_enforced(table, index, passage, Reason::kOutOfOrder);
}

#define WARDLINE_INSTANTIATE(Key)                                                                            \
  template std::array<StreamEnds, 2>* Worker::Impl::ends_of(flow::FlowTable<Key>&, flow::FlowIndex);         \
  template bool Worker::Impl::is_decoy(flow::FlowTable<Key>&, flow::FlowIndex, const Passage&);              \
  template bool Worker::Impl::begins_anew(flow::FlowTable<Key>&, flow::FlowIndex, const Passage&);           \
  template std::uint32_t Worker::Impl::mark_of_next(flow::FlowTable<Key>&, flow::FlowIndex, const Passage&); \
  template void Worker::Impl::follow_tcp(flow::FlowTable<Key>&, flow::FlowIndex, const Passage&);            \
  template Reason Worker::Impl::meet_handshake(flow::FlowTable<Key>&, flow::FlowIndex, const Passage&);      \
  template Reason Worker::Impl::meet_restart(flow::FlowTable<Key>&, flow::FlowIndex, const Passage&, StreamEnds&);
WARDLINE_INSTANTIATE(flow::FlowKey4)
WARDLINE_INSTANTIATE(flow::FlowKey6)
#undef WARDLINE_INSTANTIATE

}  // namespace wardline
