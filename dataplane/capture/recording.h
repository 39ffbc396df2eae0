#pragma once
#include <atomic>
#include <memory>
#include <span>

#include "dataplane/capture/captured_frame.h"
#include "dataplane/capture/filter.h"
#include "dataplane/counters.h"
#include "dataplane/event_ring.h"

namespace wardline::capture {

// One worker's part in a capture. The control thread makes it, hands it out by the worker's Tap, empties its ring, and
// frees it when no worker can still write.
class Recording {
 public:
  static constexpr std::size_t kPlaces = 8192;  // 1.5 MiB

  explicit Recording(std::shared_ptr<const Filter> filter, std::size_t places = kPlaces)
      : filter_(std::move(filter)), frames_(places) {}

  // --- worker ---
  // A place with the frame's headers and length, to fill and finish(). `wire_length` 0: that of the bytes. Null: the
  // filter does not want it, or there is no room, which is counted.
  CapturedFrame* begin(std::span<const std::byte> frame, std::uint32_t wire_length);
  void finish() { frames_.finish_put(); }

  // --- control thread ---
  SpscRing<CapturedFrame>& frames() { return frames_; }
  std::uint64_t wanted() const { return wanted_.read(); }  // frames that met the filter, the lost ones included
  std::uint64_t lost() const { return lost_.read(); }      // of them: the ring was full

 private:
  std::shared_ptr<const Filter> filter_;
  SpscRing<CapturedFrame> frames_;
  Counter wanted_, lost_;
};

// Where a worker looks whether a capture runs. The control thread opens and closes it, and lets a recording live until
// the worker has begun another turn.
class Tap {
 public:
  // Worker, once a burst. Acquire, which is a plain load on x86-64: who sees the recording sees what is in it.
  Recording* recording() const { return recording_.load(std::memory_order_acquire); }

  void open(Recording& recording) { recording_.store(&recording, std::memory_order_release); }
  void close() { recording_.store(nullptr, std::memory_order_release); }

 private:
  std::atomic<Recording*> recording_{nullptr};
};

}  // namespace wardline::capture
