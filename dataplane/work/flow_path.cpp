// A frame of a flow: find its record, open one, decide again when an epoch moved.
#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include "dataplane/work/settled.h"
#include "dataplane/work/tcp_side.h"
#include "dataplane/work/undecided_flow.h"
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

FoundDevice Worker::Impl::find_device_of(const Passage& passage) const {
  return find_device(passage.segment, passage.device_mac(), passage.device_address());
}

// A new flow asks for its peer more than once.
[[gnu::always_inline]] inline std::uint32_t Worker::Impl::sets_of(const Address& address) {
  if (last_sets.policy_epoch != policy->epoch || last_sets.address != address)
    last_sets = {policy->epoch, address, policy->addresses.find(address)};
  return last_sets.sets;
}

void Worker::Impl::tell_facts(FlowFacts& facts, const Passage& passage, const FoundDevice& device, SlotId peer_slot) {
  std::construct_at(&facts);
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
  facts.peer_sets = sets_of(facts.peer);
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
}

template <typename Key>
FlowFacts Worker::Impl::facts_of(const flow::FlowTable<Key>& table, flow::FlowIndex index, const Passage& passage) {
  const auto& hot = table.hot(index);
  const SlotId slot = hot.device_slot.get();
  FlowFacts facts = facts_of(passage, {slot, slots.word(slot)}, hot.peer_slot.get());
  add_known(facts, table, index);
  return facts;
}

// What is decided at its first packet is decided by the facts that it was opened by, while no word changed.
template <typename Key>
FlowFacts& Worker::Impl::facts_again(const flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage) {
  const auto& hot = table.hot(index);
  const bool stands = std::exchange(passage.opened, false) &&
                      slots.epoch(hot.device_slot.get()) == opening.device.epoch &&
                      (!opening.peer_is_device || slots.epoch(hot.peer_slot.get()) == opening.peer_device.epoch);
  if (!stands) {
    const SlotId slot = hot.device_slot.get();
    tell_facts(opening, passage, {slot, slots.word(slot)}, hot.peer_slot.get());
  }
  add_known(opening, table, index);
  return opening;
}

// What a flow's record knows beside the packet's headers.
template <typename Key>
[[gnu::always_inline]] inline void Worker::Impl::add_known(FlowFacts& facts, const flow::FlowTable<Key>& table,
                                                           flow::FlowIndex index) {
  const auto& hot = table.hot(index);
  facts.opened_by = static_cast<OpenedBy>(hot.opened_by);
  facts.guessed = hot.guessed != 0;
  facts.app_state = static_cast<AppState>(hot.app_state);
  facts.app = table.cold(index).app;
  if (kept_facts.in_use() != 0 && facts.app_state == AppState::kProved && asked_of(facts.app) != 0)
    if (const auto* kept = kept_facts.find(flow_id(table, index))) {
      facts.facts = &kept->facts;
      facts.facts_unknown = kept->unknown;
    }
}

