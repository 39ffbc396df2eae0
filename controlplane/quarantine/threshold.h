#pragma once
#include <cstdint>
#include <deque>
#include <utility>

#include "dataplane/events.h"

namespace wardline::quarantine {

// Counts distinct violations of one device from events, for classes whose quarantine a person has to approve: their
// slots are unarmed, so no worker counts. Distinct means (peer, port of the accepting side, application).
class Threshold {
 public:
  // True when this one reaches `after` within the window.
  bool add(const Event& event, std::uint16_t after, std::uint16_t within_seconds);
  void clear() { seen_.clear(); }

 private:
  static constexpr std::size_t kMost = 256;  // a scanner makes no list of its own length
  std::deque<std::pair<Tick, std::uint64_t>> seen_;
};

}  // namespace wardline::quarantine
