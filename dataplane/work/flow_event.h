#pragma once
#include <algorithm>
#include <cstdint>

#include "dataplane/events.h"
#include "dataplane/flow/flow_record.h"
#include "dataplane/work/event_sums.h"

namespace wardline {

// HotRecord::packets counts since the last flow record; this bit says that packets of this direction were reported
// before, so that it is still known which sides have spoken. A direction is reported long before 2^31 packets.
inline constexpr std::uint32_t kSpokeBefore = 1U << 31;
inline std::uint32_t packets_since_report(std::uint32_t counted) {
  return counted & ~kSpokeBefore;
}

namespace work {

// What a flow's record says of it in an event: who, what was decided and why, and what was counted since its last one.
// Times and surroundings are the caller's.
template <typename Key>
void tell_record(Event& event, const flow::HotRecord<Key>& hot, const flow::ColdRecord& cold,
                 const flow::Endpoints& ends) {
  event.proto = hot.key.proto;
  event.opened_by = static_cast<flow::OpenedBy>(hot.opened_by);
  event.guessed = hot.guessed != 0;
  event.verdict = static_cast<enforce::Verdict>(hot.verdict);
  event.step = static_cast<enforce::Step>(hot.step);
  event.app_state = static_cast<enforce::AppState>(hot.app_state);
  event.reason = static_cast<Reason>(hot.reason);
  event.applied_drop = hot.applied_drop != 0;
  event.segment = hot.key.segment;
  event.slot = hot.device_slot.get();
  event.peer_slot = hot.peer_slot.get();
  event.app = cold.app;
  event.rule = cold.rule;
  event.policy_epoch = hot.policy_epoch;
  std::copy_n(hot.device_mac, 6, event.device_mac.bytes.begin());
  event.device_ip = ends.device;
  event.peer_ip = ends.peer;
  event.device_port = ends.device_port;
  event.peer_port = ends.peer_port;
  event.payload_from_device = hot.payload_from_device != 0;
  event.packets_from_device = packets_since_report(hot.packets[0]);
  event.packets_to_device = packets_since_report(hot.packets[1]);
  event.bytes_from_device = hot.bytes[0];
  event.bytes_to_device = hot.bytes[1];
}

// The share in a sum of the flow's last event, without the event.
template <typename Key>
EventSums::Share share_of(const flow::HotRecord<Key>& hot, const flow::ColdRecord& cold, const flow::Endpoints& ends,
                          CoarseTick now) {
  const bool by_peer = static_cast<flow::OpenedBy>(hot.opened_by) == flow::OpenedBy::kPeer;
  return {.peer_ip = ends.peer,
          .server_port = by_peer ? ends.device_port : ends.peer_port,
          .client_port = by_peer ? ends.peer_port : ends.device_port,
          .payload_from_device = hot.payload_from_device != 0,
          .first_seen = cold.first_seen,
          .last_seen = now,
          .packets = {packets_since_report(hot.packets[0]), packets_since_report(hot.packets[1])},
          .bytes = {hot.bytes[0], hot.bytes[1]}};
}

}  // namespace work
}  // namespace wardline
