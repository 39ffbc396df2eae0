// What the control plane is told. A full ring gives up observations before flow records before violations.
#include <algorithm>

#include "dataplane/work/worker_state.h"

namespace wardline {

namespace {

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  return (a ^ b) * 0x9e3779b97f4a7c15 ^ a >> 29;
}

std::uint64_t hash_of(const Address& address) {
  const auto [upper, lower] = detect::halves_of(address);
  return mix(upper, lower);
}

}  // namespace

// A violation that is one too many this second is added up: a device that scans must not drown what others did.
bool Worker::Impl::put(const Event& event) {
  if (event.kind == EventKind::kViolation && !violation_budget.take(coarse_now)) {
    add_up(event);
    return true;
  }
  if (put_single(event)) return true;
  count_lost(event);
  return false;
}

void Worker::Impl::count_lost(const Event& event) {
  const bool violation = event.kind == EventKind::kViolation || event.kind == EventKind::kDetection;
  const bool flow = event.kind == EventKind::kFlow;
  counters.tally(flow                                                 ? Tally::kFlowRecordsLost
                 : violation || event.kind == EventKind::kQuarantined ? Tally::kViolationsLost
                                                                      : Tally::kObservationsLost,
                 event.flows);
}

void Worker::Impl::add_up(const work::EventSums::Share& share, const work::EventSums::Sought& sum) {
  sums.add(
      share, sum, now, [this](const Event& sum) { return put_single(sum); },
      [this](const Event& sum) { count_lost(sum); });
}

// Not inline: what is put by itself would save registers for it.
[[gnu::noinline]] void Worker::Impl::add_up(const Event& event) {
  work::EventSums::Sought sum;
  sums.seek(event, sum);
  add_up(work::EventSums::share_of(event), sum);
}

bool Worker::Impl::put_single(const Event& event) {
  const auto capacity = events.capacity();
  std::size_t reserve = 0;
  switch (event.kind) {
    case EventKind::kDeviceSeen:
    case EventKind::kAddressSeen:
    case EventKind::kSpeaks:
    case EventKind::kUnanswered:
      reserve = capacity / 2;
      break;
    case EventKind::kFlow:
      reserve = capacity / 4;
      break;
    case EventKind::kViolation:
    case EventKind::kDetection:
      reserve = 64;
      break;
    default:
      break;
  }
  return events.put(event, reserve);
}

Event Worker::Impl::event_of(EventKind kind, const Passage& passage) const {
  Event event;
  event.kind = kind;
  event.worker = static_cast<std::uint8_t>(number);
  event.bundle = static_cast<std::uint8_t>(options.bundle);
  event.pair = passage.frame->pair;
  event.side = passage.frame->side;
  event.proto = passage.view.proto;
  event.tag_count = passage.view.tag_count;
  event.vlans = passage.view.vlans;
  event.ethertype = passage.view.ethertype;
  event.segment = passage.segment;
  event.policy_epoch = policy->epoch;
  event.device_mac = passage.device_mac();
  event.device_ip = passage.device_address();
  event.peer_ip = passage.peer();
  event.device_port = passage.device_port();
  event.peer_port = passage.peer_port();
  event.time = event.first_seen = now;
  return event;
}

template <typename Key>
std::uint64_t Worker::Impl::flow_id(const flow::FlowTable<Key>& table, flow::FlowIndex index) const {
  // Worker, family, generation and place: unique until a place was used 65,536 times.
  return std::uint64_t{number + 1} << 56 | std::uint64_t{is_v6<Key>} << 55 |
         std::uint64_t{table.cold(index).generation} << 32 | index;
}

// The rule was taken on trust, as far as the policy that it belongs to is still there to be asked.
template <typename Key>
bool Worker::Impl::facts_unknown(const flow::FlowTable<Key>& table, flow::FlowIndex index) const {
  return table.hot(index).policy_epoch == policy->epoch && lacks_facts(table, index, table.cold(index).rule);
}

template <typename Key>
Event Worker::Impl::event_of_flow(EventKind kind, const flow::FlowTable<Key>& table, flow::FlowIndex index) const {
  const auto& hot = table.hot(index);
  const auto& cold = table.cold(index);
  Event event;
  event.kind = kind;
  event.worker = static_cast<std::uint8_t>(number);
  event.bundle = static_cast<std::uint8_t>(options.bundle);
  work::tell_record(event, hot, cold, flow::endpoints_of(hot.key));
  event.device_class = slots.device_class(event.slot);
  event.time = now;
  event.first_seen = now - (Tick{age(coarse_now, cold.first_seen)} << 20);
  event.flow_id = flow_id(table, index);
  event.facts_unknown = facts_unknown(table, index);
  return event;
}

