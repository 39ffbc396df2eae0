#pragma once
#include <array>
#include <cstdint>

#include "dataplane/events.h"
#include "dataplane/tick.h"

namespace wardline::work {

// Remembers what was told lately, so that an unknown device is announced once a second and not once a packet.
// A small direct-mapped table: a collision costs one more event, never a wrong one. Owner: one worker.
class Announcements {
 public:
  // The control plane takes 100 unknown devices a second: of a thousand that are there at a start, those that were put
  // off come again soon.
  static constexpr CoarseTick kOfDevices = coarse_duration(kSecond), kOfOthers = coarse_duration(10 * kSecond);

  // True when `what` (a hash) was not announced for so long; then it counts as announced now.
  bool due(std::uint64_t what, CoarseTick now, CoarseTick quiet) {
    Entry& entry = entries_[what % entries_.size()];
    if (entry.what == what && age(now, entry.when) < quiet) return false;
    entry = {what, now};
    return true;
  }

 private:
  struct Entry {
    std::uint64_t what = 0;
    CoarseTick when = 0;
  };
  std::array<Entry, 4096> entries_{};
};

// Violations of frames that have no flow record: the first is told at once, those that follow within ten seconds are
// added up and told with their count. Direct-mapped and bounded; what is displaced is told first. Owner: one worker.
class StatelessViolations {
 public:
  // `tell(const Event&)` is called zero, one or two times.
  template <typename Tell>
  void add(const Event& event, std::uint64_t what, CoarseTick now, Tell tell) {
    Entry& entry = entries_[what % entries_.size()];
    if (entry.what == what && age(now, entry.since) < kWindow) {
      entry.event.count += event.count;
      entry.event.time = event.time;
      return;
    }
    flush(entry, tell);
    entry = {what, now, event};
    entry.event.count = 0;
    tell(event);
  }

  // Looks at two entries a call: old ones are told and forgotten.
  template <typename Tell>
  void sweep(CoarseTick now, Tell tell) {
    for (int i = 0; i < 2; ++i) {
      Entry& entry = entries_[cursor_++ % entries_.size()];
      if (entry.what != 0 && age(now, entry.since) >= kWindow) flush(entry, tell);
    }
  }

  template <typename Tell>
  void flush_all(Tell tell) {
    for (Entry& entry : entries_) flush(entry, tell);
  }

 private:
  static constexpr CoarseTick kWindow = coarse_duration(10 * kSecond);
  struct Entry {
    std::uint64_t what = 0;
    CoarseTick since = 0;
    Event event;
  };
  template <typename Tell>
  static void flush(Entry& entry, Tell tell) {
    if (entry.what != 0 && entry.event.count != 0) tell(entry.event);
    entry.what = 0;
  }
  std::array<Entry, 256> entries_{};
  std::uint32_t cursor_ = 0;
};

}  // namespace wardline::work
