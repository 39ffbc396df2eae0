// The end of a flow: how long it may be idle, and what happens when its time has come.
#include <algorithm>

#include "dataplane/work/worker_state.h"

namespace wardline {

using enforce::FlowKind;
using flow::TcpState;

template <typename Key>
CoarseTick Worker::Impl::timeout_of(const flow::HotRecord<Key>& hot) const {
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

void Worker::Impl::expire_some() {
  constexpr std::uint32_t kExpiriesPerTurn = 64;
  if (policy == nullptr) return;
  wheel.advance(coarse_now, kExpiriesPerTurn, [this](flow::ExpiryWheel::Handle handle) {
    return handle.v6 ? visit_expired(flows6, handle) : visit_expired(flows4, handle);
  });
  stateless_violations.sweep(coarse_now, [this](const Event& event) { put(event); });
}

// A handle came due: report a long flow, close an idle one. Returns when to look again, 0 to let go.
template <typename Key>
CoarseTick Worker::Impl::visit_expired(flow::FlowTable<Key>& table, flow::ExpiryWheel::Handle handle) {
  if (!table.occupied(handle.index) || table.cold(handle.index).generation != handle.generation) return 0;
  const auto& hot = table.hot(handle.index);
  const bool offloaded = ledger != nullptr && fold_offloaded(table, handle.index);
  const CoarseTick timeout = std::max<CoarseTick>(timeout_of(hot), 1);
  if (age(coarse_now, hot.last_seen) >= timeout) {
    counters.tally(Tally::kFlowsExpired);
    close(table, handle.index, true);
    return 0;
  }
  const auto period = report_period();
  const CoarseTick lived = age(coarse_now, table.cold(handle.index).first_seen);
  const bool spoke = packets_since_report(hot.packets[0]) + packets_since_report(hot.packets[1]) != 0;
  if (spoke && lived >= period && lived % period < std::min(timeout, period)) report_flow(table, handle.index, false);
  // What a card forwards is asked for each second: a record's counts have room for no more.
  const CoarseTick at_most = offloaded ? coarse_now + coarse_duration(kSecond) : coarse_now + period - lived % period;
  const CoarseTick next = std::max<CoarseTick>(std::min(hot.last_seen + timeout, at_most), coarse_now + 1);
  return next == 0 ? 1 : next;
}

template <typename Key>
void Worker::Impl::close(flow::FlowTable<Key>& table, flow::FlowIndex index, bool report) {
  if (ledger != nullptr && fold_offloaded(table, index)) ledger->end(flow_id(table, index));
  watch_end(table, index);  // before the record takes its counts away
  if (report) report_flow(table, index, true);
  release_side(table, index, static_cast<FlowKind>(table.hot(index).kind));
  if (kept_facts.in_use() != 0) forget_facts(flow_id(table, index));
  table.erase(index);
}

bool Worker::Impl::finish(Tick the_time) {
  now = std::max(now, the_time);
  coarse_now = coarse(now);
  stateless_violations.flush_all([this](const Event& event) { put(event); });
  const auto sweep = [this](auto& table, std::uint32_t& cursor) {
    for (; cursor < table.capacity(); ++cursor) {
      if (!table.occupied(cursor)) continue;
      if (events.size() + 2 >= events.capacity() / 2) return false;
      close(table, cursor, true);
    }
    return true;
  };
  return sweep(flows4, finish_cursor4) && sweep(flows6, finish_cursor6);
}

#define WARDLINE_INSTANTIATE(Key)                                                  \
  template CoarseTick Worker::Impl::timeout_of(const flow::HotRecord<Key>&) const; \
  template void Worker::Impl::close(flow::FlowTable<Key>&, flow::FlowIndex, bool);
WARDLINE_INSTANTIATE(flow::FlowKey4)
WARDLINE_INSTANTIATE(flow::FlowKey6)
#undef WARDLINE_INSTANTIATE

}  // namespace wardline
