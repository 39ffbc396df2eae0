#pragma once
#include <array>
#include <cstdint>

#include "dataplane/batch.h"
#include "dataplane/capture/headers.h"
#include "dataplane/enforce/verdict.h"
#include "dataplane/ids.h"
#include "dataplane/tick.h"

namespace wardline::capture {

// What became of a frame.
enum class Fate : std::uint8_t {
  kForwarded,
  kDropped,
  kHeld,      // a fragment that waits for its datagram
  kReleased,  // it waited and goes on
  kCreated,   // made by the worker: a reject
  kNotSent,   // passed, created or released, and the leg did not take it
};

// Whether a frame of this fate is told of at the leg that it leaves by; else at the one that it came in by.
constexpr bool leaves(Fate fate) {
  return fate >= Fate::kReleased;
}

// Fixed size, plain data, copied through a ring.
struct CapturedFrame {
  Tick time = 0;
  std::uint32_t wire_length = 0;
  std::uint16_t bundle = 0;
  std::uint8_t pair = 0;
  Side side = Side::kDevice;  // of the leg
  Fate fate = Fate::kForwarded;
  Reason reason = Reason::kNone;  // kDropped, kNotSent

  // How its flow stands after the frame; without a flow record nothing is told of one.
  bool in_flow = false;
  enforce::Verdict verdict = enforce::Verdict::kAllow;
  enforce::Step step = enforce::Step::kDefault;
  Reason flow_reason = Reason::kNone;
  RuleId rule = kNoRule;
  std::uint32_t policy_epoch = 0;

  std::uint16_t length = 0;  // of the headers
  std::array<std::byte, Headers::kMost> bytes{};
};
static_assert(sizeof(CapturedFrame) <= 192, "three cache lines");

}  // namespace wardline::capture
