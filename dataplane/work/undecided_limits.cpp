// What passes of a flow whose application is not known yet: bounded for the flow and for its device.
#include <algorithm>

#include "dataplane/work/undecided_flow.h"

namespace wardline {

using enforce::AppState;
using enforce::Decision;
using enforce::FailureAction;
using enforce::FlowFacts;
using enforce::FlowKind;
using enforce::Step;
using enforce::Verdict;
using flow::FirstBytes;

// A dropped segment does not count as seen.
template <typename Key>
void Worker::Impl::take_back(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage) {
  if (gathers(table, index)) undecided[table.cold(index).side].direction[passage.direction()].discard();
}

// What an undecided flow has sent so far, before this packet.
struct Worker::Impl::Undecided {
  std::uint32_t bytes = 0, packets = 0;  // forwarded in this packet's direction
  bool exhausted = false;                // 2 KiB of each direction that spoke were scanned
};

template <typename Key>
Worker::Impl::Undecided Worker::Impl::measure_undecided(flow::FlowTable<Key>& table, flow::FlowIndex index,
                                                        const Passage& passage) {
  const auto& hot = table.hot(index);
  const auto side = table.cold(index).side;
  const auto direction = passage.direction();
  bool spoke = false, exhausted = true;
  const auto look = [&](std::size_t bytes) {
    if (bytes == 0) return;
    spoke = true;
    exhausted = exhausted && bytes >= FirstBytes::kLimit;
  };
  if (!counted_only(hot)) {
    const auto& state = undecided[side];
    for (const auto& bytes : state.direction) look(bytes.started() ? bytes.prefix().size() : 0);
    return {state.bytes_forwarded[direction], state.packets_forwarded[direction], spoke && exhausted};
  }
  const auto after = with_count(side, direction, passage.view.payload.size());
  for (std::size_t i = 0; i < 2; ++i) look(counted(after, i));
  return {counted(side, direction), packets_since_report(hot.packets[direction]) - passage.frames, spoke && exhausted};
}

// All that may be scanned was, and it proved nothing. Where no rule takes it as unclassified, the criticality speaks as
// it does at the limits: the size of its packets must not decide whether a flow keeps the benefit of the doubt.
template <typename Key>
Reason Worker::Impl::all_was_scanned(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage) {
  FlowFacts facts = facts_of(table, index, passage);
  const bool doubt = policy->undecided_limit[static_cast<std::size_t>(enforce::criticality_of(*policy, facts))] ==
                     FailureAction::kAllow;
  facts.app_state = AppState::kOpaque;
  const Decision decision = decisions.decide(*policy, facts);
  const bool fits = decision.verdict == Verdict::kAllow || decision.step == Step::kKeepAlive;
  return end_undecided(table, index, passage, doubt && !fits ? AppState::kPortOnly : AppState::kOpaque, kNoApp);
}

// Nothing proved yet. The packet passes if that keeps within the limits of the flow and of the device; bytes in the
// middle of a flow, and bytes that a rule allows as unclassified, do not count.
template <typename Key>
Reason Worker::Impl::forward_undecided(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage) {
  auto& hot = table.hot(index);
  const auto size = passage.view.payload.size();
  const Undecided sent = measure_undecided(table, index, passage);
  if (hot.guessed != 0 && passage.view.proto == packet::kProtoTcp) {
    constexpr std::uint32_t kMidstreamLooks = 4;  // some segments were looked at and none opened a message
    if (packets_since_report(hot.packets[0]) + packets_since_report(hot.packets[1]) >= kMidstreamLooks) {
      if (const Reason cause = fail_in_flow(table, index, passage, Reason::kMidstream); cause != Reason::kNone)
        return cause;
      return end_undecided(table, index, passage, AppState::kMidstream, kNoApp);
    }
  } else if (sent.exhausted && kept_facts.find(flow_id(table, index)) == nullptr) {  // else a fact is waited for
    return all_was_scanned(table, index, passage);
  }
  const bool would_block = hot.verdict != static_cast<std::uint8_t>(Verdict::kAllow);
  if (hot.guessed == 0 && !would_block) {
    const auto& limits = policy->undecided;
    const bool flow_full = sent.bytes + size > limits.flow_bytes || sent.packets >= limits.flow_packets;
    const SlotId slot = hot.device_slot.get();
    const bool over = flow_full || !take_undecided_budget({slot, slots.word(slot)}, passage.device_mac(), size);
    if (over && decisions.allowed_unclassified(*policy, facts_of(table, index, passage))) {
      if (flow_full) return end_undecided(table, index, passage, AppState::kOpaque, kNoApp);
    } else if (over) {
      return flow_full ? limit_reached(table, index, passage) : device_limit_reached(table, index, passage);
    }
  }
  pass_undecided(table, index, passage);
  return Reason::kNone;
}

// Counts a packet that is forwarded undecided; only now its bytes count as seen.
template <typename Key>
void Worker::Impl::pass_undecided(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage) {
  const auto size = passage.view.payload.size();
  auto& cold = table.cold(index);
  counters.tally(Tally::kUndecidedForwardedBytes, size);
  if (counted_only(table.hot(index))) {
    cold.side = with_count(cold.side, passage.direction(), size);
    return;
  }
  auto& state = undecided[cold.side];
  state.bytes_forwarded[passage.direction()] += static_cast<std::uint32_t>(size);
  ++state.packets_forwarded[passage.direction()];
  state.direction[passage.direction()].commit();
}

// The device sent its share over all its flows: this packet waits for the sender's retry, the flow stays open.
template <typename Key>
Reason Worker::Impl::device_limit_reached(flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage) {
  const auto criticality = enforce::criticality_of(*policy, facts_of(table, index, passage));
  const bool allowed = policy->undecided_limit[static_cast<std::size_t>(criticality)] == FailureAction::kAllow;
  if (!allowed) {
    const Reason reason = drop_where_enforced(table, index, passage, Reason::kUndecidedLimit);
    if (reason != Reason::kNone) {
      take_back(table, index, passage);
      return reason;
    }
  }
  pass_undecided(table, index, passage);
  return Reason::kNone;
}

// The flow sent its share without telling what it is. By criticality it keeps the benefit of the doubt or is stopped.
template <typename Key>
Reason Worker::Impl::limit_reached(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage) {
  const FlowFacts facts = facts_of(table, index, passage);
  const auto criticality = enforce::criticality_of(*policy, facts);
  if (policy->undecided_limit[static_cast<std::size_t>(criticality)] == FailureAction::kAllow)
    return end_undecided(table, index, passage, AppState::kPortOnly, kNoApp);
  auto& hot = table.hot(index);
  hot.app_state = static_cast<std::uint8_t>(AppState::kOpaque);
  Decision decision = enforce::block(*policy, facts, Step::kDefault, Reason::kUndecidedLimit, table.cold(index).rule);
  decision.kind = FlowKind::kSettled;
  settle(table, index, passage, facts, decision);
  return hot.applied_drop != 0 ? Reason::kUndecidedLimit : Reason::kNone;
}

bool Worker::Impl::take_undecided_budget(const FoundDevice& device, const Mac& mac, std::size_t bytes) {
  const auto& limits = policy->undecided;
  const std::uint32_t window =
      coarse_now / std::max<CoarseTick>(coarse_duration(limits.device_seconds * kSecond), 1) + 1;
  const auto add = static_cast<std::uint32_t>(bytes);
  if (!device.identified()) {
    Bucket& bucket = mac_budgets[(mac.number() * 0x9e3779b97f4a7c15 >> 32) % mac_budgets.size()];
    if (bucket.window != window) bucket = {window, 0};
    if (bucket.bytes + add > limits.device_bytes) return false;
    bucket.bytes += add;
    return true;
  }
  auto& cold = slots.cold(device.slot);
  if (cold.undecided_window.load(std::memory_order_relaxed) != window) {
    cold.undecided_window.store(window, std::memory_order_relaxed);
    cold.undecided_bytes.store(0, std::memory_order_relaxed);
  }
  if (cold.undecided_bytes.load(std::memory_order_relaxed) + add > limits.device_bytes) return false;
  cold.undecided_bytes.fetch_add(add, std::memory_order_relaxed);
  return true;
}

#define WARDLINE_INSTANTIATE(Key)                                                                    \
  template Reason Worker::Impl::forward_undecided(flow::FlowTable<Key>&, flow::FlowIndex, Passage&); \
  template void Worker::Impl::take_back(flow::FlowTable<Key>&, flow::FlowIndex, const Passage&);
WARDLINE_INSTANTIATE(flow::FlowKey4)
WARDLINE_INSTANTIATE(flow::FlowKey6)
#undef WARDLINE_INSTANTIATE

}  // namespace wardline
