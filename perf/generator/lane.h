#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "perf/generator/board.h"
#include "perf/generator/core_width.h"
#include "perf/generator/due_ring.h"
#include "perf/generator/workload.h"

namespace wardline::perf {

// One queue of both legs: takes orders from the board, asks the workload for frames, counts. The thread that polls this
// queue owns it; both legs of a queue are polled by one thread, as a forwarder between them does.
class Lane {
 public:
  Lane(std::unique_ptr<Workload> workload, const Orders& orders, QueueBoard& board, std::uint64_t tsc_hz,
       std::uint32_t queues);

  // How many frames this poll of the leg brings. `now` is only asked for when frames have due times.
  template <typename Clock>
  unsigned poll(Leg leg, unsigned most, Clock now) {
    take_orders(now);
    if (order_ == RunOrder::kPaused) return 0;
    if (!timed_) return workload_->ready(leg, most);
    arrive(now());
    return std::min(workload_->ready(leg, most), rings_[number(leg)].waiting());
  }

  // At every poll, for what is shown of the core.
  void probe_core() { core_.poll(); }

  // What travels with a frame: when it was due, and which one it is.
  struct Mark {
    std::uint64_t due, item;  // not set unless marking(): a burst has room for many
  };

  // Writes as many frames as poll() said, or fewer. `marks` are set where marking() says so.
  void deliver(Leg leg, std::span<std::byte* const> rooms, std::uint16_t* lengths, Mark* marks);

  void count_received(Leg leg, std::uint64_t frames, std::uint64_t bytes);
  void count_no_buffers(Leg leg);
  void count_sent(Leg leg, std::uint64_t frames, std::uint64_t bytes);

  bool timed() const { return timed_; }
  bool marking() const { return timed_ || read(orders_.tx_check) != 0; }
  void measure(std::uint64_t due, std::uint64_t now);
  void finish_measuring();

  // Whether the next `frames` that are sent hold one that is to be compared, and which.
  static constexpr unsigned kNone = ~0U;
  unsigned next_to_compare(unsigned frames);
  void compare(Leg out, std::span<const std::byte> frame, std::uint64_t item);
  bool check(Leg out, std::span<const std::byte> frame, std::uint64_t item) const {
    return workload_->is_unharmed(out, frame, item);
  }

  std::uint64_t flows() const { return workload_->flows(); }
  const LegCounters& counters(Leg leg) const { return counted_[number(leg)]; }

 private:
  static std::size_t number(Leg leg) { return static_cast<std::size_t>(leg); }

  template <typename Clock>
  void take_orders(Clock now) {
    const auto run = read(orders_.run), rate = read(orders_.rate);
    if (run != static_cast<std::uint64_t>(order_) || rate != rate_) [[unlikely]]
      change(static_cast<RunOrder>(run), rate, now());
  }
  static std::uint64_t read(const std::uint64_t& field) { return __atomic_load_n(&field, __ATOMIC_RELAXED); }
  void change(RunOrder order, std::uint64_t rate, std::uint64_t now);
  void arrive(std::uint64_t now);

  std::unique_ptr<Workload> workload_;
  const Orders& orders_;
  QueueBoard& board_;
  std::uint64_t tsc_hz_;
  std::uint32_t queues_;
  CoreWidth core_;

  RunOrder order_ = RunOrder::kPaused;
  std::uint64_t rate_ = 0;
  bool timed_ = false;
  std::uint64_t began_ = 0, period_ = 0, next_ = 0;  // of due times; the latter two in 1/65536 of a cycle
  std::array<DueRing, 2> rings_;
  std::array<LegCounters, 2> counted_{};
  Progress progress_{};
  std::uint64_t every_ = 0, until_compare_ = 0;
};

}  // namespace wardline::perf
