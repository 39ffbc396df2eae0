#pragma once
#include <atomic>
#include <memory>
#include <thread>

#include "dataplane/runtime/dataplane_runtime.h"
#include "dataplane/runtime/lane.h"

namespace wardline::runtime {

// The thread that turns one lane, pinned to its core and known to DPDK so that it has buffer caches of its own.
class LaneThread {
 public:
  LaneThread(const LaneInfo& info, std::unique_ptr<Lane> lane, bool sleeps_when_idle);
  ~LaneThread();
  void stop();  // returns when the thread has ended
  LaneStatus status() const;
  Lane& lane() { return *lane_; }  // after stop()

 private:
  // Read by anyone, written by the lane's thread; away from what other threads write.
  struct alignas(128) Beat {
    Counter turns, busy_turns, busy_cycles;
    std::atomic<std::uint64_t> first_cycle{0}, last_cycle{0};
  };
  void run();

  LaneInfo info_;
  std::unique_ptr<Lane> lane_;
  bool sleeps_when_idle_;
  Beat beat_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace wardline::runtime