// Packets and bytes of a flow record are those since its last one, so the counters start anew once it was taken.
template <typename Key>
void Worker::Impl::report_flow(flow::FlowTable<Key>& table, flow::FlowIndex index) {
  if (!put(event_of_flow(EventKind::kFlow, table, index))) return;
  auto& hot = table.hot(index);
  hot.payload_from_device = 0;
  hot.bytes[0] = hot.bytes[1] = 0;
  for (auto& packets : hot.packets) packets = packets != 0 ? kSpokeBefore : 0;
}

// The last record. A flow that was told of before has an id that this one must have, too.
template <typename Key>
void Worker::Impl::report_end(const flow::FlowTable<Key>& table, EndedFlow& ended) {
  const auto index = ended.record.index;
  const auto& hot = table.hot(index);
  const bool told_before = ((hot.packets[0] | hot.packets[1]) & kSpokeBefore) != 0;
  if (!told_before && !tells_singly()) {
    if (!ended.sought) seek_sum(table, ended);
    return add_up(work::share_of(hot, table.cold(index), ended.ends, coarse_now), ended.sum);
  }
  Event event = event_of_flow(EventKind::kFlow, table, index);
  event.final = true;
  put(event);
}

template <typename Key>
void Worker::Impl::seek_sum(const flow::FlowTable<Key>& table, EndedFlow& ended) const {
  const auto index = ended.record.index;
  const auto& hot = table.hot(index);
  sums.seek_end(hot, table.cold(index), ended.ends,
                {.bundle = static_cast<std::uint8_t>(options.bundle),
                 .device_class = slots.device_class(hot.device_slot.get()),
                 .facts_unknown = facts_unknown(table, index)},
                ended.sum);
  ended.sought = true;
}

// Whether the control plane follows. At a clean stop and at the end of a replay it takes its time.
bool Worker::Impl::tells_singly() {
  return ending || (flow_budget.take(coarse_now) && !events.fuller_than(events.capacity() / 8));
}

// What tells_singly() will say of so many, unless much else is told between them.
bool Worker::Impl::will_tell_singly(std::size_t flows) {
  return ending || (flow_budget.has(flows, coarse_now) && !events.fuller_than(events.capacity() / 8));
}

void Worker::Impl::report_violation(Event event) {
  const auto what = mix(mix(mix(hash_of(event.peer_ip), event.device_mac.number()),
                            std::uint64_t{event.peer_port} << 32 | std::uint64_t{event.device_port} << 16 |
                                static_cast<std::uint64_t>(event.reason) << 8 | event.proto),
                        std::uint64_t{event.segment} << 16 | event.ethertype);
  stateless_violations.add(event, what | 1, coarse_now, [this](const Event& told) { put(told); });
}

void Worker::Impl::announce_device(const Passage& passage) {
  const bool routed = by_ip(passage.segment);
  const auto who = routed ? hash_of(passage.device_address()) : passage.device_mac().number();
  if (!routed && (passage.device_mac().group() || passage.device_mac().zero())) return;
  if (announced.due(mix(who, passage.segment + 1), coarse_now, work::Announcements::kOfDevices))
    put(event_of(EventKind::kDeviceSeen, passage));
}

void Worker::Impl::announce_address(SlotId slot, const Mac& mac, SegmentId segment, const Address& address,
                                    const Passage& passage) {
  if (slots.find_peer(address) == slot || address.unspecified() || address.multicast()) return;
  if (!announced.due(mix(hash_of(address), slot), coarse_now, work::Announcements::kOfOthers)) return;
  Event event = event_of(EventKind::kAddressSeen, passage);
  event.slot = slot;
  event.device_mac = mac;
  event.segment = segment;
  event.device_ip = address;
  put(event);
}

#define WARDLINE_INSTANTIATE(Key)                                                                            \
  template std::uint64_t Worker::Impl::flow_id(const flow::FlowTable<Key>&, flow::FlowIndex) const;          \
  template bool Worker::Impl::facts_unknown(const flow::FlowTable<Key>&, flow::FlowIndex) const;             \
  template Event Worker::Impl::event_of_flow(EventKind, const flow::FlowTable<Key>&, flow::FlowIndex) const; \
  template void Worker::Impl::report_flow(flow::FlowTable<Key>&, flow::FlowIndex);                           \
  template void Worker::Impl::seek_sum(const flow::FlowTable<Key>&, EndedFlow&) const;                       \
  template void Worker::Impl::report_end(const flow::FlowTable<Key>&, EndedFlow&);
WARDLINE_INSTANTIATE(flow::FlowKey4)
WARDLINE_INSTANTIATE(flow::FlowKey6)
#undef WARDLINE_INSTANTIATE

}  // namespace wardline
