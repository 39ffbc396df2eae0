#include "perf/generator/lane.h"

#include <algorithm>
#include <limits>

#include "perf/generator/latency.h"

namespace wardline::perf {
namespace {

constexpr unsigned kFraction = 16;  // bits of a cycle in due times

// The harness reads while we write: no lock, and no value is ever half written.
void put(std::uint64_t& field, std::uint64_t value) {
  __atomic_store_n(&field, value, __ATOMIC_RELAXED);
}

}  // namespace

Lane::Lane(std::unique_ptr<Workload> workload, const Orders& orders, QueueBoard& board, std::uint64_t tsc_hz,
           std::uint32_t queues)
    : workload_(std::move(workload)),
      orders_(orders),
      board_(board),
      tsc_hz_(tsc_hz),
      queues_(queues),
      core_(board.core) {}

void Lane::change(RunOrder order, std::uint64_t rate, std::uint64_t now) {
  order_ = order;
  rate_ = rate;
  timed_ = rate != 0;
  if (timed_) {
    const double cycles = static_cast<double>(tsc_hz_) * queues_ / static_cast<double>(rate);
    period_ = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(cycles * (1 << kFraction)));
    began_ = now;
    next_ = 0;
  }
  for (auto& ring : rings_) ring.clear();
  workload_->begin(order, timed_);
}

// Everything that is due by now goes to its leg's ring, or is missed.
void Lane::arrive(std::uint64_t now) {
  const std::uint64_t passed = (now - began_) << kFraction;
  for (; next_ <= passed; next_ += period_) {
    const auto [leg, item] = workload_->next_arrival();
    if (!rings_[number(leg)].push({began_ + (next_ >> kFraction), item})) ++counted_[number(leg)].missed;
  }
  for (std::size_t leg = 0; leg < rings_.size(); ++leg) {
    put(board_.legs[leg].missed, counted_[leg].missed);
    put(board_.legs[leg].waiting, rings_[leg].waiting());
  }
}

void Lane::deliver(Leg leg, std::span<std::byte* const> rooms, std::uint16_t* lengths, Mark* marks) {
  constexpr std::size_t kMost = 64;
  const bool marking = this->marking();
  while (!rooms.empty()) {
    const auto some = rooms.first(std::min(rooms.size(), kMost));
    std::array<std::uint64_t, kMost> items;
    if (marking) items.fill(0);
    if (timed_) {
      for (std::size_t i = 0; i < some.size(); ++i) {
        const auto due = rings_[number(leg)].pop();
        marks[i].due = due.time;
        items[i] = due.item;
      }
    }
    workload_->fill(leg, some, lengths, items.data());
    if (marking)
      for (std::size_t i = 0; i < some.size(); ++i) marks[i].item = items[i];
    lengths += some.size();
    marks += some.size();
    rooms = rooms.subspan(some.size());
  }
  put(board_.progress.rounds, workload_->rounds());
  put(board_.progress.passes, workload_->passes());
  put(board_.progress.sessions, workload_->sessions());
}

void Lane::count_received(Leg leg, std::uint64_t frames, std::uint64_t bytes) {
  auto& counted = counted_[number(leg)];
  auto& shown = board_.legs[number(leg)];
  put(shown.rx_frames, counted.rx_frames += frames);
  put(shown.rx_bytes, counted.rx_bytes += bytes);
}

void Lane::count_no_buffers(Leg leg) {
  put(board_.legs[number(leg)].no_buffers, ++counted_[number(leg)].no_buffers);
}

void Lane::count_sent(Leg leg, std::uint64_t frames, std::uint64_t bytes) {
  auto& counted = counted_[number(leg)];
  auto& shown = board_.legs[number(leg)];
  put(shown.tx_frames, counted.tx_frames += frames);
  put(shown.tx_bytes, counted.tx_bytes += bytes);
}

void Lane::measure(std::uint64_t due, std::uint64_t now) {
  if (due < began_ || due > now) return;  // received before these orders
  const std::uint64_t cycles = now - due;
  auto& bucket = board_.latency[latency_bucket(cycles)];
  put(bucket, bucket + 1);
  ++progress_.latency_count;
  progress_.latency_sum += cycles;
  progress_.latency_max = std::max(progress_.latency_max, cycles);
}

void Lane::finish_measuring() {
  put(board_.progress.latency_count, progress_.latency_count);
  put(board_.progress.latency_sum, progress_.latency_sum);
  put(board_.progress.latency_max, progress_.latency_max);
}

unsigned Lane::next_to_compare(unsigned frames) {
  const auto every = read(orders_.tx_check);
  if (every != every_) {
    constexpr std::uint64_t kOnTheirWay = 4096;  // received before the order, so without a mark
    every_ = every;
    until_compare_ = kOnTheirWay;
  }
  if (every == 0) return kNone;
  if (until_compare_ >= frames) {
    until_compare_ -= frames;
    return kNone;
  }
  const auto which = static_cast<unsigned>(until_compare_);
  const std::uint64_t behind = frames - which;  // at most one of a burst
  until_compare_ = every > behind ? every - behind : 0;
  return which;
}

void Lane::compare(Leg out, std::span<const std::byte> frame, std::uint64_t item) {
  if (check(out, frame, item)) {
    put(board_.progress.compare_ok, ++progress_.compare_ok);
  } else {
    put(board_.progress.compare_wrong, ++progress_.compare_wrong);
  }
}

}  // namespace wardline::perf
