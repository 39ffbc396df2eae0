#pragma once
#include <algorithm>
#include <cstdint>

#include "dataplane/runtime/options.h"

namespace wardline::runtime {

// What a worker does after a turn without frames: look again at once, let the core rest for a moment, or sleep.
//
// Waits double while nothing comes, so a frame waits at most about as long as the wire had been silent before it, and
// never longer than the longest wait. A frame ends the silence.
class IdleSteps {
 public:
  enum class Kind : std::uint8_t { kLookAgain, kPause, kSleep };
  struct Step {
    Kind kind = Kind::kLookAgain;
    std::uint32_t nanoseconds = 0;
    bool operator==(const Step&) const = default;
  };

  static constexpr std::uint32_t kTurnsBeforePause = 32, kTurnsBeforeSleep = 200;
  static constexpr std::uint32_t kFirstPause = 500, kLongestPause = 16'000;  // CPUs may end a pause at 100,000 cycles
  static constexpr std::uint32_t kFirstSleep = 20'000;                       // shorter ones cost more than they save
  static constexpr std::uint32_t kLongestSleep = 500'000;  // at a million frames a second no ring overflows meanwhile

  // `mode`: not kAuto. `cpu_pauses`: the CPU has a pause that saves power; without it every pause is a plain look.
  IdleSteps(Idle mode, bool cpu_pauses) : mode_(mode), cpu_pauses_(cpu_pauses) {}

  void after_frames() {
    empty_turns_ = 0;
    pause_ = kFirstPause;
    sleep_ = kFirstSleep;
  }

  Step after_nothing() {
    if (mode_ == Idle::kSpin || ++empty_turns_ <= kTurnsBeforePause) return {};
    if (mode_ == Idle::kSleep && empty_turns_ > kTurnsBeforeSleep) {
      empty_turns_ = kTurnsBeforeSleep;  // it must not wrap
      return {Kind::kSleep, doubled(sleep_, kLongestSleep)};
    }
    if (!cpu_pauses_) return {};
    if (mode_ == Idle::kPause) empty_turns_ = kTurnsBeforePause;
    return {Kind::kPause, mode_ == Idle::kPause ? doubled(pause_, kLongestPause) : kFirstPause};
  }

 private:
  static std::uint32_t doubled(std::uint32_t& wait, std::uint32_t longest) {
    const auto now = wait;
    wait = std::min(2 * wait, longest);
    return now;
  }

  Idle mode_;
  bool cpu_pauses_;
  std::uint32_t empty_turns_ = 0, pause_ = kFirstPause, sleep_ = kFirstSleep;
};

// `kAuto` is for appliances and labs alike: workers on cards alone are meant to be quick, others to be kind.
constexpr Idle idle_mode(Idle wish, bool cards_alone) {
  if (wish != Idle::kAuto) return wish;
  return cards_alone ? Idle::kSpin : Idle::kSleep;
}

}  // namespace wardline::runtime
