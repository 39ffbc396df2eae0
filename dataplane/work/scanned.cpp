// A plain datagram of a flow in which threats are looked for and nothing else is: the way of scanned traffic.
#include <cstring>

#include "dataplane/detect/clinical_text.h"
#include "dataplane/work/settled.h"
#include "dataplane/work/undecided_flow.h"
#include "dataplane/work/worker_state.h"

namespace wardline {

using enforce::FlowKind;

namespace {

constexpr std::size_t kHeaders = 28;  // IPv4 without options, UDP

// Its payload, by what the first look has made sure of.
std::span<const std::byte> payload_of(const Frame& frame) {
  const auto offset = glance::link_of(frame.bytes.data()).offset;
  const std::size_t total = __builtin_bswap16(glance::raw<std::uint16_t>(frame.bytes.data() + offset + 2));
  return frame.bytes.subspan(offset + kHeaders, total - kHeaders);
}

}  // namespace

// Whether all that is to be done for a datagram of this flow is to look for threats in it. `packets`: of this direction
// with it.
bool Worker::Impl::only_scans(const flow::HotRecord4& hot, AppId app, std::uint32_t packets) const {
  return work::may_only_scan(hot) && hot.applied_drop == 0 &&
         static_cast<enforce::Verdict>(hot.verdict) == enforce::Verdict::kAllow && !work::for_detectors(packets) &&
         !reads_for_life(app) && !overloaded.load(std::memory_order_relaxed);
}

// As work::pass_settled: true, and the frame is counted, if it may go on; false, and nothing has changed but that a
// threat was perhaps looked for once, if it needs more than that.
bool Worker::Impl::pass_scanned(flow::FlowIndex index, const flow::FlowKey4& key, const Frame& frame,
                                const work::SettledTurn& turn) {
  auto& hot = flows4.hot(index);
  const std::size_t direction = frame.side == Side::kDevice ? 0 : 1;
  const auto packets = hot.packets[direction] + 1;
  const auto bytes = hot.bytes[direction] + static_cast<std::uint32_t>(frame.bytes.size());
  auto& cold = flows4.cold(index);
  if (!only_scans(hot, cold.app, packets) || bytes >> 31 != 0 || !work::is_its_own(hot, key, frame) ||
      !work::verdict_holds(hot, turn))
    return false;
  const bool device_opened = static_cast<flow::OpenedBy>(hot.opened_by) == flow::OpenedBy::kDevice;
  const bool device_is_high = key.pass != 0;
  const auto port = __builtin_bswap16(device_opened == device_is_high ? key.low_port : key.high_port);
  const auto peer = __builtin_bswap32(device_is_high ? key.low_address : key.high_address);
  if (reads_service(packet::kProtoUdp, port)) return false;
  if (detect::is_public_v4(peer) && is_stranger(Address::v4(peer), hot.peer_slot.get())) return false;

  const auto payload = payload_of(frame);
  const auto depth = inspection_depth(flows4, index);
  auto side = cold.side;
  if (!payload.empty() && inspected_bytes(side, direction) < depth) {
    side = with_inspected(side, direction, payload.size());
    if (depth != enforce::kInspectAll && inspected_bytes(side, 0) >= depth && inspected_bytes(side, 1) >= depth)
      return false;
    const auto hits =
        scan({.transport = classify::Transport::kUdp,
              .sender = device_opened == (direction == 0) ? classify::Sender::kClient : classify::Sender::kServer,
              .server_port = port,
              .bytes = payload,
              .applications = false,
              .app = cold.app});
    if (hits.outcome != classify::ScanOutcome::kFinished || hits.threat_count != 0) return false;
    cold.side = side;
  } else if (depth == 0) {
    return false;
  }
  work::note_payload(hot, frame);
  work::count(hot, direction, packets, bytes, turn.now);
  return true;
}

}  // namespace wardline
