// What a connection that ended still holds is given back long before its record's time-out: when both hosts have
// acknowledged each other's FIN; where one has not, or a RST ended it, after a second of silence, or at once where a
// new connection would pass uninspected without it. What comes later all the same passes, and is not looked at: it may
// be the last bytes of a message, sent again.
#include "dataplane/work/undecided_flow.h"
#include "dataplane/work/worker_state.h"

namespace wardline {

using enforce::FlowKind;
using flow::TcpState;

namespace {

// The receiver has its last byte and its FIN, which counts as one, and takes nothing more (RFC 9293, 3.10.7.4).
bool is_over(const flow::StreamEnds& ends) {
  return ends.ended && ends.has_acknowledged && static_cast<std::int32_t>(ends.acknowledged - ends.end) > 0;
}

}  // namespace

template <typename Key>
void Worker::Impl::note_ended(const flow::FlowTable<Key>& table, flow::FlowIndex index) {
  if (!gathers(table, index)) return;
  if (const auto displaced = ended_flows.add({index, table.cold(index).generation, is_v6<Key>, coarse_now})) {
    fetch_next_ended();
    take_back(*displaced);
  }
}

// One that is asked some turns of a loop later: its record was left alone for so long that no cache holds it.
void Worker::Impl::fetch_next_ended() const {
  constexpr std::size_t kAhead = 8;
  const auto flow = ended_flows.later(kAhead);
  if (!flow) return;
  flow->v6 ? flows6.prefetch(flow->index) : flows4.prefetch(flow->index);
}

// Whether the record is still that connection's, ended, and holds what it gathered.
template <typename Key>
bool Worker::Impl::holds_after_end(const flow::FlowTable<Key>& table, flow::FlowIndex index,
                                   std::uint16_t generation) const {
  if (!table.occupied(index) || table.cold(index).generation != generation || !gathers(table, index)) return false;
  const auto& hot = table.hot(index);
  const auto kind = static_cast<FlowKind>(hot.kind);
  const bool holds = kind == FlowKind::kUndecided || kind == FlowKind::kInspect || kind == FlowKind::kAwaitAnswer;
  return holds && static_cast<TcpState>(hot.tcp_state) == TcpState::kClosed;
}

template <typename Key>
bool Worker::Impl::take_back_from(flow::FlowTable<Key>& table, flow::FlowIndex index, std::uint16_t generation) {
  if (!holds_after_end(table, index, generation)) return false;
  auto& hot = table.hot(index);
  release_side(table, index, static_cast<FlowKind>(hot.kind));
  hot.kind = static_cast<std::uint8_t>(FlowKind::kSettled);
  return true;
}

// With the last acknowledgement: its buffers, which the caches still hold, are the next connection's.
template <typename Key>
void Worker::Impl::give_back_if_over(flow::FlowTable<Key>& table, flow::FlowIndex index) {
  const auto* ends = ends_of(table, index);
  if (ends != nullptr && is_over((*ends)[0]) && is_over((*ends)[1]))
    take_back_from(table, index, table.cold(index).generation);
}

bool Worker::Impl::take_back(const flow::EndedFlows::Flow& flow) {
  return flow.v6 ? take_back_from(flows6, flow.index, flow.generation)
                 : take_back_from(flows4, flow.index, flow.generation);
}

// Bounded: some of those that ended first are asked, most of which have given it back themselves.
bool Worker::Impl::take_back_from_ended() {
  constexpr int kAsked = 256;
  for (int i = 0; i < kAsked; ++i) {
    const auto flow = ended_flows.take(coarse_now, 0);
    if (!flow) return false;
    if (!take_back(*flow)) continue;
    counters.tally(Tally::kWindowsTakenBack);
    return true;
  }
  return false;
}

// As many at a time as a turn can end, and some more; true if there may be others. One that is not silent, such as
// after a RST that its receiver did not take, is looked at again later.
bool Worker::Impl::give_back_ended() {
  constexpr int kPerTurn = 2 * Batch::kMaxFrames;
  constexpr CoarseTick kSilence = coarse_duration(kSecond);
  for (int i = 0; i < kPerTurn; ++i) {
    auto flow = ended_flows.take(coarse_now, kSilence);
    if (!flow) return false;
    fetch_next_ended();
    const bool holds = flow->v6 ? holds_after_end(flows6, flow->index, flow->generation)
                                : holds_after_end(flows4, flow->index, flow->generation);
    if (!holds) continue;
    const auto last = flow->v6 ? flows6.hot(flow->index).last_seen : flows4.hot(flow->index).last_seen;
    if (age(coarse_now, last) >= kSilence) {
      take_back(*flow);
    } else {
      flow->ended = last;
      ended_flows.add(*flow);  // there is room: it was just taken
    }
  }
  return true;
}

std::uint32_t Worker::Impl::take_undecided() {
  const auto place = undecided.take();
  return place != flow::kNoSide || !take_back_from_ended() ? place : undecided.take();
}

std::uint32_t Worker::Impl::take_inspected() {
  const auto place = inspected.take();
  return place != flow::kNoSide || !take_back_from_ended() ? place : inspected.take();
}

#define WARDLINE_INSTANTIATE(Key)                                                       \
  template void Worker::Impl::note_ended(const flow::FlowTable<Key>&, flow::FlowIndex); \
  template void Worker::Impl::give_back_if_over(flow::FlowTable<Key>&, flow::FlowIndex);
WARDLINE_INSTANTIATE(flow::FlowKey4)
WARDLINE_INSTANTIATE(flow::FlowKey6)
#undef WARDLINE_INSTANTIATE

}  // namespace wardline
