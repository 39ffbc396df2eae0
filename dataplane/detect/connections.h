#pragma once
#include <cstdint>

#include "dataplane/address.h"
#include "dataplane/detect/alarm.h"
#include "dataplane/detect/watched.h"
#include "dataplane/packet/packet_view.h"

namespace wardline::detect {

// A flow as these detectors see it. The device is the one watched; `by_device`: it opened the flow.
struct Connection {
  std::uint64_t peer = 0;  // hash of the peer's address
  std::uint8_t proto = 0;
  std::uint16_t device_port = 0, peer_port = 0;
  bool by_device = false;
  bool syn = false;       // TCP, seen from its first segment
  bool stranger = false;  // a public address that the policy has no name for
};

// What became of a flow, told at its end or since its last record.
struct Outcome {
  bool answered = false;
  std::uint32_t lived = 0;                       // CoarseTick
  std::uint64_t from_device = 0, to_device = 0;  // bytes
};

// Scans, floods, guessed passwords, even intervals and amplification: what a device's flows look like from outside. A
// device is judged for what it opens. A server that answers many is no scanner, and neither is who reaches many that
// answer: only what was refused, blocked or never answered counts toward a scan.

[[gnu::always_inline]] inline void count_in(Window& window, Watched& watched, const Settings& settings,
                                            Detector detector, std::uint32_t count, CoarseTick now, Alarms& alarms) {
  const auto all = window.add(count, now, span_of(setting_of(settings, detector)));
  raise(watched, settings, detector, all, now, kNoNote, alarms);
}
// More datagrams of one flow that nobody answers.
inline void more_datagrams(Watched& watched, const Settings& settings, std::uint8_t proto, std::uint32_t count,
                           CoarseTick now, Alarms& alarms) {
  if (proto == packet::kProtoUdp)
    count_in(watched.datagrams, watched, settings, Detector::kUdpFlood, count, now, alarms);
  else if (proto == packet::kProtoIcmp || proto == packet::kProtoIcmp6)
    count_in(watched.echoes, watched, settings, Detector::kIcmpFlood, count, now, alarms);
}
// Connections to a stranger, `peer` and `port`, at even intervals.
void watch_rhythm(Watched& watched, const Settings& settings, std::uint64_t peer, std::uint16_t port, CoarseTick now,
                  Alarms& alarms);
// A new flow. Floods and even intervals.
[[gnu::always_inline]] inline void opened(Watched& watched, const Settings& settings, const Connection& flow,
                                          CoarseTick now, Alarms& alarms) {
  if (!flow.by_device) return;
  if (flow.syn)
    count_in(watched.syns, watched, settings, Detector::kSynFlood, 1, now, alarms);
  else if (flow.proto == packet::kProtoUdp) [[likely]]
    count_in(watched.datagrams, watched, settings, Detector::kUdpFlood, 1, now, alarms);
  else
    more_datagrams(watched, settings, flow.proto, 1, now, alarms);
  if (flow.stranger) watch_rhythm(watched, settings, flow.peer, flow.peer_port, now, alarms);
}
// Its first answer.
inline void answered(Watched& watched, const Connection& flow) {
  if (!flow.by_device) return;
  if (flow.proto == packet::kProtoTcp)
    watched.syns.take_back();
  else if (flow.proto == packet::kProtoUdp)
    watched.datagrams.take_back();
}
// It was refused, blocked, or ended without an answer. Scans.
void failed(Watched& watched, const Settings& settings, const Connection& flow, CoarseTick now, Alarms& alarms);
// It ended. Logins that end soon, answers that are much larger than their questions.
void ended(Watched& watched, const Settings& settings, const Connection& flow, const Outcome& outcome, CoarseTick now,
           Alarms& alarms);
// A service said that a name or password is wrong.
void login_failed(Watched& watched, const Settings& settings, const Connection& flow, CoarseTick now, Alarms& alarms);

}  // namespace wardline::detect
