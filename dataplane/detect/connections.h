#pragma once
#include <cstdint>

#include "dataplane/address.h"
#include "dataplane/detect/alarm.h"
#include "dataplane/detect/watched.h"

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

// A new flow. Floods and even intervals.
void opened(Watched& watched, const Settings& settings, const Connection& flow, CoarseTick now, Alarms& alarms);
// Its first answer.
void answered(Watched& watched, const Connection& flow);
// It was refused, blocked, or ended without an answer. Scans.
void failed(Watched& watched, const Settings& settings, const Connection& flow, CoarseTick now, Alarms& alarms);
// It ended. Logins that end soon, answers that are much larger than their questions.
void ended(Watched& watched, const Settings& settings, const Connection& flow, const Outcome& outcome, CoarseTick now,
           Alarms& alarms);
// More datagrams of one flow that nobody answers.
void more_datagrams(Watched& watched, const Settings& settings, std::uint8_t proto, std::uint32_t count, CoarseTick now,
                    Alarms& alarms);
// A service said that a name or password is wrong.
void login_failed(Watched& watched, const Settings& settings, const Connection& flow, CoarseTick now, Alarms& alarms);

}  // namespace wardline::detect
