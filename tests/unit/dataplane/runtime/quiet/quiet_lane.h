#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "dataplane/runtime/lane_thread.h"
#include "dataplane/worker.h"
#include "tests/unit/dataplane/runtime/wire_rig.h"

namespace wardline::test {

// A real worker on the real thread of a lane between two ports, watched: rings, where the test is the cable, or others
// that bring frames by themselves. The test is the clock and the control plane. All members but process() belong to the
// test's thread.
class QuietLane : private runtime::FrameProcessor {
 public:
  // Between `ports`, which outlive it; else between rings.
  QuietLane(const WorkerOptions& options, std::unique_ptr<const enforce::Snapshot> policy,
            const std::optional<runtime::LanePair>& ports = {});
  ~QuietLane();

  // After the warm-up, from here to the end.
  bool watch();
  // Returns when the lane has judged what was given before; a frame may wait in the port's ring until the next.
  void give(std::span<const std::byte> frame, Side side, std::size_t piece = 2048);
  void settle();
  void wait_turns(std::uint64_t turns);
  void pass(Tick by);  // time goes on, and the worker has some turns for what is due
  void publish(std::unique_ptr<const enforce::Snapshot> policy);
  // Done by the worker's thread within a turn.
  void misbehave(std::function<void()> deed);
  // Departures are left where they are: the ports become full.
  void keep_departures(bool keep) { keep_ = keep; }
  std::vector<Event> drain();
  // The control plane's part, a little of it: devices that were seen get a slot and, one after the other, the classes
  // there are; 1: none of them. Drains.
  void seat_devices(std::size_t classes = 1);

  Worker& worker() { return *worker_; }
  enforce::DeviceSlots& slots() { return *slots_; }

 private:
  void process(Batch& batch, Tick now) override;
  void count_forwarded(std::uint64_t frames, std::uint64_t bytes) override { worker_->count_forwarded(frames, bytes); }
  void count_not_sent(Reason reason, std::uint64_t frames) override { worker_->count_not_sent(reason, frames); }
  void count_unjudged(Reason reason, std::uint64_t frames, std::uint64_t bytes) override {
    worker_->count_unjudged(reason, frames, bytes);
  }
  void count_queued(std::uint64_t frames) override { worker_->count_queued(frames); }
  void count_unqueued(std::uint64_t frames) override { worker_->count_unqueued(frames); }
  void tell_lost(const Frame& frame, Reason reason) override { worker_->tell_lost(frame, reason); }
  const WorkerCounters& counters() const override { return worker_->counters(); }
  void set(int wish);

  enum Wish : int { kRest, kWatch, kDeed };
  SnapshotPublisher publisher_;
  std::unique_ptr<enforce::DeviceSlots> slots_;
  enforce::QuarantineBudgets budgets_;
  std::unique_ptr<Worker> worker_;
  runtime::WireRig wire_;
  std::function<void()> deed_;
  std::atomic<int> wish_{kRest}, done_{kRest};
  std::atomic<bool> able_{false};
  std::atomic<std::uint64_t> turns_{0};
  std::atomic<Tick> ahead_{0};
  bool began_ = false;  // the worker's thread's own
  bool keep_ = false;
  Side last_side_ = Side::kDevice;
  unsigned waiting_ = 0;
  std::unique_ptr<runtime::LaneThread> thread_;
};

}  // namespace wardline::test
