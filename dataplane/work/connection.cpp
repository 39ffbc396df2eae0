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
  const auto end = view.sequence + static_cast<std::uint32_t>(view.payload.size());
  return within(end, bytes.base_sequence(), bytes.end_sequence());
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
  return ends != nullptr && (*ends)[passage.direction()].checked &&
         !packet::checksum_holds(passage.view, passage.frame->bytes);
}

// Whether this packet opens a new connection on the 5-tuple of a former one, whose verdict must not be lent to it.
// After a condemned flow that is a SYN of another connection some time later: nothing of the condemned one is
// forwarded, so its real end is never seen, and a forged RST and SYN shall not free what the hosts still hold open.
template <typename Key>
bool Worker::Impl::begins_anew(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage) {
  const auto& view = passage.view;
  if (view.proto != packet::kProtoTcp || (view.tcp_flags & packet::kSyn) == 0) return false;
  const auto& hot = table.hot(index);
  const auto kind = static_cast<FlowKind>(hot.kind);
  if (kind == FlowKind::kCondemned)
    return is_first_syn(view) && CondemnedMark(table.cold(index).side).frees(view.sequence, coarse_now);
  if (is_first_syn(view)) return static_cast<TcpState>(hot.tcp_state) >= TcpState::kClosing;
  // An inspected connection was replaced without an end that was seen: the answer to the new SYN proves it.
  const auto* ends = kind == FlowKind::kUndecided ? nullptr : ends_of(table, index);
  if (ends == nullptr || sent_by_client(hot, passage)) return false;
  const auto& client = (*ends)[1 - passage.direction()];
  return client.has_restart && client.restart == view.acknowledgement;
}

// Whether a connection opened on this record's 5-tuple is held to the numbers of its own SYN: where bytes of the former
// connection could still arrive at a receiver that never closed it.
template <typename Key>
bool Worker::Impl::held_to_numbers(const flow::FlowTable<Key>& table, flow::FlowIndex index) const {
  const auto& hot = table.hot(index);
  const auto kind = static_cast<FlowKind>(hot.kind);
  if (kind == FlowKind::kCondemned) return true;
  return !counted_only(hot) && table.cold(index).side != flow::kNoSide && kind != FlowKind::kPerMessage;
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
    state = both ? TcpState::kClosed : TcpState::kClosing;
  } else if ((flags & packet::kSyn) != 0) {
    if (state < TcpState::kEstablished)
      state = (flags & packet::kAck) != 0 ? TcpState::kSynReceived : TcpState::kSynSent;
  } else if (state < TcpState::kEstablished) {
    state = TcpState::kEstablished;
  }
  hot.tcp_state = static_cast<std::uint8_t>(state);
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
  if (kind == FlowKind::kInspect || kind == FlowKind::kAwaitAnswer)
    return closes_state(inspected[side], passage.direction(), view);
  return true;
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
      state.ends[direction].checked = packet::checksum_holds(view, passage.frame->bytes);
    }
    if (replaced || opposite.prefix().empty()) {
      if (opposite.base_sequence() != view.acknowledgement || !opposite.started()) opposite.start(view.acknowledgement);
      client.has_restart = client.has_acknowledged = client.ended = false;
    }
    state.handshake = true;
  }
  if (!is_first_syn(view) || !by_client || (own.started() && own.base_sequence() == view.sequence + 1))
    return Reason::kNone;
  if (!state.handshake) {  // a client that began again before anybody answered
    own.start(view.sequence + 1);
    opposite.reset();
    return Reason::kNone;
  }
  return meet_restart(table, index, passage, state.ends[direction]);
}

// A client's SYN with another number on a connection that stands. Its data waits for the answer: nobody knows yet which
// stream it belongs to.
template <typename Key>
Reason Worker::Impl::meet_restart(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage,
                                  StreamEnds& ends) {
  ends.restart = passage.view.sequence + 1;
  ends.has_restart = true;
  return passage.view.payload.empty() ? Reason::kNone
                                      : drop_where_enforced(table, index, passage, Reason::kOutOfOrder);
}

#define WARDLINE_INSTANTIATE(Key)                                                                                  \
  template std::array<StreamEnds, 2>* Worker::Impl::ends_of(flow::FlowTable<Key>&, flow::FlowIndex);               \
  template bool Worker::Impl::is_decoy(flow::FlowTable<Key>&, flow::FlowIndex, const Passage&);                    \
  template bool Worker::Impl::begins_anew(flow::FlowTable<Key>&, flow::FlowIndex, const Passage&);                 \
  template bool Worker::Impl::held_to_numbers(const flow::FlowTable<Key>&, flow::FlowIndex) const;                 \
  template void Worker::Impl::follow_tcp(flow::FlowTable<Key>&, flow::FlowIndex, const Passage&);                  \
  template Reason Worker::Impl::meet_handshake(flow::FlowTable<Key>&, flow::FlowIndex, const Passage&);            \
  template Reason Worker::Impl::meet_restart(flow::FlowTable<Key>&, flow::FlowIndex, const Passage&, StreamEnds&);
WARDLINE_INSTANTIATE(flow::FlowKey4)
WARDLINE_INSTANTIATE(flow::FlowKey6)
#undef WARDLINE_INSTANTIATE

}  // namespace wardline
