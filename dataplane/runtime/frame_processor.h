#pragma once
#include <cstdint>

#include "dataplane/batch.h"
#include "dataplane/counters.h"
#include "dataplane/tick.h"
#include "dataplane/worker.h"

namespace wardline::runtime {

// Who judges the frames of one lane. Called by that lane's thread alone, once a burst; with an empty batch on turns
// that brought no frame.
class FrameProcessor {
 public:
  virtual ~FrameProcessor() = default;
  virtual void process(Batch& batch, Tick now) = 0;
  virtual void count_forwarded(std::uint64_t frames, std::uint64_t bytes) = 0;
  virtual void count_not_sent(Reason reason, std::uint64_t frames) = 0;
  virtual void count_unjudged(Reason reason, std::uint64_t frames, std::uint64_t bytes) = 0;
  virtual void count_queued(std::uint64_t frames) = 0;
  virtual void count_unqueued(std::uint64_t frames) = 0;
  // Which frame it was that is counted as not sent or unjudged; `frame.side`: the leg it came in by.
  virtual void tell_lost(const Frame&, Reason) {}
  virtual const WorkerCounters& counters() const = 0;  // any thread may read
};

// The real thing. `worker` must outlive it.
class WorkerProcessor final : public FrameProcessor {
 public:
  explicit WorkerProcessor(Worker& worker) : worker_(worker) {}
  void process(Batch& batch, Tick now) override { worker_.process(batch, now); }
  void count_forwarded(std::uint64_t frames, std::uint64_t bytes) override { worker_.count_forwarded(frames, bytes); }
  void count_not_sent(Reason reason, std::uint64_t frames) override { worker_.count_not_sent(reason, frames); }
  void count_unjudged(Reason reason, std::uint64_t frames, std::uint64_t bytes) override {
    worker_.count_unjudged(reason, frames, bytes);
  }
  void count_queued(std::uint64_t frames) override { worker_.count_queued(frames); }
  void count_unqueued(std::uint64_t frames) override { worker_.count_unqueued(frames); }
  void tell_lost(const Frame& frame, Reason reason) override { worker_.tell_lost(frame, reason); }
  const WorkerCounters& counters() const override { return worker_.counters(); }

 private:
  Worker& worker_;
};

// `wardlined bypass`: everything passes but what is cut short, counted like a worker's frames.
class BypassProcessor final : public FrameProcessor {
 public:
  void process(Batch& batch, Tick now) override;
  void count_forwarded(std::uint64_t frames, std::uint64_t bytes) override;
  void count_not_sent(Reason reason, std::uint64_t frames) override;
  void count_unjudged(Reason reason, std::uint64_t frames, std::uint64_t bytes) override;
  void count_queued(std::uint64_t frames) override;
  void count_unqueued(std::uint64_t frames) override;
  const WorkerCounters& counters() const override { return counters_; }

 private:
  WorkerCounters counters_;
};

}  // namespace wardline::runtime