// The record of this key that belongs to the frame's device. Another MAC is looked up: the same slot goes on (a teamed
// NIC, a virtual router), another slot has a record of its own and leaves the first alone.
template <typename Key>
flow::FlowIndex Worker::Impl::find_for_device(flow::FlowTable<Key>& table, const Key& key, const Passage& passage) {
  auto index = table.find(key, passage.hash);
  if (index == flow::kNoFlow || std::ranges::equal(table.hot(index).device_mac, passage.device_mac().bytes))
    return index;
  if (by_ip(passage.segment)) return index;
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

// What gave a verdict, and the epochs that it was given under.
template <typename Key>
static void note_grounds(flow::HotRecord<Key>& hot, flow::ColdRecord& cold, const FlowFacts& facts,
                         const Decision& decision, std::uint32_t policy_epoch) {
  hot.reason = static_cast<std::uint8_t>(decision.reason);
  hot.step = static_cast<std::uint8_t>(decision.step);
  hot.reported = decision.verdict == Verdict::kAllow ? 0 : 1;
  cold.rule = decision.rule;
  hot.policy_epoch = policy_epoch;
  hot.device_epoch = facts.device.epoch;
  hot.peer_epoch = facts.peer_is_device ? facts.peer_device.epoch : 0;  // as DeviceSlots::epoch() says of none
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
  if (device.identified()) {
    announce_address(device.slot, passage.device_mac(), passage.segment, passage.device_address(), passage);
    if (passage.view.proto == packet::kProtoTcp) copy_opening(passage, device.slot);
  }

  FlowFacts& facts = opening;
  tell_facts(facts, passage, device, peer_slot);
  passage.opened = true;
  // Only one half of a conversation crosses here: its payload proves nothing, headers must do.
  if (policy->segments[passage.segment].asymmetric && facts.app_state == AppState::kUnknown)
    facts.app_state = AppState::kPortOnly;
  const bool syn = (passage.view.tcp_flags & packet::kSyn) != 0;
  if (passage.view.proto == packet::kProtoTcp && syn && (passage.view.tcp_flags & packet::kAck) != 0) {
    facts.opened_by = passage.from_device ? OpenedBy::kPeer : OpenedBy::kDevice;  // the SYN went another way
  } else if (passage.view.proto == packet::kProtoTcp && !syn) {
    counters.tally(Tally::kFlowsMidstream);
    facts.opened_by = decisions.guess_opener(*policy, facts);
    facts.guessed = true;
  }
  Decision decision = decisions.decide(*policy, facts);
  const bool may_answer = passage.view.proto != packet::kProtoTcp &&
                          (passage.view.l4 != packet::L4::kIcmpQuery || is_icmp_answer(passage.view));
  if (may_answer && decision.verdict != Verdict::kAllow) {  // perhaps it answers a question asked before the start
    const OpenedBy opener = decisions.guess_opener(*policy, facts);
    if (opener != facts.opened_by)
      if (const Decision as_answer = decisions.decide_as(*policy, facts, {opener, true, facts.app_state});
          as_answer.verdict == Verdict::kAllow) {
        facts.opened_by = opener;
        facts.guessed = true;
        decision = as_answer;
      }
  }
  hot.opened_by = static_cast<std::uint8_t>(facts.opened_by);
  hot.app_state = static_cast<std::uint8_t>(facts.app_state);
  hot.guessed = facts.guessed ? 1 : 0;
  cold.app = facts.app;

  if (expectations.size() != 0) adopt_related(table, index, passage, facts, decision);
  if (decision.drop && facts.app_state == AppState::kUnknown && passage.view.proto == packet::kProtoUdp) {
    // Blocked at its first datagram: what it was still belongs into the record.
    const bool device_opens = facts.opened_by == OpenedBy::kDevice;
    const auto hits = scan(classify::Transport::kUdp, passage.from_device == device_opens,
                           device_opens ? passage.peer_port() : passage.device_port(), passage.view.payload);
    cold.app = hits.app;
    if (hits.app != kNoApp) hot.app_state = static_cast<std::uint8_t>(AppState::kProved);
  }
  // A place that was given back before its time is filed still.
  if (auto& wheel = wheel_of<Key>(); !wheel.filed(index))
    wheel.file(index, coarse_now + first_visit(hot, decision.verdict));
  // A fresh record is that of an undecided flow whose packets pass: only the grounds of that are missing.
  static_assert(static_cast<int>(Verdict::kAllow) == 0 && static_cast<int>(FlowKind::kUndecided) == 0);
  if (decision.verdict == Verdict::kAllow && decision.kind == FlowKind::kUndecided && ledger == nullptr)
    note_grounds(hot, cold, facts, decision, policy->epoch);
  else
    settle(table, index, passage, facts, decision);
  return index;
}

// Writes a decision and the epochs it was made under into the record, and tells of a block at its first packet. The
// epochs are those of the words that `facts` were read from: a word that changed since must be met by the next packet.
template <typename Key>
void Worker::Impl::settle(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage, const FlowFacts& facts,
                          const Decision& decided) {
  auto& hot = table.hot(index);
  auto& cold = table.cold(index);
  const Decision decision = decided;  // by itself: what is written into a record may lie anywhere, for a compiler
  const bool told = hot.reported != 0 && hot.reason == static_cast<std::uint8_t>(decision.reason) &&
                    (hot.applied_drop != 0 || !decision.drop);  // a would-be block that now drops is told anew
  auto kind = decision.kind;
  if (kind == FlowKind::kSettled && !decision.drop && reads_for_life(cold.app) &&
      (decision.verdict == Verdict::kAllow || copies_each(cold.app)))
    kind = FlowKind::kInspect;  // it announces other flows, or tells of its device, for as long as it lives
  if (kind == FlowKind::kSettled && !decision.drop) kind = settled_kind(cold.app);
  if (const auto former = static_cast<FlowKind>(hot.kind); former != kind) release_side(hot, cold, former);
  if (kind == FlowKind::kCondemned && passage.view.proto == packet::kProtoTcp) {
    const auto& view = passage.view;
    const auto client = sent_by_client(hot, passage) ? view.sequence : view.acknowledgement;
    cold.side = work::CondemnedMark(client, coarse_now).side();
    hot.tcp_state = static_cast<std::uint8_t>(TcpState::kEstablished);  // its time-out is a connection's
  }
  hot.verdict = static_cast<std::uint8_t>(decision.verdict);
  hot.kind = static_cast<std::uint8_t>(kind);
  hot.applied_drop = decision.drop ? 1 : 0;
  note_grounds(hot, cold, facts, decision, policy->epoch);
  if (ledger != nullptr) [[unlikely]]
    offer_to_card(table, index, passage);
  if (decision.verdict != Verdict::kAllow && !told) tell_violation(table, index, passage, facts, decided);
}

template <typename Key>
[[gnu::noinline]] void Worker::Impl::tell_violation(flow::FlowTable<Key>& table, flow::FlowIndex index,
                                                    Passage& passage, const FlowFacts& facts,
                                                    const Decision& decision) {
  Event event = event_of_flow(EventKind::kViolation, table, index);
  event.pair = passage.frame->pair;
  event.side = passage.frame->side;
  event.vlans = passage.view.vlans;
  event.tag_count = passage.view.tag_count;
  event.essential = decision.essential;
  describe_unmet(event, facts, decision);
  put(event);
  if (decision.reject) reject(passage, *batch);
  if (decision.counts)
    count_toward_quarantine(table.hot(index).device_slot.get(), passage.segment, passage.peer(), passage.peer_port(),
                            table.cold(index).app, decision.reason, passage);
}

// An epoch moved: the device may be known by now, quarantined, or under another policy. No new scan: what was learned
// of the application stands.
template <typename Key>
void Worker::Impl::decide_again(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage) {
  auto& hot = table.hot(index);
  counters.tally(Tally::kFlowsRedecided);
  const FoundDevice device = find_device(passage);
  // The control plane asks for those that it put off. A frame that goes to the device, or comes from another MAC than
  // the flow's, may show the address of a router.
  if (!device.identified() && passage.from_device && std::ranges::equal(passage.device_mac().bytes, hot.device_mac))
    announce_device(passage);
  if (device.slot != hot.device_slot.get()) {
    hot.device_slot.set(device.slot);
    if (device.identified())
      announce_address(device.slot, passage.device_mac(), passage.segment, passage.device_address(), passage);
  }
  hot.peer_slot.set(slots.find_peer(passage.peer()));
  const auto kind = static_cast<FlowKind>(hot.kind);
  FlowFacts facts = facts_of(table, index, passage);
  const bool same_policy = hot.policy_epoch == policy->epoch;
  if (!same_policy && ends_of(table, index) != nullptr) {  // numbers of signatures are a policy's own
    const auto side = table.cold(index).side;
    if (kind == FlowKind::kUndecided) undecided[side].told.reset();
    if (kind == FlowKind::kInspect || kind == FlowKind::kAwaitAnswer) inspected[side].told.reset();
  }
  if (!same_policy && kind == FlowKind::kCondemned)
    table.cold(index).rule = kNoRule;  // numbers of rules are a policy's own
  if (kind == FlowKind::kCondemned) {  // until it ends, whatever the policy
    hot.policy_epoch = policy->epoch;
    hot.device_epoch = slots.epoch(hot.device_slot.get());
    hot.peer_epoch = slots.epoch(hot.peer_slot.get());
    return;
  }
  const bool related = static_cast<Step>(hot.step) == Step::kRelated;
  Decision decision = decisions.decide(*policy, facts);
  if (related && decision.verdict != Verdict::kAllow) {
    const RuleId rule = same_policy ? table.cold(index).rule : kNoRule;  // numbers of rules are a policy's own
    const bool essential = rule < policy->rules.size() && policy->rules[rule].essential;
    if (keeps_related(facts, decision.step, essential))
      decision = {.verdict = Verdict::kAllow, .step = Step::kRelated, .rule = rule, .essential = essential};
  }
  // Messages asked for after a connection began cannot be framed from its middle: the failure table speaks.
  if (decision.kind == FlowKind::kPerMessage && kind != FlowKind::kPerMessage &&
      passage.view.proto == packet::kProtoTcp) {
    decision.kind = FlowKind::kSettled;
    if (const Reason cause = on_failure(Reason::kMidstream); cause != Reason::kNone && !decision.essential) {
      decision = enforce::block(*policy, facts, Step::kOnFailure, cause, decision.rule);
      decision.counts = false;
    }
  }
  trust_unknown_facts(table, index, facts, decision);
  // The answer is still to come, or the depth is not reached.
  if (!decision.drop && decision.kind == FlowKind::kSettled &&
      (kind == FlowKind::kAwaitAnswer || kind == FlowKind::kInspect))
    decision.kind = kind;
  settle(table, index, passage, facts, decision);
}

Reason Worker::Impl::judge_flow(Passage& passage) {
  return passage.view.v6 ? judge_flow_in(flows6, passage.key6, passage) : judge_flow_in(flows4, passage.key4, passage);
}

// The table is full. Nothing undecided can be followed without memory, so the failure table speaks; quarantine holds.
Reason Worker::Impl::judge_without_record(Passage& passage, const FoundDevice& device) {
  FlowFacts facts = facts_of(passage, device, kNoSlot);
  if (facts.app_state == AppState::kUnknown) facts.app_state = AppState::kMidstream;
  facts.opened_by = decisions.guess_opener(*policy, facts);  // an answer in an essential flow is kept, too
  facts.guessed = true;
  const Decision decision = decisions.decide(*policy, facts);
  if (decision.step == Step::kQuarantine) return conclude_stateless(passage, device, facts, decision);
  const Reason cause = on_failure(Reason::kFlowTableFull);
  return cause == Reason::kNone ? cause : fail_stateless(passage, device, cause);
}

template <typename Key>
[[gnu::always_inline]] inline Reason Worker::Impl::judge_by_kind(flow::FlowTable<Key>& table, flow::FlowIndex index,
                                                                 Passage& passage) {
  const auto& hot = table.hot(index);
  switch (static_cast<FlowKind>(hot.kind)) {
    case FlowKind::kSettled:
    case FlowKind::kWatched:
    case FlowKind::kCondemned:
      if (hot.applied_drop != 0 && announced_since(table, index, passage)) return Reason::kNone;
      return hot.applied_drop != 0 ? static_cast<Reason>(hot.reason) : Reason::kNone;
    case FlowKind::kInspect:
      return judge_inspected(table, index, passage);
    case FlowKind::kAwaitAnswer:
      tell_exchange(table, index, passage);
      return judge_inspected(table, index, passage);
    case FlowKind::kPerMessage: {
      const Reason reason = judge_per_message(table, index, passage);
      if (reason == Reason::kNone) {
        follow(table, index, passage);
        tell_datagram(table, index, passage);
      }
      return reason;
    }
    case FlowKind::kUndecided:
      return judge_undecided(table, index, passage);
  }
  return Reason::kNone;
}

template <typename Key>
Reason Worker::Impl::judge_flow_in(flow::FlowTable<Key>& table, const Key& key, Passage& passage) {
  passage.opened = false;
  const auto likely = passage.likely;
  const bool known = likely != flow::kNoFlow && work::is_its_own(table.hot(likely), key, *passage.frame);
  auto index = known ? likely : find_for_device(table, key, passage);
  std::uint32_t mark = flow::kNoSide;
  if (index != flow::kNoFlow && begins_anew(table, index, passage)) {
    mark = mark_of_next(table, index, passage);
    close(table, index);
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
    if (mark != flow::kNoSide && !counted_only(table.hot(index)) && table.cold(index).side == flow::kNoSide &&
        static_cast<FlowKind>(table.hot(index).kind) == FlowKind::kUndecided)
      table.cold(index).side = mark;
  } else if (!work::verdict_holds(table.hot(index), {slots.words(), policy->epoch, coarse_now})) {
    // Not for a flow just opened: a violation that quarantines its device is told and counted as what it was.
    decide_again(table, index, passage);
  }

  auto& hot = table.hot(index);
  hot.last_seen = coarse_now;
  const auto direction = passage.direction();
  if (passage.from_device && !passage.view.payload.empty()) hot.payload_from_device = 1;
  const auto before = hot.packets[direction];
  hot.packets[direction] += passage.frames;
  hot.bytes[direction] += static_cast<std::uint32_t>(passage.frame->bytes.size()) + passage.more_bytes;
  if ((hot.bytes[direction] >> 31) != 0) report_flow(table, index);
  constexpr std::uint32_t kSome = 1023;  // behaviour detectors see the first packet each way, then one in 1024
  if (before == 0 || ((before ^ hot.packets[direction]) & ~kSome) != 0) [[unlikely]]
    if (const Reason cause = watch_count(table, index, passage, before); cause != Reason::kNone) return cause;
  const auto kind = static_cast<FlowKind>(hot.kind);
  if (kind != FlowKind::kSettled && kind != FlowKind::kCondemned && !passage.view.payload.empty())
    if (const Reason cause = watch_payload(table, index, passage); cause != Reason::kNone) return cause;
  const Reason reason = judge_by_kind(table, index, passage);
  // Of a connection that is blocked nothing else tells that its hosts gave it up; a condemned one is followed no more.
  const bool blocked = hot.applied_drop != 0 && static_cast<FlowKind>(hot.kind) != FlowKind::kCondemned;
  if (passage.view.proto == packet::kProtoTcp && (reason == Reason::kNone || blocked))
    follow_tcp(table, index, passage);
  return reason;
}

#define WARDLINE_INSTANTIATE(Key)                                                                            \
  template FlowFacts Worker::Impl::facts_of(const flow::FlowTable<Key>&, flow::FlowIndex, const Passage&);   \
  template FlowFacts& Worker::Impl::facts_again(const flow::FlowTable<Key>&, flow::FlowIndex, Passage&);     \
  template void Worker::Impl::settle(flow::FlowTable<Key>&, flow::FlowIndex, Passage&, const FlowFacts&,     \
                                     const enforce::Decision&);                                              \
  template flow::FlowIndex Worker::Impl::find_for_device(flow::FlowTable<Key>&, const Key&, const Passage&); \
  template Reason Worker::Impl::judge_flow_in(flow::FlowTable<Key>&, const Key&, Passage&);
WARDLINE_INSTANTIATE(flow::FlowKey4)
WARDLINE_INSTANTIATE(flow::FlowKey6)
#undef WARDLINE_INSTANTIATE

}  // namespace wardline
