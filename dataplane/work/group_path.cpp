// Frames that no flow record is kept for: ARP, neighbour discovery, other ethertypes, groups, DHCP, unspecified
// sources. Only a unicast source on the device leg makes a device.
#include <algorithm>

#include "dataplane/work/worker_state.h"

namespace wardline {

using enforce::AppState;
using enforce::Decision;
using enforce::FailureAction;
using enforce::FlowFacts;
using enforce::Profile;
using enforce::Step;
using enforce::Verdict;

namespace {

constexpr std::uint16_t kDhcpServer = 67, kDhcpClient = 68, kDhcp6Client = 546, kDhcp6Server = 547;
constexpr std::uint8_t kVrrp = 112;

// ICMPv6 that a link lives on: MLD, neighbour discovery and its kin (RFC 4861, 3122, 3810, 4286). Every other type is
// judged by the rules, or an unheard-of type would carry anything anywhere.
bool is_neighbour_control(const packet::PacketView& view) {
  if (view.proto != packet::kProtoIcmp6) return true;
  const auto type = view.icmp_type;
  return (type >= 130 && type <= 137) || (type >= 141 && type <= 143) || type == 148 || type == 149 ||
         (type >= 151 && type <= 153);
}

bool cut_off(const FoundDevice& device) {
  return device.word.quarantine == Profile::kCutOff;
}

}  // namespace

bool Worker::Impl::is_dhcp(const packet::PacketView& view) const {
  if (view.l4 != packet::L4::kUdp) return false;
  const auto is = [&](std::uint16_t port) { return view.source_port == port || view.target_port == port; };
  return view.v6 ? is(kDhcp6Client) && is(kDhcp6Server)
                 : is(kDhcpServer) && (is(kDhcpClient) || view.source_port == view.target_port);
}

// Between bridges and stations, of no device's policy. What comes from a device that is cut off is none the less its.
Reason Worker::Impl::judge_link_control(Passage& passage) {
  if (!passage.from_device) return Reason::kNone;
  const FoundDevice device = find_device(passage);
  if (!cut_off(device)) return Reason::kNone;
  return conclude_stateless(
      passage, device, facts_of(passage, device, kNoSlot),
      {.verdict = Verdict::kBlock, .step = Step::kQuarantine, .reason = Reason::kQuarantine, .drop = true});
}

// ARP is what every other flow lives on: only a device that is cut off wholly loses it.
Reason Worker::Impl::judge_arp(Passage& passage) {
  if (const Reason cause = watch_arp(passage); cause != Reason::kNone) return cause;
  const bool group = passage.device_mac().group() || passage.device_mac().zero();
  if (group && !passage.from_device) return Reason::kNone;
  const FoundDevice device = find_device(passage);
  if (passage.from_device && !passage.view.source_mac.group()) {
    if (!device.identified())
      announce_device(passage);
    else if (!passage.view.source.unspecified() && passage.view.arp_sender_mac == passage.view.source_mac)
      announce_address(device.slot, passage.view.source_mac, passage.segment, passage.view.source, passage);
  }
  if (!cut_off(device)) return Reason::kNone;
  return conclude_stateless(
      passage, device, facts_of(passage, device, kNoSlot),
      {.verdict = Verdict::kBlock, .step = Step::kQuarantine, .reason = Reason::kQuarantine, .drop = true});
}

Reason Worker::Impl::judge_other(Passage& passage) {
  const auto& view = passage.view;
  if (passage.segment == kUnknownSegment) {
    counters.tally(Tally::kNotOurs);
    return Reason::kNone;
  }
  const FoundDevice device = find_device(passage);
  if (passage.from_device && !device.identified() && !view.source_mac.group()) announce_device(passage);
  const auto listed =
      std::ranges::lower_bound(policy->ethertypes, view.ethertype, {}, &enforce::EthertypeRule::ethertype);
  const bool found = listed != policy->ethertypes.end() && listed->ethertype == view.ethertype;
  const bool allowed = found && listed->action == FailureAction::kAllow;
  // No profile keeps protocols that nobody listed, and only `contain` those that the site lives on.
  const auto profile = device.word.quarantine;
  if (profile != Profile::kNone && !(profile == Profile::kContain && allowed))
    return conclude_stateless(
        passage, device, facts_of(passage, device, kNoSlot),
        {.verdict = Verdict::kBlock, .step = Step::kQuarantine, .reason = Reason::kQuarantine, .drop = true});
  if (allowed) return Reason::kNone;
  const Reason cause = found ? Reason::kUnknownEthertype : on_failure(Reason::kUnknownEthertype);
  return cause == Reason::kNone ? cause : fail_stateless(passage, device, cause);
}

// Neighbour discovery, router advertisements, group membership, router redundancy: what the network itself lives on.
Reason Worker::Impl::judge_neighbour_control(Passage& passage) {
  const FoundDevice device = find_device(passage);
  if (passage.from_device && !passage.view.source_mac.group() && !device.identified()) announce_device(passage);
  if (passage.device_mac().group() || !cut_off(device)) return Reason::kNone;
  return conclude_stateless(
      passage, device, facts_of(passage, device, kNoSlot),
      {.verdict = Verdict::kBlock, .step = Step::kQuarantine, .reason = Reason::kQuarantine, .drop = true});
}

Reason Worker::Impl::judge_stateless(Passage& passage) {
  const auto& view = passage.view;
  if (const Reason cause = watch_group(passage); cause != Reason::kNone) return cause;
  if ((view.l4 == packet::L4::kIcmpOther && is_neighbour_control(view)) || view.proto == packet::kProtoIgmp ||
      view.proto == kVrrp)
    return judge_neighbour_control(passage);
  if (!passage.from_device && view.target_mac.group()) {
    // Inbound group frames have no single device: the segment's own rule.
    if (is_dhcp(view)) copy_frame(passage, kNoSlot);
    const auto& segment = policy->segments[passage.segment];
    if (segment.inbound_group == FailureAction::kAllow) return Reason::kNone;
    const FoundDevice nobody{pseudo_slot(passage.segment), {}};
    const bool enforced = segment.mode == enforce::Mode::kEnforce;
    return conclude_stateless(passage, nobody, facts_of(passage, nobody, kNoSlot),
                              {.verdict = enforced ? Verdict::kBlock : Verdict::kWouldBlock,
                               .step = Step::kSegment,
                               .reason = Reason::kNoRule,
                               .drop = enforced});
  }
  const FoundDevice device = find_device(passage);
  if (passage.from_device && !device.identified()) announce_device(passage);
  if (is_dhcp(view)) copy_frame(passage, device.identified() ? device.slot : kNoSlot);

  FlowFacts facts = facts_of(passage, device, slots.find_peer(passage.peer()));
  facts.peer_broadcast = view.target_mac == Mac{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
  const auto client = static_cast<std::uint16_t>(view.v6 ? kDhcp6Client : kDhcpClient);
  if (is_dhcp(view))
    facts.opened_by =
        (view.target_port == client) == passage.from_device ? flow::OpenedBy::kPeer : flow::OpenedBy::kDevice;
  if (view.l4 == packet::L4::kUdp && !view.payload.empty()) {
    const auto hits = scan(classify::Transport::kUdp, view.target_port != client, view.target_port, view.payload);
    if (hits.outcome == classify::ScanOutcome::kFailed) {
      if (const Reason cause = on_failure(Reason::kScanError); cause != Reason::kNone)
        return fail_stateless(passage, device, cause);
      facts.app_state = AppState::kPortOnly;
    } else {
      facts.app = hits.app;
      facts.app_state = hits.app == kNoApp ? AppState::kOpaque : AppState::kProved;
      if (passage.from_device && copies_each(hits.app)) copy_datagram(passage, device, hits.app);
    }
  } else if (view.l4 == packet::L4::kTcp || view.payload.empty()) {
    if (facts.app_state == AppState::kUnknown) facts.app_state = AppState::kPortOnly;
  }
  const Decision decision = decisions.decide(*policy, facts);
  if (decision.verdict == Verdict::kAllow && passage.from_device && view.l4 == packet::L4::kUdp)
    expect_answers(passage, decision.rule, decision.essential);
  return conclude_stateless(passage, device, facts, decision);
}

Reason Worker::Impl::fail_stateless(Passage& passage, const FoundDevice& device, Reason cause) {
  const FlowFacts facts = facts_of(passage, device, kNoSlot);
  const bool enforced = enforce::effective_mode(*policy, facts) == enforce::Mode::kEnforce;
  return conclude_stateless(passage, device, facts,
                            {.verdict = enforced ? Verdict::kBlock : Verdict::kWouldBlock,
                             .step = Step::kOnFailure,
                             .reason = cause,
                             .drop = enforced});
}

// Tells of a block of a frame without a record, adds up what follows, counts toward quarantine.
Reason Worker::Impl::conclude_stateless(Passage& passage, const FoundDevice& device, const FlowFacts& facts,
                                        const Decision& decision) {
  if (decision.verdict == Verdict::kAllow) return Reason::kNone;
  Event event = event_of(EventKind::kViolation, passage);
  event.slot = device.slot;
  event.device_class = device.word.device_class;
  event.verdict = decision.verdict;
  event.applied_drop = decision.drop;
  event.step = decision.step;
  event.reason = decision.reason;
  event.rule = decision.rule;
  event.app = facts.app;
  event.app_state = facts.app_state;
  event.opened_by = facts.opened_by;
  event.essential = decision.essential;
  report_violation(event);
  if (decision.counts)
    count_toward_quarantine(device.slot, passage.segment, facts.peer, facts.peer_port, facts.app, decision.reason,
                            passage);
  return decision.drop ? decision.reason : Reason::kNone;
}

}  // namespace wardline
