// The first look at a burst: memory is fetched while other frames are looked at.
#include <bit>
#include <cstring>

#include "dataplane/prefetch.h"
#include "dataplane/work/settled.h"
#include "dataplane/work/tcp_side.h"
#include "dataplane/work/undecided_flow.h"

namespace wardline {

using enforce::FlowKind;
using glance::everyone;

namespace {

template <typename Act>
void each_of(std::uint32_t set, Act act) {
  for (; set != 0; set &= set - 1) act(static_cast<std::size_t>(std::countr_zero(set)));
}

Mac mac_at(const Frame& frame, std::size_t at) {
  Mac mac;
  std::memcpy(mac.bytes.data(), frame.bytes.data() + at, mac.bytes.size());
  return mac;
}
Mac source_mac(const Frame& frame) {
  return mac_at(frame, 6);
}
Mac device_mac(const Frame& frame) {
  return mac_at(frame, frame.side == Side::kDevice ? 6 : 0);
}

// The lines that every segment of a stream needs: what is known of both directions' bytes, and of their ends.
template <typename State>
void fetch(const State& state) {
  fetch_line_to_write(&state.direction[0]);
  fetch_line_to_write(&state.direction[1]);
  fetch_line_to_write(&state.ends[0]);
  fetch_line_to_write(&state.ends[1]);
}

}  // namespace

// First the buckets of all frames, then their likely records.
void Worker::Impl::look_ahead() {
  const auto frames = batch->used();
  seen.plain4 = seen.plain6 = seen.edges = found = 0;
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
  std::array<const flow::Bucket*, Batch::kMaxFrames> second;
  each_of(frames, [&](std::size_t i) { second[i] = &table.prefetch_second(seen.hashes[i]); });
  std::uint32_t here = 0;
  each_of(frames, [&](std::size_t i) {
    if (table.likely_in(*second[i], seen.hashes[i], likely[i])) here |= 1U << i;
  });
  found |= here;
}

// Frames from number `first` on that take the long way: the cold halves of their records, then what they gathered; of
// those without a record, what is known of their devices.
void Worker::Impl::fetch_states(std::size_t first) {
  const auto rest = ~everyone(first);
  const auto openers = ~found & rest;
  sought_devices = (ahead4 | ahead6) & openers;
  if (sought_devices != 0) [[unlikely]] {
    fetch_devices<flow::FlowKey4>(ahead4 & openers);
    fetch_devices<flow::FlowKey6>(ahead6 & openers);
  }
  fetch_states(flows4, ahead4 & found & rest);
  fetch_states(flows6, ahead6 & found & rest);
}

// The key of a frame that was looked at ahead, plain or not.
template <typename Key>
const Key& Worker::Impl::key_ahead(std::size_t i) const {
  const bool plain = (seen.plain() >> i & 1) != 0;
  if constexpr (is_v6<Key>)
    return plain ? seen.keys6[i] : passages[i].key6;
  else
    return plain ? seen.keys4[i] : passages[i].key4;
}

// In steps, each of which reads what the one before it fetched: the indices, then the device's word and place among the
// watched, then what is remembered of it there. Of each step the compiler would make a function.
template <typename Key>
void Worker::Impl::fetch_devices(std::uint32_t frames) {
  const bool watching = watches();
  std::array<std::uint64_t, Batch::kMaxFrames> watched_keys;
  std::array<std::size_t, Batch::kMaxFrames> watched_sets;
  each_of(frames, [&](std::size_t i) __attribute__((always_inline)) {
    const Key& key = key_ahead<Key>(i);
    const auto ends = flow::endpoints_of(key);
    if (by_ip(key.segment))
      slots.prefetch_ip(key.segment, ends.device);
    else
      slots.prefetch_mac(key.segment, device_mac(batch->frames[i]));
    slots.prefetch_peer(ends.device);
    slots.prefetch_peer(ends.peer);
    if (watching) passages[i].sender_at = detections.places.prefetch(key.segment, source_mac(batch->frames[i]));
  });
  each_of(frames, [&](std::size_t i) __attribute__((always_inline)) {
    const Key& key = key_ahead<Key>(i);
    const auto mac = device_mac(batch->frames[i]);
    const auto address = by_ip(key.segment) ? flow::endpoints_of(key).device : Address{};
    const auto device = devices_ahead[i] = find_device(key.segment, mac, address);
    if (device.identified()) slots.prefetch(device.slot);
    if (!watching) return;
    watched_keys[i] = watched_key(device.slot, mac, key.segment, address);
    watched_sets[i] = detections.devices.prefetch_set(watched_keys[i]);
  });
  if (!watching) return;
  each_of(frames, [&](std::size_t i) __attribute__((always_inline)) {
    passages[i].watched_at = detections.devices.prefetch_entry<detect::kOpening>(watched_keys[i], watched_sets[i]);
  });
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
