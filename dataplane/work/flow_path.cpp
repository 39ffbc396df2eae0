// A frame of a flow: find its record, open one, decide again when an epoch moved.
#include <algorithm>
#include <cstring>

#include "dataplane/work/worker_state.h"

namespace wardline {

using enforce::AppState;
using enforce::Decision;
using enforce::FlowFacts;
using enforce::FlowKind;
using enforce::Step;
using enforce::Verdict;
using flow::OpenedBy;
using flow::TcpState;

FoundDevice Worker::Impl::find_device(const Passage& passage) {
  const bool by_ip = passage.segment < policy->segments.size() && policy->segments[passage.segment].identify_by_ip;
  SlotId slot = by_ip ? slots.find_ip(passage.segment, passage.device_address())
                      : slots.find_mac(passage.segment, passage.device_mac());
  if (slot == kNoSlot) slot = pseudo_slot(passage.segment);
  return {slot, slots.word(slot)};
}

FlowFacts Worker::Impl::facts_of(const Passage& passage, const FoundDevice& device, SlotId peer_slot) {
  FlowFacts facts;
  facts.segment = passage.segment;
  facts.device = device.word;
  if (device.identified()) facts.device_key = slots.identity(device.slot).device_key;
  if (peer_slot != kNoSlot) {
    facts.peer_is_device = true;
    facts.peer_device = slots.word(peer_slot);
    const SegmentId peer_segment = slots.identity(peer_slot).segment;
    if (peer_segment < policy->segments.size()) facts.peer_ward = policy->segments[peer_segment].ward;
  }
  facts.device_address = passage.device_address();
  facts.peer = passage.peer();
  facts.peer_sets = policy->addresses.find(facts.peer);
  facts.proto = passage.view.proto;
  facts.device_port = passage.device_port();
  facts.peer_port = passage.peer_port();
  facts.opened_by = passage.from_device ? OpenedBy::kDevice : OpenedBy::kPeer;
  if (passage.view.l4 == packet::L4::kIcmpQuery || facts.proto == packet::kProtoIcmp) {
    facts.app_state = AppState::kProved;
    facts.app = policy->known.icmp;
  } else if (facts.proto != packet::kProtoTcp && facts.proto != packet::kProtoUdp) {
    // Nothing to classify: an application by its protocol number, or only `unclassified` with this proto fits.
    facts.app = policy->apps_by_proto[facts.proto];
    facts.app_state = facts.app != kNoApp ? AppState::kProved : AppState::kOpaque;
  }
  return facts;
}

template <typename Key>
FlowFacts Worker::Impl::facts_of(const flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage) {
  const auto& hot = table.hot(index);
  const SlotId slot = hot.device_slot.get();
  FlowFacts facts = facts_of(passage, {slot, slots.word(slot)}, hot.peer_slot.get());
  facts.opened_by = static_cast<OpenedBy>(hot.opened_by);
  facts.guessed = hot.guessed != 0;
  facts.app_state = static_cast<AppState>(hot.app_state);
  facts.app = table.cold(index).app;
  return facts;
}

// The record of this key that belongs to the frame's device. Another MAC is looked up: the same slot goes on (a teamed
// NIC, a virtual router), another slot has a record of its own and leaves the first alone.
template <typename Key>
flow::FlowIndex Worker::Impl::find_for_device(flow::FlowTable<Key>& table, const Key& key, const Passage& passage) {
  auto index = table.find(key, passage.hash);
  if (index == flow::kNoFlow) return index;
  const auto& mac = passage.device_mac().bytes;
  if (std::memcmp(table.hot(index).device_mac, mac.data(), mac.size()) == 0) return index;
  if (policy->segments[passage.segment].identify_by_ip) return index;
  const SlotId slot = find_device(passage).slot;
  while (index != flow::kNoFlow && table.hot(index).device_slot.get() != slot)
    index = table.find_next(key, passage.hash, index);
  return index;
}

// What an answer of its type says of who asked (RFC 792, RFC 950, RFC 4443, RFC 8335).
static bool is_icmp_answer(const packet::PacketView& view) {
  return view.v6 ? view.icmp_type == 129 || view.icmp_type == 161
                 : view.icmp_type == 0 || view.icmp_type == 43 ||
                       (view.icmp_type >= 14 && view.icmp_type <= 18 && view.icmp_type % 2 == 0);
}

// Whether related traffic passes although no rule of its own allows it. An operator's block and a quarantine hold; of a
// quarantine those profiles that keep essential flows keep what belongs to them.
bool Worker::Impl::keeps_related(const FlowFacts& facts, Step against, bool essential) const {
  using enforce::Profile;
  if (against == Step::kOperatorBlock) return false;
  if (against != Step::kQuarantine) return true;
  switch (facts.device.quarantine) {
    case Profile::kNone:  // the peer's
    case Profile::kContain:
      return essential;
    case Profile::kIsolate:
      return essential && enforce::criticality_of(*policy, facts) >= enforce::Criticality::kCareCritical;
    case Profile::kCutOff:
      break;
  }
  return false;
}

template <typename Key>
flow::FlowIndex Worker::Impl::open(flow::FlowTable<Key>& table, const Key& key, Passage& passage,
                                   const FoundDevice& device) {
  const auto index = table.insert(key, passage.hash);
  if (index == flow::kNoFlow) return index;
  counters.tally(Tally::kFlowsCreated);
  auto& hot = table.hot(index);
  auto& cold = table.cold(index);
  std::memcpy(hot.device_mac, passage.device_mac().bytes.data(), sizeof hot.device_mac);
  const SlotId peer_slot = slots.find_peer(passage.peer());
  hot.device_slot.set(device.slot);
  hot.peer_slot.set(peer_slot);
  cold.first_seen = hot.last_seen = coarse_now;
  cold.rule = kNoRule;
  cold.side = flow::kNoSide;
  cold.app = kNoApp;
  if (device.identified())
    announce_address(device.slot, passage.device_mac(), passage.segment, passage.device_address(), passage);

  FlowFacts facts = facts_of(passage, device, peer_slot);
  // Only one half of a conversation crosses here: its payload proves nothing, headers must do.
  if (policy->segments[passage.segment].asymmetric && facts.app_state == AppState::kUnknown)
    facts.app_state = AppState::kPortOnly;
  hot.app_state = static_cast<std::uint8_t>(facts.app_state);
  cold.app = facts.app;
  const bool syn = (passage.view.tcp_flags & packet::kSyn) != 0;
  if (passage.view.proto == packet::kProtoTcp && syn && (passage.view.tcp_flags & packet::kAck) != 0) {
    facts.opened_by = passage.from_device ? OpenedBy::kPeer : OpenedBy::kDevice;  // the SYN went another way
  } else if (passage.view.proto == packet::kProtoTcp && !syn) {
    counters.tally(Tally::kFlowsMidstream);
    facts.opened_by = enforce::guess_opener(*policy, facts);
    facts.guessed = true;
  }
  Decision decision = enforce::decide(*policy, facts);
  const bool may_answer = passage.view.proto != packet::kProtoTcp &&
                          (passage.view.l4 != packet::L4::kIcmpQuery || is_icmp_answer(passage.view));
  if (may_answer && decision.verdict != Verdict::kAllow) {  // perhaps it answers a question asked before the start
    FlowFacts turned = facts;
    turned.opened_by = enforce::guess_opener(*policy, facts);
    turned.guessed = true;
    const Decision as_answer = enforce::decide(*policy, turned);
    if (turned.opened_by != facts.opened_by && as_answer.verdict == Verdict::kAllow) {
      facts = turned;
      decision = as_answer;
    }
  }
  hot.opened_by = static_cast<std::uint8_t>(facts.opened_by);
  hot.guessed = facts.guessed ? 1 : 0;

  // An expectation that names the device's port is for what comes to it, one that names the peer's for what the device
  // opens there. Port 0 stands for the sender's own port, which no expectation names: so a device cannot use the
  // answers it may get as a way out.
  const auto related =
      expectations.match(passage.segment, passage.view.proto, passage.device_address(),
                         passage.from_device ? std::uint16_t{0} : passage.device_port(), passage.peer(),
                         passage.from_device ? passage.peer_port() : std::uint16_t{0}, now);
  if (related && decision.verdict != Verdict::kAllow && keeps_related(facts, decision.step, related->essential)) {
    counters.tally(Tally::kExpectationsUsed);
    cold.app = related->app;
    hot.app_state = static_cast<std::uint8_t>(AppState::kProved);
    decision = {.verdict = Verdict::kAllow,
                .step = Step::kRelated,
                .rule = related->policy_epoch == policy->epoch ? related->rule : kNoRule,
                .essential = related->essential};
  }
  if (decision.drop && facts.app_state == AppState::kUnknown && passage.view.proto == packet::kProtoUdp) {
    // Blocked at its first datagram: what it was still belongs into the record.
    const bool device_opens = facts.opened_by == OpenedBy::kDevice;
    const auto hits = scan(classify::Transport::kUdp, passage.from_device == device_opens,
                           device_opens ? passage.peer_port() : passage.device_port(), passage.view.payload);
    cold.app = hits.app;
    if (hits.app != kNoApp) hot.app_state = static_cast<std::uint8_t>(AppState::kProved);
  }
  if (!wheel.file({index, cold.generation, is_v6<Key>}, coarse_now + std::min(timeout_of(hot), report_period()))) {
    // Connections opened and closed in a rush leave their handles behind for a while. A record without one would
    // never expire, so there is no room for it.
    table.erase(index);
    return flow::kNoFlow;
  }
  settle(table, index, passage, facts, decision);
  return index;
}

// Writes a decision and the epochs it was made under into the record, and tells of a block at its first packet. The
// epochs are those of the words that `facts` were read from: a word that changed since must be met by the next packet.
template <typename Key>
void Worker::Impl::settle(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage, const FlowFacts& facts,
                          const Decision& decision) {
  auto& hot = table.hot(index);
  auto& cold = table.cold(index);
  const bool told = hot.reported != 0 && hot.reason == static_cast<std::uint8_t>(decision.reason) &&
                    (hot.applied_drop != 0 || !decision.drop);  // a would-be block that now drops is told anew
  auto kind = decision.kind;
  if (kind == FlowKind::kSettled && decision.verdict == Verdict::kAllow && follows(cold.app))
    kind = FlowKind::kInspect;  // it announces other flows for as long as it lives
  if (const auto former = static_cast<FlowKind>(hot.kind); former != kind) release_side(table, index, former);
  hot.verdict = static_cast<std::uint8_t>(decision.verdict);
  hot.kind = static_cast<std::uint8_t>(kind);
  hot.applied_drop = decision.drop ? 1 : 0;
  hot.reason = static_cast<std::uint8_t>(decision.reason);
  hot.step = static_cast<std::uint8_t>(decision.step);
  cold.rule = decision.rule;
  hot.policy_epoch = policy->epoch;
  hot.device_epoch = facts.device.epoch;
  hot.peer_epoch = facts.peer_is_device ? facts.peer_device.epoch : slots.epoch(kNoSlot);
  hot.reported = decision.verdict == Verdict::kAllow ? 0 : 1;
  if (decision.verdict == Verdict::kAllow || told) return;

  Event event = event_of_flow(EventKind::kViolation, table, index);
  event.pair = passage.frame->pair;
  event.side = passage.frame->side;
  event.vlans = passage.view.vlans;
  event.tag_count = passage.view.tag_count;
  event.essential = decision.essential;
  put(event);
  if (decision.reject) reject(passage, *batch);
  if (decision.counts)
    count_toward_quarantine(hot.device_slot.get(), passage.segment, passage.peer(), passage.peer_port(), cold.app,
                            decision.reason, passage);
}

// An epoch moved: the device may be known by now, quarantined, or under another policy. No new scan: what was learned
// of the application stands.
template <typename Key>
void Worker::Impl::decide_again(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage) {
  auto& hot = table.hot(index);
  counters.tally(Tally::kFlowsRedecided);
  const FoundDevice device = find_device(passage);
  if (device.slot != hot.device_slot.get()) {
    hot.device_slot.set(device.slot);
    if (device.identified())
      announce_address(device.slot, passage.device_mac(), passage.segment, passage.device_address(), passage);
  }
  hot.peer_slot.set(slots.find_peer(passage.peer()));
  const auto kind = static_cast<FlowKind>(hot.kind);
  FlowFacts facts = facts_of(table, index, passage);
  const bool same_policy = hot.policy_epoch == policy->epoch;
  if (!same_policy && kind == FlowKind::kCondemned)
    table.cold(index).rule = kNoRule;  // numbers of rules are a policy's own
  if (kind == FlowKind::kCondemned) {  // until it ends, whatever the policy
    hot.policy_epoch = policy->epoch;
    hot.device_epoch = slots.epoch(hot.device_slot.get());
    hot.peer_epoch = slots.epoch(hot.peer_slot.get());
    return;
  }
  const bool related = static_cast<Step>(hot.step) == Step::kRelated;
  Decision decision = enforce::decide(*policy, facts);
  if (related && decision.verdict != Verdict::kAllow) {
    const RuleId rule = same_policy ? table.cold(index).rule : kNoRule;  // numbers of rules are a policy's own
    const bool essential = rule < policy->rules.size() && policy->rules[rule].essential;
    if (keeps_related(facts, decision.step, essential))
      decision = {.verdict = Verdict::kAllow, .step = Step::kRelated, .rule = rule, .essential = essential};
  }
  // A condition met after the connection began cannot be framed from its middle: the failure table speaks.
  if (decision.kind == FlowKind::kPerMessage && kind != FlowKind::kPerMessage) {
    decision.kind = FlowKind::kSettled;
    if (const Reason cause = on_failure(Reason::kMidstream); cause != Reason::kNone && !decision.essential) {
      decision = enforce::block(*policy, facts, Step::kOnFailure, cause, decision.rule);
      decision.counts = false;
    }
  }
  // The answer is still to come, or the depth is not reached.
  if (decision.verdict == Verdict::kAllow && decision.kind == FlowKind::kSettled &&
      (kind == FlowKind::kAwaitAnswer || kind == FlowKind::kInspect))
    decision.kind = kind;
  settle(table, index, passage, facts, decision);
}

template <typename Key>
void Worker::Impl::follow_tcp(flow::HotRecord<Key>& hot, const Passage& passage) {
  const auto flags = passage.view.tcp_flags;
  auto state = static_cast<TcpState>(hot.tcp_state);
  if ((flags & packet::kRst) != 0) {
    state = TcpState::kClosed;
  } else if ((flags & packet::kSyn) != 0) {
    state = (flags & packet::kAck) != 0 ? TcpState::kSynReceived : TcpState::kSynSent;
  } else if ((flags & packet::kFin) != 0) {
    state = state == TcpState::kClosing ? TcpState::kClosed : TcpState::kClosing;
  } else if (state < TcpState::kEstablished) {
    state = TcpState::kEstablished;
  }
  hot.tcp_state = static_cast<std::uint8_t>(state);
}

Reason Worker::Impl::judge_flow(Passage& passage) {
  return passage.view.v6 ? judge_flow_in(flows6, passage.key6, passage) : judge_flow_in(flows4, passage.key4, passage);
}

// A new connection on the 5-tuple of one that ended: the old record must not lend it its verdict.
template <typename Key>
static bool reopens(const flow::HotRecord<Key>& hot, const Passage& passage) {
  constexpr std::uint8_t kOpening = packet::kSyn | packet::kAck;
  return passage.view.proto == packet::kProtoTcp && (passage.view.tcp_flags & kOpening) == packet::kSyn &&
         static_cast<TcpState>(hot.tcp_state) >= TcpState::kClosing;
}

// The table is full. Nothing undecided can be followed without memory, so the failure table speaks; quarantine holds.
Reason Worker::Impl::judge_without_record(Passage& passage, const FoundDevice& device) {
  FlowFacts facts = facts_of(passage, device, kNoSlot);
  if (facts.app_state == AppState::kUnknown) facts.app_state = AppState::kMidstream;
  facts.opened_by = enforce::guess_opener(*policy, facts);  // an answer in an essential flow is kept, too
  facts.guessed = true;
  const Decision decision = enforce::decide(*policy, facts);
  if (decision.step == Step::kQuarantine) return conclude_stateless(passage, device, facts, decision);
  const Reason cause = on_failure(Reason::kFlowTableFull);
  return cause == Reason::kNone ? cause : fail_stateless(passage, device, cause);
}

template <typename Key>
Reason Worker::Impl::judge_flow_in(flow::FlowTable<Key>& table, const Key& key, Passage& passage) {
  auto index = find_for_device(table, key, passage);
  if (index != flow::kNoFlow && reopens(table.hot(index), passage)) {
    close(table, index, true);
    index = flow::kNoFlow;
  }
  if (index == flow::kNoFlow) {
    const FoundDevice device = find_device(passage);
    if (!device.identified() && passage.from_device) {
      announce_device(passage);
      if (slots.full())
        if (const Reason cause = on_failure(Reason::kDeviceTableFull); cause != Reason::kNone)
          return fail_stateless(passage, device, cause);
    }
    if (!device.identified() && !passage.from_device) {
      if (const Reason cause = on_failure(Reason::kUnknownDestination); cause != Reason::kNone)
        return fail_stateless(passage, device, cause);
    }
    index = open(table, key, passage, device);
    if (index == flow::kNoFlow) return judge_without_record(passage, device);
  } else if (const auto& known = table.hot(index); known.policy_epoch != policy->epoch ||
                                                   known.device_epoch != slots.epoch(known.device_slot.get()) ||
                                                   known.peer_epoch != slots.epoch(known.peer_slot.get())) {
    // Not for a flow just opened: a violation that quarantines its device is told and counted as what it was.
    decide_again(table, index, passage);
  }

  auto& hot = table.hot(index);
  hot.last_seen = coarse_now;
  const auto direction = passage.direction();
  hot.packets[direction] += passage.frames;
  hot.bytes[direction] += static_cast<std::uint32_t>(passage.frame->bytes.size()) + passage.more_bytes;
  if ((hot.bytes[direction] >> 31) != 0) report_flow(table, index, false);
  if (passage.view.proto == packet::kProtoTcp) follow_tcp(hot, passage);

  switch (static_cast<FlowKind>(hot.kind)) {
    case FlowKind::kSettled:
    case FlowKind::kCondemned:
      return hot.applied_drop != 0 ? static_cast<Reason>(hot.reason) : Reason::kNone;
    case FlowKind::kInspect:
      return judge_inspected(table, index, passage);
    case FlowKind::kAwaitAnswer:
      follow(table, index, passage);
      tell_exchange(table, index, passage);
      return Reason::kNone;
    case FlowKind::kPerMessage:
      return judge_per_message(table, index, passage);
    case FlowKind::kUndecided:
      return judge_undecided(table, index, passage);
  }
  return Reason::kNone;
}

#define WARDLINE_INSTANTIATE(Key)                                                                          \
  template FlowFacts Worker::Impl::facts_of(const flow::FlowTable<Key>&, flow::FlowIndex, const Passage&); \
  template void Worker::Impl::settle(flow::FlowTable<Key>&, flow::FlowIndex, Passage&, const FlowFacts&,   \
                                     const enforce::Decision&);                                            \
  template flow::FlowIndex Worker::Impl::find_for_device(flow::FlowTable<Key>&, const Key&, const Passage&);
WARDLINE_INSTANTIATE(flow::FlowKey4)
WARDLINE_INSTANTIATE(flow::FlowKey6)
#undef WARDLINE_INSTANTIATE

}  // namespace wardline
