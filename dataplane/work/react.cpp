// What frames of no flow tell the behaviour detectors, and what a detector that was raised does: like a signature's hit
// it is told, counted, and acts by the policy; an essential flow is only told of.
#include <algorithm>

#include "dataplane/detect/headers.h"
#include "dataplane/work/worker_state.h"

namespace wardline {

using detect::Alarms;
using detect::Detector;
using enforce::Decision;
using enforce::DetectionAction;
using enforce::FlowFacts;

DetectionAction Worker::Impl::action_of(ClassId device_class, SignatureId signature) const {
  const std::size_t table = device_class < policy->classes.size() ? policy->classes[device_class].detection_table : 0;
  if (table >= policy->detection_actions.size()) return DetectionAction::kAlert;
  const auto& actions = policy->detection_actions[table];
  return signature < actions.size() ? actions[signature] : DetectionAction::kAlert;
}

namespace {

// A device is judged for what it opens: what a peer does to it may be dropped, but costs the device nothing. What it
// did in flows that ended is no reason to cut the one at hand, which may serve a patient.
DetectionAction fitting(DetectionAction wanted, bool by_device, bool past) {
  if (past && (wanted == DetectionAction::kDrop || wanted == DetectionAction::kCondemn)) return DetectionAction::kCount;
  return by_device ? wanted : std::min(wanted, DetectionAction::kCondemn);
}

}  // namespace

template <typename Key>
Reason Worker::Impl::react(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage, const Alarms& alarms) {
  Reason outcome = Reason::kNone;
  for (const auto& alarm : alarms.all()) {
    const auto& hot = table.hot(index);
    const bool by_device = static_cast<flow::OpenedBy>(hot.opened_by) == flow::OpenedBy::kDevice;
    const auto wanted = action_of(slots.word(hot.device_slot.get()).device_class, alarm.signature);
    const auto action = fitting(wanted, by_device, alarm.past);
    const Reason cause = judge_detection(table, index, passage, alarm, action, kNoApp);
    if (cause != Reason::kNone) outcome = cause;
  }
  return outcome;
}

// The same for a frame of no flow.
Reason Worker::Impl::react(Passage& passage, const FoundDevice& device, const Alarms& alarms) {
  Reason outcome = Reason::kNone;
  for (const auto& alarm : alarms.all()) {
    const auto action = action_of(device.word.device_class, alarm.signature);
    FlowFacts facts = facts_of(passage, device, slots.find_peer(passage.peer()));
    facts.threat = action;
    const Decision decision = decisions.decide(*policy, facts);
    const bool drops = action >= DetectionAction::kDrop && decision.drop && decision.reason == Reason::kDetection;
    Event event = event_of(EventKind::kDetection, passage);
    event.slot = device.slot;
    event.device_class = device.word.device_class;
    event.signature = alarm.signature;
    event.action = action;
    event.essential = decision.essential;
    event.count = alarm.count;
    event.note = alarm.note.text;
    event.applied_drop = drops;
    event.verdict = drops ? enforce::Verdict::kBlock : enforce::Verdict::kAllow;
    event.step = enforce::Step::kDetection;
    event.reason = Reason::kDetection;
    if (alarm.tell) put(event);
    if (action >= DetectionAction::kCount && !decision.essential)
      count_toward_quarantine(device.slot, passage.segment, passage.peer(), passage.peer_port(), kNoApp,
                              Reason::kDetection, passage, action == DetectionAction::kQuarantine);
    if (drops) outcome = Reason::kDetection;
  }
  return outcome;
}

// Who sent the frame, where that is no device of this leg: a station by its MAC, seen from the wrong side.
FoundDevice Worker::Impl::device_of_sender(const Passage& passage) {
  if (passage.from_device) return find_device(passage);
  SlotId slot = slots.find_mac(passage.segment, passage.view.source_mac);
  if (slot == kNoSlot) slot = pseudo_slot(passage.segment);
  return {slot, slots.word(slot)};
}

// How many peers of a scan the addresses are worth that a device asked for by ARP in vain, this one included. Answers
// of stations on its own switch never pass here, so they count as a quarter of a peer.
std::uint32_t Worker::Impl::swept(const Passage& passage) {
  constexpr std::uint8_t kRequest = 1, kReply = 2;
  constexpr std::uint32_t kOfOnePeer = 4;
  const auto& view = passage.view;
  const auto& setting = detect::setting_of(policy->detectors, Detector::kHostScan);
  if (!setting.enabled) return 0;
  const auto within = detect::span_of(setting);
  if (view.proto == kReply && !passage.from_device)
    detections.sweeps.answered(passage.segment, passage.device_mac(), view.source, coarse_now, within);
  if (view.proto != kRequest || !passage.from_device || view.source == view.target) return 0;
  return detections.sweeps.asked(passage.segment, view.source_mac, view.target, coarse_now, within) / kOfOnePeer;
}

Reason Worker::Impl::watch_arp(Passage& passage) {
  if (!watches()) return Reason::kNone;
  const auto& view = passage.view;
  const auto& setting = detect::setting_of(policy->detectors, Detector::kArpSpoofing);
  const auto conflicts = detections.claims.claim(passage.segment, view.source, view.arp_sender_mac, passage.from_device,
                                                 coarse_now, detect::span_of(setting));
  const auto moves = leg_moves(passage);
  const auto peers = swept(passage);
  const bool scans = peers != 0 && peers >= detect::setting_of(policy->detectors, Detector::kHostScan).count;
  if (conflicts == 0 && moves == 0 && !scans) return Reason::kNone;
  const FoundDevice device = device_of_sender(passage);
  auto& entry = watched(watched_key(device.slot, view.source_mac, passage.segment, view.source));
  Alarms alarms;
  if (conflicts != 0)
    detect::raise(entry, policy->detectors, Detector::kArpSpoofing, conflicts, coarse_now, detect::Note(view.source),
                  alarms);
  if (moves != 0)
    detect::raise(entry, policy->detectors, Detector::kMacFlapping, moves, coarse_now, detect::Note(view.source_mac),
                  alarms);
  if (scans)
    detect::raise(entry, policy->detectors, Detector::kHostScan, peers, coarse_now, detect::Note("ARP"), alarms);
  return alarms.empty() ? Reason::kNone : react(passage, device, alarms);
}

// Servers and routers that are none: answers of DHCP and advertisements of routers from the wrong place.
Reason Worker::Impl::watch_group(Passage& passage) {
  if (!watches()) return Reason::kNone;
  constexpr std::uint8_t kRouterAdvertisement = 134;  // RFC 4861, 4.2
  constexpr std::uint16_t kDhcpServer = 67;
  const auto& view = passage.view;
  const bool router = view.proto == packet::kProtoIcmp6 && view.icmp_type == kRouterAdvertisement;
  const bool answer = view.l4 == packet::L4::kUdp && !view.v6 && view.source_port == kDhcpServer;
  if ((!router || !passage.from_device) && !answer) return Reason::kNone;
  detect::Note note;
  if (answer) {
    const auto given = detect::read_dhcp_answer(view.payload);
    if (!given.is) return Reason::kNone;
    const Address& server = given.server.unspecified() ? view.source : given.server;
    const auto named = [this](const Address& address) {
      return policy->addresses.contains(policy->addresses.find(address), policy->dhcp_server_set);
    };
    // Where the policy names no servers, only answers from the device side are wrong. From the core a relay may send
    // what a server says, or give its own address for the server's (RFC 5107); a device that sends must be a server.
    if (policy->dhcp_server_set == 0xffff ? !passage.from_device
        : passage.from_device             ? named(server) && named(view.source)
                                          : named(server) || named(view.source))
      return Reason::kNone;
    note = detect::Note(server);
  }
  const FoundDevice device =
      passage.device_mac().group() ? FoundDevice{pseudo_slot(passage.segment), {}} : find_device(passage);
  const SlotId own = passage.from_device ? device.slot : kNoSlot;  // a server in the core has an entry by its MAC
  Alarms alarms;
  detect::count_one(watched(watched_key(own, view.source_mac, passage.segment, view.source)), policy->detectors,
                    router ? Detector::kRogueRouter : Detector::kRogueDhcpServer, coarse_now, note, alarms);
  return alarms.empty() ? Reason::kNone : react(passage, device, alarms);
}

// Readable, but with a header that only attacks use.
Reason Worker::Impl::watch_header(Passage& passage) {
  if (policy == nullptr || !watches() || passage.view.shape != packet::Shape::kIp) return Reason::kNone;
  const bool options = passage.view.tcp_options_broken;
  if (!options && !detect::has_source_route(passage.view, passage.frame->bytes)) return Reason::kNone;
  const FoundDevice device =
      passage.device_mac().group() ? FoundDevice{pseudo_slot(passage.segment), {}} : find_device(passage);
  Alarms alarms;
  detect::count_one(watched(passage, device.slot), policy->detectors,
                    options ? Detector::kBrokenTcpOptions : Detector::kSourceRoute, coarse_now, {}, alarms);
  return alarms.empty() ? Reason::kNone : react(passage, device, alarms);
}

#define WARDLINE_INSTANTIATE(Key) \
  template Reason Worker::Impl::react(flow::FlowTable<Key>&, flow::FlowIndex, Passage&, const Alarms&);
WARDLINE_INSTANTIATE(flow::FlowKey4)
WARDLINE_INSTANTIATE(flow::FlowKey6)
#undef WARDLINE_INSTANTIATE

}  // namespace wardline
