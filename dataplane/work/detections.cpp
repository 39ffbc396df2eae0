// Behaviour detectors: what of a frame or a flow they are told, and whose entry it counts in. What a detector then does
// is in react.cpp. A settled flow comes here at its first packet, its first answer and its end.
#include <bit>

#include "dataplane/detect/clinical_text.h"
#include "dataplane/detect/connections.h"
#include "dataplane/detect/echoes.h"
#include "dataplane/detect/headers.h"
#include "dataplane/detect/names.h"
#include "dataplane/detect/smb.h"
#include "dataplane/work/undecided_flow.h"

namespace wardline {

using detect::Alarms;
using detect::Connection;
using detect::Detector;
using flow::OpenedBy;

static bool spoke(std::uint32_t packets) {
  return packets != 0;
}

void Worker::Impl::look_for_detectors() {
  if (policy == nullptr || detections.policy_epoch == policy->epoch) [[likely]]
    return;
  detections.policy_epoch = policy->epoch;
  detections.any = std::ranges::any_of(policy->detectors, &detect::Setting::enabled);
}

enforce::FlowKind Worker::Impl::settled_kind(AppId app) {
  const bool tells = app != kNoApp && (app == policy->known.dns || app == policy->known.icmp);
  return tells && watches() ? enforce::FlowKind::kWatched : enforce::FlowKind::kSettled;
}

std::uint64_t Worker::Impl::key_of_unidentified(const Mac& mac, SegmentId segment, const Address& address) const {
  constexpr std::uint64_t kByMac = std::uint64_t{1} << 62, kByAddress = std::uint64_t{1} << 63;
  if (by_ip(segment)) return detect::mix(address, segment) | kByAddress;
  return (mac.number() | std::uint64_t{segment} << 48 | kByMac) & ~kByAddress;
}

detect::Watched& Worker::Impl::watched(std::uint64_t key) {
  const auto replaced = detections.devices.replaced();
  auto& entry = detections.devices.touch(key, coarse_now);
  if (detections.devices.replaced() != replaced) counters.tally(Tally::kWatchedReplaced);
  return entry;
}

// `peer`: the hash of its address, which few detectors ask for.
template <typename Key>
static Connection connection_of(const flow::HotRecord<Key>& hot, std::uint16_t device_port, std::uint16_t peer_port,
                                std::uint64_t peer = 0, bool stranger = false) {
  return {.peer = peer,
          .proto = hot.key.proto,
          .device_port = device_port,
          .peer_port = peer_port,
          .by_device = static_cast<OpenedBy>(hot.opened_by) == OpenedBy::kDevice,
          .syn = hot.key.proto == packet::kProtoTcp,
          .stranger = stranger};
}

// `before`: packets of this direction until this one. At the first of a flow, at the first answer, and then once in
// 1024 packets that nobody answers.
template <typename Key>
Reason Worker::Impl::watch_count(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage,
                                 std::uint32_t before) {
  const auto& hot = table.hot(index);
  if (hot.guessed != 0 || !watches()) return Reason::kNone;
  const bool opens = before == 0 && sent_by_client(hot, passage);
  return opens ? watch_opening(table, index, passage) : watch_later(table, index, passage, before);
}

template <typename Key>
Reason Worker::Impl::watch_opening(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage) {
  const auto& hot = table.hot(index);
  const auto& settings = policy->detectors;
  const bool blocked = hot.applied_drop != 0;
  Connection flow = connection_of(hot, passage.device_port(), passage.peer_port());
  auto& entry = watched(passage, hot.device_slot.get());
  Alarms alarms;
  if (flow.by_device) {
    flow.stranger = is_stranger(passage.peer(), hot.peer_slot.get());
    if (flow.stranger || blocked) flow.peer = detections.hash_of(passage.peer());
    if (entry.owed != 0) settle_owed(entry, alarms);
  }
  if (passage.from_device && detect::is_mirai_syn(passage.view))
    detect::count_one(entry, settings, Detector::kMiraiScan, coarse_now, detect::kNoNote, alarms);
  if (detect::is_tunnel(passage.view))
    detect::count_one(entry, settings, Detector::kIpInIp, coarse_now, detect::kNoNote, alarms);
  if (const auto moves = leg_moves(passage); moves != 0)
    detect::raise(entry, settings, Detector::kMacFlapping, moves, coarse_now, detect::Note(passage.view.source_mac),
                  alarms);
  detect::opened(entry, settings, flow, coarse_now, alarms);
  // A copy, so that a flow that passes stays in registers.
  if (blocked) detect::failed(entry, settings, Connection(flow), coarse_now, alarms);
  return alarms.empty() ? Reason::kNone : react(table, index, passage, alarms);
}

template <typename Key>
Reason Worker::Impl::watch_later(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage,
                                 std::uint32_t before) {
  const auto& hot = table.hot(index);
  const auto& settings = policy->detectors;
  Connection flow = connection_of(hot, passage.device_port(), passage.peer_port());
  auto& entry = watched(passage, hot.device_slot.get());
  Alarms alarms;
  if (before != 0) {
    if (sent_by_client(hot, passage) && flow.by_device && !spoke(hot.packets[1 - passage.direction()]))
      detect::more_datagrams(entry, settings, flow.proto, 1024, coarse_now, alarms);
  } else {
    detect::answered(entry, flow);
    if ((passage.view.tcp_flags & packet::kRst) != 0 && flow.proto == packet::kProtoTcp) {
      flow.peer = detections.hash_of(passage.peer());
      detect::failed(entry, settings, flow, coarse_now, alarms);
    }
  }
  return alarms.empty() ? Reason::kNone : react(table, index, passage, alarms);
}

// Detections of flows that ended were told, but had no packet to act on: the device's next one makes them count.
void Worker::Impl::settle_owed(detect::Watched& entry, Alarms& alarms) {
  for (; entry.owed != 0; entry.owed &= entry.owed - 1) {
    const auto i = static_cast<std::size_t>(std::countr_zero(entry.owed));
    const auto& setting = policy->detectors[i];
    if (setting.enabled)
      alarms.add({.detector = static_cast<Detector>(i),
                  .signature = setting.signature,
                  .count = setting.count,
                  .past = true,
                  .note = {}});
  }
}

template <typename Key>
void Worker::Impl::watch_end(const flow::FlowTable<Key>& table, const EndedFlow& ended) {
  const auto index = ended.record.index;
  const auto& hot = table.hot(index);
  if (policy == nullptr || hot.guessed != 0 || !watches()) return;
  const bool answered = spoke(hot.packets[0]) && spoke(hot.packets[1]);
  // What was blocked at its first packet counted then.
  if (!answered && (hot.applied_drop != 0 || static_cast<enforce::Step>(hot.step) == enforce::Step::kRelated)) return;
  const auto& settings = policy->detectors;
  auto& entry = watched(ended.watched_key, ended.watched_at);
  Alarms alarms;
  if (!answered)
    detect::failed(
        entry, settings,
        connection_of(hot, ended.ends.device_port, ended.ends.peer_port, detections.hash_of(ended.ends.peer)),
        coarse_now, alarms);
  else
    watch_answered(table, ended, entry, alarms);
  if (!alarms.empty()) tell_ended(table, index, entry, alarms);
}

template <typename Key>
void Worker::Impl::watch_answered(const flow::FlowTable<Key>& table, const EndedFlow& ended, detect::Watched& entry,
                                  Alarms& alarms) {
  const auto& hot = table.hot(ended.record.index);
  const auto& peer = ended.ends.peer;
  const bool stranger =
      static_cast<OpenedBy>(hot.opened_by) != OpenedBy::kDevice && is_stranger(peer, hot.peer_slot.get());
  const auto of_peer = hot.key.proto == packet::kProtoTcp ? detections.hash_of(peer) : 0;
  const detect::Outcome outcome{.answered = true,
                                .lived = age(coarse_now, table.cold(ended.record.index).first_seen),
                                .from_device = hot.bytes[0],
                                .to_device = hot.bytes[1]};
  detect::ended(entry, policy->detectors,
                connection_of(hot, ended.ends.device_port, ended.ends.peer_port, of_peer, stranger), outcome,
                coarse_now, alarms);
}

// What a flow raised at its end: told now, acted on at the next packet of its device.
template <typename Key>
void Worker::Impl::tell_ended(const flow::FlowTable<Key>& table, flow::FlowIndex index, detect::Watched& entry,
                              const Alarms& alarms) {
  const bool by_device = static_cast<OpenedBy>(table.hot(index).opened_by) == OpenedBy::kDevice;
  for (const auto& alarm : alarms.all()) {
    if (by_device) entry.owed |= 1U << static_cast<std::size_t>(alarm.detector);
    if (!alarm.tell) continue;
    Event told = event_of_flow(EventKind::kDetection, table, index);
    told.signature = alarm.signature;
    told.action = by_device ? action_of(told.device_class, alarm.signature) : enforce::DetectionAction::kAlert;
    told.count = alarm.count;
    told.note = alarm.note.text;
    put(told);
  }
}

// What stands in the payload of a flow that is not settled yet, or is read for life. Requires: there is some.
template <typename Key>
Reason Worker::Impl::watch_payload(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage) {
  const auto& hot = table.hot(index);
  const auto& view = passage.view;
  if (hot.applied_drop != 0 || !watches()) return Reason::kNone;
  const auto port = server_port(hot, passage);
  // Of a device that nobody knows yet, every peer is undeclared: that would tell nothing.
  const bool undeclared = static_cast<enforce::Verdict>(hot.verdict) == enforce::Verdict::kWouldBlock &&
                          slots.device_class(hot.device_slot.get()) != kUnidentifiedClass;
  const bool leaves = undeclared || is_stranger(passage.peer(), hot.peer_slot.get());
  if (!leaves && view.l4 != packet::L4::kIcmpQuery && !reads_service(view.proto, port)) return Reason::kNone;
  return read_payload(table, index, passage, leaves);
}

template <typename Key>
Reason Worker::Impl::read_payload(flow::FlowTable<Key>& table, flow::FlowIndex index, Passage& passage, bool leaves) {
  const auto& hot = table.hot(index);
  const auto& view = passage.view;
  const auto port = server_port(hot, passage);
  auto& entry = watched(passage, hot.device_slot.get());
  const auto& settings = policy->detectors;
  Connection flow = connection_of(hot, passage.device_port(), passage.peer_port());
  flow.peer = detections.hash_of(passage.peer());
  const bool from_client = sent_by_client(hot, passage);
  Alarms alarms;
  if (view.l4 == packet::L4::kIcmpQuery) {
    const bool request = view.icmp_type == (view.v6 ? 128 : 8), reply = view.icmp_type == (view.v6 ? 129 : 0);
    const auto& bytes = passage.frame->bytes;
    const auto at = static_cast<std::size_t>(view.payload.data() - bytes.data());
    if ((request || reply) && at >= 2 && at <= bytes.size()) {
      const auto number = static_cast<std::uint16_t>(std::to_integer<unsigned>(bytes[at - 2]) << 8 |
                                                     std::to_integer<unsigned>(bytes[at - 1]));
      detect::watch_echo(entry, settings,
                         {.request = request, .peer = flow.peer, .number = number, .body = view.payload}, coarse_now,
                         alarms);
    }
    if (request && passage.from_device && hot.packets[0] > 1)
      detect::more_datagrams(entry, settings, view.proto, 1, coarse_now, alarms);
  } else if (view.proto == packet::kProtoUdp) {
    watch_datagram(entry, passage, flow.by_device, from_client, port, alarms);
  } else {
    watch_stream(entry, flow, passage, from_client, port, flow_id(table, index), alarms);
  }
  if (leaves)
    if (const auto what = detect::patient_data_in(view.payload); !what.empty())
      detect::count_one(entry, settings, Detector::kClearTextPatientData, coarse_now, detect::Note(what), alarms);
  return alarms.empty() ? Reason::kNone : react(table, index, passage, alarms);
}

void Worker::Impl::watch_datagram(detect::Watched& entry, const Passage& passage, bool by_device, bool from_client,
                                  std::uint16_t port, Alarms& alarms) {
  constexpr std::uint16_t kDns = 53, kSnmp = 161;
  if (port == kDns && by_device) {
    if (const auto question = detect::read_question(passage.view.payload))
      detect::watch_names(entry, policy->detectors, *question, coarse_now, alarms);
  } else if (port == kSnmp && from_client) {
    const auto by_default = detect::snmp_default_community(passage.view.payload);
    if (by_default)
      detect::count_one(entry, policy->detectors,
                        *by_default ? Detector::kDefaultPassword : Detector::kClearTextPassword, coarse_now,
                        detect::Note("SNMP community"), alarms);
  }
}

void Worker::Impl::watch_stream(detect::Watched& entry, const Connection& flow, const Passage& passage,
                                bool from_client, std::uint16_t port, std::uint64_t id, Alarms& alarms) {
  constexpr std::uint16_t kNetbios = 139, kSmb = 445, kDns = 53;
  const auto& settings = policy->detectors;
  const auto& payload = passage.view.payload;
  if (port == kSmb || port == kNetbios) {
    const auto signs = detect::read_smb(payload);
    for (std::uint32_t i = 0; i < signs.bad_logins; ++i)
      detect::login_failed(entry, settings, flow, coarse_now, alarms);
    if (signs.changes != 0 && flow.by_device) {
      const auto span = detect::span_of(detect::setting_of(settings, Detector::kMassFileChange));
      detect::raise(entry, settings, Detector::kMassFileChange, entry.file_changes.add(signs.changes, coarse_now, span),
                    coarse_now, {}, alarms);
    }
    return;
  }
  if (port == kDns && flow.by_device && payload.size() > 2) {  // two bytes of length (RFC 1035, 4.2.2)
    if (const auto question = detect::read_question(payload.subspan(2)))
      detect::watch_names(entry, settings, *question, coarse_now, alarms);
    return;
  }
  const auto login = detections.logins.feed(detect::login_kind(port), id, from_client, payload, coarse_now);
  if (login.given) {
    detect::count_one(entry, settings, Detector::kClearTextPassword, coarse_now, login.account, alarms);
    if (login.default_password)
      detect::count_one(entry, settings, Detector::kDefaultPassword, coarse_now, login.account, alarms);
  }
  if (login.refused) detect::login_failed(entry, settings, flow, coarse_now, alarms);
}

#define WARDLINE_INSTANTIATE(Key)                                                                             \
  template Reason Worker::Impl::watch_count(flow::FlowTable<Key>&, flow::FlowIndex, Passage&, std::uint32_t); \
  template void Worker::Impl::watch_end(const flow::FlowTable<Key>&, const EndedFlow&);                       \
  template Reason Worker::Impl::watch_payload(flow::FlowTable<Key>&, flow::FlowIndex, Passage&);
WARDLINE_INSTANTIATE(flow::FlowKey4)
WARDLINE_INSTANTIATE(flow::FlowKey6)
#undef WARDLINE_INSTANTIATE

}  // namespace wardline
