// The end of a flow: how long it may be idle, and what happens when its time has come.
#include <algorithm>
#include <array>
#include <span>

#include "dataplane/prefetch.h"
#include "dataplane/work/undecided_flow.h"

namespace wardline {

using enforce::FlowKind;
using flow::TcpState;

template <typename Key>
inline CoarseTick Worker::Impl::timeout_of(const flow::HotRecord<Key>& hot) const {
  const auto& timeouts = policy->timeouts;
  switch (hot.key.proto) {
    case packet::kProtoTcp:
      switch (static_cast<TcpState>(hot.tcp_state)) {
        case TcpState::kEstablished:
          return timeouts.tcp_established;
        case TcpState::kClosing:
        case TcpState::kClosed:
          return timeouts.tcp_closing;
        default:
          return timeouts.tcp_opening;
      }
    case packet::kProtoUdp:
      return hot.packets[0] != 0 && hot.packets[1] != 0 ? timeouts.udp : timeouts.udp_one_way;
    default:
      return timeouts.other;
  }
}

CoarseTick Worker::Impl::report_period() const {
  return std::max<CoarseTick>(coarse_duration(options.flow_report_seconds * kSecond), 1);
}

// How long after its first packet a record is looked at.
template <typename Key>
CoarseTick Worker::Impl::first_visit(const flow::HotRecord<Key>& hot, enforce::Verdict verdict) const {
  const auto next = std::min(timeout_of(hot), report_period());
  return verdict == enforce::Verdict::kAllow ? std::min(next, coarse_duration(kUnansweredAfter)) : next;
}

// What is due is due at a coarse tick: within one only a backlog is gone on with.
void Worker::Impl::expire_some() {
  if (policy == nullptr || (expired_at == coarse_now && !more_is_due)) return;
  expired_at = coarse_now;
  const bool more4 = expire_some(flows4, wheel4), more6 = expire_some(flows6, wheel6), more_ended = give_back_ended();
  more_is_due = more4 || more6 || more_ended;
  stateless_violations.sweep(coarse_now, [this](const Event& event) { put(event); });
  sums.sweep(now, [this](const Event& event) { return put_single(event); });
}

// True if more may be due. Records come in the order in which they were filed, not in that of memory, so they are
// fetched some steps before they are looked at; and those whose time is over, together with what their ends need.
template <typename Key>
bool Worker::Impl::expire_some(flow::FlowTable<Key>& table, flow::ExpiryWheel& wheel) {
  constexpr std::size_t kExpiriesPerTurn = 64;
  std::array<flow::FlowIndex, kExpiriesPerTurn> taken;
  std::array<HashedFlow, kExpiriesPerTurn> idle;
  std::size_t ends = 0;
  const auto due = std::span(taken).first(wheel.take(coarse_now, taken));
  for (const auto index : due) table.prefetch(index);
  for (const auto index : due) {
    if (!table.occupied(index)) continue;
    const auto& hot = table.hot(index);
    const bool offloaded = ledger != nullptr && fold_offloaded(table, index);
    if (!is_idle(hot)) {
      wheel.file(index, visit_living(table, index, offloaded));
    } else if (counters.tally(Tally::kFlowsExpired); offloaded) {
      close(table, index);
    } else {
      const auto hash = table.hash(hot.key);
      table.prefetch_first(hash);
      fetch_line(&slots.words()[hot.device_slot.get()]);
      idle[ends++] = {index, hash};
    }
  }
  end_idle(table, std::span(idle).first(ends));
  return due.size() == kExpiriesPerTurn;
}

// One that nobody answered, as watch_end() asks.
template <typename Key>
static bool may_count_as_failed(const flow::HotRecord<Key>& hot) {
  return (hot.packets[0] == 0 || hot.packets[1] == 0) && hot.guessed == 0 && hot.applied_drop == 0;
}

// A few at a time, in steps, each of which reads what the one before it fetched: the records and devices, then where
// the device is watched and its flows are added up, then what is remembered there.
template <typename Key>
void Worker::Impl::end_idle(flow::FlowTable<Key>& table, std::span<const HashedFlow> idle) {
  constexpr std::size_t kAtOnce = 16;
  if (idle.empty()) return;
  const bool watching = watches();
  std::array<EndedFlow, kAtOnce> room;
  std::array<std::size_t, kAtOnce> watched_sets;
  for (; !idle.empty(); idle = idle.subspan(std::min(kAtOnce, idle.size()))) {
    const auto some = std::span(room).first(std::min(kAtOnce, idle.size()));
    const bool adds_up = !will_tell_singly(some.size());
    for (std::size_t i = 0; i < some.size(); ++i) {
      begin_end(table, idle[i], some[i]);
      if (adds_up) seek_sum(table, some[i]);
      if (watching) watched_sets[i] = detections.devices.prefetch_set(some[i].watched_key);
    }
    for (std::size_t i = 0; i < some.size(); ++i) {
      auto& ended = some[i];
      if (adds_up) sums.prefetch(ended.sum);
      if (watching && may_count_as_failed(table.hot(ended.record.index)))
        ended.watched_at = detections.devices.prefetch_entry<detect::kEnding>(ended.watched_key, watched_sets[i]);
    }
    for (EndedFlow& ended : some) end(table, ended);
  }
}

template <typename Key>
void Worker::Impl::begin_end(const flow::FlowTable<Key>& table, const HashedFlow& record, EndedFlow& ended) const {
  const auto& hot = table.hot(record.index);
  Mac mac;
  std::copy_n(hot.device_mac, 6, mac.bytes.begin());
  ended.record = record;
  ended.ends = flow::endpoints_of(hot.key);
  ended.watched_key = watched_key(hot.device_slot.get(), mac, hot.key.segment, ended.ends.device);
  ended.sought = false;
}

template <typename Key>
bool Worker::Impl::is_idle(const flow::HotRecord<Key>& hot) const {
  return age(coarse_now, hot.last_seen) >= std::max<CoarseTick>(timeout_of(hot), 1);
}

// Else an allowed flow that nobody answers would be known at its end alone. It counts as no report: the record's end
// may still be added up with others, and a worker that is busy leaves it out.
template <typename Key>
void Worker::Impl::tell_unanswered(const flow::FlowTable<Key>& table, flow::FlowIndex index) {
  const auto& hot = table.hot(index);
  const bool both_ways = hot.packets[0] != 0 && hot.packets[1] != 0;
  const bool told_before = ((hot.packets[0] | hot.packets[1]) & kSpokeBefore) != 0;
  if (both_ways || told_before || static_cast<enforce::Verdict>(hot.verdict) != enforce::Verdict::kAllow) return;
  if (!events.fuller_than(events.capacity() / 8)) put(event_of_flow(EventKind::kUnanswered, table, index));
}

// The time of a record came that is not over: tell of one without an answer, report a long flow. When to look again,
// never 0.
template <typename Key>
CoarseTick Worker::Impl::visit_living(flow::FlowTable<Key>& table, flow::FlowIndex index, bool offloaded) {
  const auto& hot = table.hot(index);
  const CoarseTick timeout = std::max<CoarseTick>(timeout_of(hot), 1);
  const auto period = report_period();
  const CoarseTick lived = age(coarse_now, table.cold(index).first_seen);
  const CoarseTick window = std::min(timeout, period), in_window = lived % period;
  const bool spoke = packets_since_report(hot.packets[0]) + packets_since_report(hot.packets[1]) != 0;
  const bool report = spoke && lived >= period && in_window < window;
  if (report) report_flow(table, index);
  if (!report && lived >= coarse_duration(kUnansweredAfter)) tell_unanswered(table, index);
  // What a card forwards is asked for each second: a record's counts have room for no more.
  const CoarseTick at_most = offloaded ? coarse_now + coarse_duration(kSecond) : coarse_now + period - in_window;
  // One that was reported isn't looked at again in the same window, else it would be reported twice. If it fell silent
  // just before, it ends so much later.
  const CoarseTick at_least = coarse_now + (report && !offloaded ? window - in_window : 1);
  const CoarseTick next = std::max(std::min(hot.last_seen + timeout, at_most), at_least);
  return next == 0 ? 1 : next;
}

template <typename Key>
void Worker::Impl::close(flow::FlowTable<Key>& table, flow::FlowIndex index) {
  if (ledger != nullptr && fold_offloaded(table, index)) ledger->end(flow_id(table, index));
  EndedFlow ended;
  begin_end(table, {index, table.hash(table.hot(index).key)}, ended);
  end(table, ended);
}

// No card forwards the flow.
template <typename Key>
void Worker::Impl::end(flow::FlowTable<Key>& table, EndedFlow& ended) {
  const auto index = ended.record.index;
  watch_end(table, ended);
  report_end(table, ended);
  const auto& hot = table.hot(index);
  if (!counted_only(hot)) release_side(table, index, static_cast<FlowKind>(hot.kind));
  if (kept_facts.in_use() != 0) forget_facts(flow_id(table, index));
  table.erase(index, ended.record.hash);
}

bool Worker::Impl::finish(Tick the_time) {
  now = std::max(now, the_time);
  coarse_now = coarse(now);
  ending = true;
  stateless_violations.flush_all([this](const Event& event) { put(event); });
  if (!sums.flush(now, [this](const Event& event) { return put_single(event); })) return false;
  const auto sweep = [this](auto& table, std::uint32_t& cursor) {
    for (; cursor < table.capacity(); ++cursor) {
      if (!table.occupied(cursor)) continue;
      if (events.size() + 2 >= events.capacity() / 2) return false;
      close(table, cursor);
    }
    return true;
  };
  return sweep(flows4, finish_cursor4) && sweep(flows6, finish_cursor6);
}

#define WARDLINE_INSTANTIATE(Key)                                                                     \
  template CoarseTick Worker::Impl::first_visit(const flow::HotRecord<Key>&, enforce::Verdict) const; \
  template void Worker::Impl::close(flow::FlowTable<Key>&, flow::FlowIndex);
WARDLINE_INSTANTIATE(flow::FlowKey4)
WARDLINE_INSTANTIATE(flow::FlowKey6)
#undef WARDLINE_INSTANTIATE

}  // namespace wardline
