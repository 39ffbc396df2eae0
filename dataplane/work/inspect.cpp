// Threats beyond the greeting: the in-order bytes of a decided flow are scanned until the class's depth.
#include <algorithm>

#include "dataplane/work/tcp_side.h"
#include "dataplane/work/undecided_flow.h"

namespace wardline {

using enforce::FlowKind;
using flow::Fit;
using flow::InspectedState;

// Payload bytes of each direction in which threats are looked for; 0: none. Not in bulk applications once they are
// proved. A TCP flow picked up in its middle has no window: each of its segments is looked at by itself, which finds a
// worm that was at work before Wardline was, though not what lies across two segments.
template <typename Key>
std::uint32_t Worker::Impl::inspection_depth(const flow::FlowTable<Key>& table, flow::FlowIndex index) const {
  const auto& hot = table.hot(index);
  const auto app = table.cold(index).app;
  const ClassId id = slots.device_class(hot.device_slot.get());
  if (id >= policy->classes.size()) return 0;
  if (hot.key.proto != packet::kProtoTcp && hot.key.proto != packet::kProtoUdp) return 0;
  const bool proved = static_cast<enforce::AppState>(hot.app_state) == enforce::AppState::kProved;
  if (proved && app < policy->apps.size() && policy->apps[app].bulk) return 0;
  return policy->classes[id].inspect_bytes;
}

// Gives a decided TCP flow a window that begins with what was gathered of it. kNoSide: the pool is empty.
template <typename Key>
std::uint32_t Worker::Impl::take_window(flow::FlowTable<Key>& table, flow::FlowIndex index) {
  auto& state = undecided[table.cold(index).side];
  const auto place = state.inspected != flow::kNoSide ? state.inspected : take_inspected();
  if (place == flow::kNoSide) return place;
  state.inspected = flow::kNoSide;
  auto& window = inspected[place];
  for (std::size_t i = 0; i < 2; ++i)
    if (!window.direction[i].started() && state.direction[i].started())
      window.direction[i].take_over(state.direction[i]);
  window.ends = state.ends;
  window.told = state.told;
  return place;
}

// Bytes of an undecided flow past the full buffer of their direction: they tell no application, but threats are looked
// for in them as in any.
template <typename Key>
Reason Worker::Impl::inspect_past_buffer(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage) {
  auto& state = undecided[table.cold(index).side];
  if (inspection_depth(table, index) == 0) return Reason::kNone;
  if (state.inspected == flow::kNoSide) {
    state.inspected = take_inspected();
    if (state.inspected == flow::kNoSide) return fail_in_flow(table, index, passage, Reason::kBufferPoolExhausted);
  }
  auto& window = inspected[state.inspected];
  const auto direction = passage.direction();
  if (!window.direction[direction].started()) window.direction[direction].take_over(state.direction[direction]);
  window.ends[direction] = state.ends[direction];
  return inspect_stream(table, index, passage, window, state.told);
}

// A decided flow whose class wants more than the greeting looked at. When the depth is reached both ways it costs no
// more than any settled one. What announces other flows is read for life.
template <typename Key>
Reason Worker::Impl::judge_inspected(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage) {
  const auto& hot = table.hot(index);
  if (hot.applied_drop != 0) return static_cast<Reason>(hot.reason);
  const auto side = table.cold(index).side;
  Reason reason = Reason::kNone;
  if (overloaded.load(std::memory_order_relaxed) && !passage.view.payload.empty()) {
    reason = fail_inspected(table, index, passage, Reason::kOverload);  // inspection is shed before forwarding
    if (reason == Reason::kNone && !counted_only(hot)) release_side(table, index, static_cast<FlowKind>(hot.kind));
  } else if (counted_only(hot)) {
    reason = inspect_datagram(table, index, passage);
  } else if (side != flow::kNoSide) {
    reason = inspect_segment(table, index, passage, inspected[side]);
  }
  if (reason != Reason::kNone) return reason;
  follow(table, index, passage);
  tell_datagram(table, index, passage);
  if (static_cast<FlowKind>(hot.kind) == FlowKind::kInspect && depth_reached(table, index) &&
      !reads_for_life(table.cold(index).app)) {
    release_side(table, index, FlowKind::kInspect);
    table.hot(index).kind = static_cast<std::uint8_t>(settled_kind(table.cold(index).app));
  }
  return Reason::kNone;
}

template <typename Key>
bool Worker::Impl::depth_reached(const flow::FlowTable<Key>& table, flow::FlowIndex index) const {
  const auto depth = inspection_depth(table, index);
  const auto side = table.cold(index).side;
  if (depth == 0 || (!counted_only(table.hot(index)) && side == flow::kNoSide)) return true;
  if (depth == enforce::kInspectAll) return false;
  if (counted_only(table.hot(index))) return inspected_bytes(side, 0) >= depth && inspected_bytes(side, 1) >= depth;
  const auto& window = inspected[side];
  return is_done(window, 0, depth) && is_done(window, 1, depth);
}

template <typename Key>
Reason Worker::Impl::inspect_datagram(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage) {
  auto& cold = table.cold(index);
  const auto& payload = passage.view.payload;
  const auto depth = inspection_depth(table, index);
  if (payload.empty() || inspected_bytes(cold.side, passage.direction()) >= depth) return Reason::kNone;
  cold.side = with_inspected(cold.side, passage.direction(), payload.size());
  const bool from_start = table.hot(index).key.proto != packet::kProtoTcp;  // else: the middle of a stream
  const auto hits = scan(input_of(table, index, passage, payload, from_start));
  if (hits.outcome == classify::ScanOutcome::kFailed) return fail_inspected(table, index, passage, Reason::kScanError);
  return judge_threats(table, index, passage, hits, nullptr);
}

// What is scanned of a decided flow: threats alone.
template <typename Key>
classify::ScanInput Worker::Impl::input_of(const flow::FlowTable<Key>& table, flow::FlowIndex index,
                                           const Passage& passage, std::span<const std::byte> bytes,
                                           bool from_start) const {
  const auto& hot = table.hot(index);
  return {.transport = hot.key.proto == packet::kProtoTcp ? classify::Transport::kTcp : classify::Transport::kUdp,
          .sender = sent_by_client(hot, passage) ? classify::Sender::kClient : classify::Sender::kServer,
          .server_port = server_port(hot, passage),
          .bytes = bytes,
          .from_start = from_start,
          .applications = false,
          .app = table.cold(index).app};
}

#define WARDLINE_INSTANTIATE(Key)                                                                                   \
  template std::uint32_t Worker::Impl::inspection_depth(const flow::FlowTable<Key>&, flow::FlowIndex) const;        \
  template std::uint32_t Worker::Impl::take_window(flow::FlowTable<Key>&, flow::FlowIndex);                         \
  template Reason Worker::Impl::inspect_past_buffer(flow::FlowTable<Key>&, flow::FlowIndex, Passage&);              \
  template Reason Worker::Impl::judge_inspected(flow::FlowTable<Key>&, flow::FlowIndex, Passage&);                  \
  template Reason Worker::Impl::inspect_datagram(flow::FlowTable<Key>&, flow::FlowIndex, Passage&);                 \
  template bool Worker::Impl::depth_reached(const flow::FlowTable<Key>&, flow::FlowIndex) const;                    \
  template classify::ScanInput Worker::Impl::input_of(const flow::FlowTable<Key>&, flow::FlowIndex, const Passage&, \
                                                      std::span<const std::byte>, bool) const;
WARDLINE_INSTANTIATE(flow::FlowKey4)
WARDLINE_INSTANTIATE(flow::FlowKey6)
#undef WARDLINE_INSTANTIATE

}  // namespace wardline
