#pragma once
#include <cstdint>

#include "perf/generator/board.h"

namespace wardline::perf {

// How much of its core a poller has. Whatever runs on the core's other hardware thread, on a rented machine a
// stranger's program that the guest cannot see, takes up to half of what the core does in a cycle. So some ten thousand
// times a second 2,048 additions are timed of which a core with nothing else to do executes four a cycle: with a
// neighbour they take twice as long. Owned by the thread that polls; costs it two to four thousandths of its time.
class CoreWidth {
 public:
  explicit CoreWidth(ProbeCounters& shown) : shown_(shown) {}

  // At every poll.
  void poll() {
    if (--until_probe_ == 0) [[unlikely]]
      probe();
  }

 private:
  void probe();

  ProbeCounters& shown_;
  std::uint64_t last_ = 0;   // when the last probe ended, by the time stamp counter
  std::uint32_t polls_ = 1;  // from one probe to the next
  std::uint32_t until_probe_ = 1;
  ProbeCounters counted_{};
};

}  // namespace wardline::perf
