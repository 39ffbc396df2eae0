#pragma once
#include <algorithm>
#include <cstdint>

#include "controlplane/inventory/device.h"
#include "dataplane/tick.h"

namespace wardline::replay {

// The two clocks of a replay: the time of day is the captures', the worker's tick begins anew and never runs backwards.
// The worker compares its coarse ticks by difference, up to 26 days, so a longer gap in a capture is a week to it.
class Clock {
 public:
  // Before the first frame of each capture.
  void begin_capture(Tick first) {
    if (wall_ > first)
      shift_ = wall_ - first;
    else
      shift_ = 0;
  }
  void move_to(Tick captured) {
    const Tick wall = std::max(wall_, captured + shift_);
    if (begun_)
      tick_ += std::min(wall - wall_, kLongestGap);
    else
      first_ = wall;
    wall_ = wall;
    begun_ = true;
  }

  Tick now() const { return tick_; }
  inventory::WallTime wall() const {
    return inventory::WallTime(std::chrono::microseconds(static_cast<std::int64_t>(wall_ / kMicrosecond)));
  }
  Tick wall_ticks() const { return wall_; }
  double seconds() const { return static_cast<double>(wall_ - first_) / static_cast<double>(kSecond); }

 private:
  static constexpr Tick kLongestGap = 7ull * 86'400 * kSecond;
  Tick tick_ = 60 * kSecond;  // not 0, which stands for "never" in places
  Tick wall_ = 0, first_ = 0, shift_ = 0;
  bool begun_ = false;
};

}  // namespace wardline::replay
