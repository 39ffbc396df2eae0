// The first look at a burst: memory is fetched while other frames are looked at.
#include <bit>

#include "dataplane/work/settled.h"
#include "dataplane/work/tcp_side.h"
#include "dataplane/work/undecided_flow.h"

namespace wardline {

using enforce::FlowKind;

namespace {

// Sets of a burst's frames have a bit for each.
constexpr std::uint32_t everyone(std::size_t frames) {
  return static_cast<std::uint32_t>((std::uint64_t{1} << frames) - 1);
}

template <typename Act>
void each_of(std::uint32_t set, Act act) {
  for (; set != 0; set &= set - 1) act(static_cast<std::size_t>(std::countr_zero(set)));
}

// The lines that every segment of a stream needs: what is known of both directions' bytes, and of their ends.
template <typename State>
void fetch(const State& state) {
  __builtin_prefetch(&state.direction[0], 1);
  __builtin_prefetch(&state.direction[1], 1);
  __builtin_prefetch(&state.ends[0], 1);
  __builtin_prefetch(&state.ends[1], 1);
}

}  // namespace

// First the buckets of all frames, then their likely records.
void Worker::Impl::look_ahead() {
  const auto frames = batch->used();
  seen.plain4 = seen.plain6 = found = 0;
  bool looked = false;
  if (policy != nullptr) {
    const auto& map = policy->segment_map;
    const glance::Look how{{map.of_leg(options.bundle, Side::kDevice), map.of_leg(options.bundle, Side::kCore)},
                           options.seed,
                           flows4.first_buckets()};
    looked = how.segments[0] != nullptr;
    if (looked) look(frames, how, seen);
  }
  if (!looked) {
    seen.bytes = 0;
    for (const Frame& frame : frames) seen.bytes += frame.bytes.size();
  }
  ahead4 = seen.plain4;
  ahead6 = seen.plain6;
  each_of(everyone(frames.size()) & ~seen.plain(), [&](std::size_t i) { prepare_ahead(i); });
  each_of(ahead6, [&](std::size_t i) { flows6.prefetch_first(seen.hashes[i]); });
  if (seen.plain4 == everyone(frames.size())) [[likely]]
    return look_for_records();
  look_for_records(flows4, ahead4);
  look_for_records(flows6, ahead6);
}

// A frame that needs the parser.
void Worker::Impl::prepare_ahead(std::size_t i) {
  Passage& passage = passages[i];
  prepare(batch->frames[i], passage);
  if (!passage.flow_able) return;
  seen.hashes[i] = passage.hash;
  (passage.view.v6 ? ahead6 : ahead4) |= 1U << i;
  if (!passage.view.v6) flows4.prefetch_first(passage.hash);
}

// `frames`: those whose first buckets were fetched.
template <typename Table>
void Worker::Impl::look_for_records(const Table& table, std::uint32_t frames) {
  std::uint32_t elsewhere = 0;
  each_of(frames, [&](std::size_t i) {
    if (!table.likely_first(seen.hashes[i], likely[i])) elsewhere |= 1U << i;
  });
  found |= frames & ~elsewhere;
  look_elsewhere(table, elsewhere);
}

// Of a batch of plain frames of IPv4: as nearly all are.
void Worker::Impl::look_for_records() {
  const auto elsewhere =
      flows4.likely_first(std::span(seen.hashes).first(batch->size), seen.buckets4.data(), likely.data());
  found = seen.plain4 & ~elsewhere;
  look_elsewhere(flows4, elsewhere);
}

template <typename Table>
void Worker::Impl::look_elsewhere(const Table& table, std::uint32_t frames) {
  each_of(frames, [&](std::size_t i) { table.prefetch_second(seen.hashes[i]); });
  each_of(frames, [&](std::size_t i) {
    if (table.likely_second(seen.hashes[i], likely[i])) found |= 1U << i;
  });
}

// Frames from number `first` on that take the long way: the cold halves of their records, then what they gathered.
void Worker::Impl::fetch_states(std::size_t first) {
  const auto rest = ~everyone(first);
  fetch_states(flows4, ahead4 & found & rest);
  fetch_states(flows6, ahead6 & found & rest);
}

template <typename Key>
void Worker::Impl::fetch_states(const flow::FlowTable<Key>& table, std::uint32_t frames) {
  each_of(frames, [&](std::size_t i) {
    if (work::may_settle(table.hot(likely[i])))
      frames &= ~(1U << i);
    else
      table.prefetch_cold(likely[i]);
  });
  each_of(frames, [&](std::size_t i) {
    const auto& hot = table.hot(likely[i]);
    const auto side = table.cold(likely[i]).side;
    if (counted_only(hot) || !work::holds_buffers(side)) return;
    const auto kind = static_cast<FlowKind>(hot.kind);
    if (kind == FlowKind::kUndecided) fetch(undecided[side]);
    if (kind == FlowKind::kInspect || kind == FlowKind::kAwaitAnswer) fetch(inspected[side]);
  });
}

}  // namespace wardline
