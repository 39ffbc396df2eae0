#include "dataplane/snapshot_publisher.h"

#include <stdexcept>

namespace wardline {

SnapshotPublisher::~SnapshotPublisher() {
  delete current_.load(std::memory_order_acquire);
}

std::size_t SnapshotPublisher::add_worker() {
  std::size_t number = 0;
  while (number < reader_count_ && readers_[number].active.load(std::memory_order_relaxed)) ++number;
  if (number == kMaxWorkers) throw std::length_error("at most 64 workers can read policies");
  readers_[number].seen.store(version_.load(std::memory_order_relaxed), std::memory_order_relaxed);
  readers_[number].active.store(true, std::memory_order_release);
  if (number == reader_count_) ++reader_count_;
  return number;
}

void SnapshotPublisher::remove_worker(std::size_t worker) {
  readers_[worker].active.store(false, std::memory_order_release);
}

Result<void> SnapshotPublisher::publish(std::unique_ptr<const enforce::Snapshot> next) {
  if (reclaim() > 0) {
    const auto late = slowest(former_stamp_);
    return fail("policy.busy", "",
                "worker " + (late ? std::to_string(*late) : std::string("?")) + " still reads the policy of epoch " +
                    std::to_string(former_->epoch) + "; try again, and look at that worker if this goes on");
  }
  // Release half: a worker that sees the pointer also sees what it points to.
  former_.reset(current_.exchange(next.release(), std::memory_order_acq_rel));
  // After the exchange: a worker that reports this stamp can no longer meet the former pointer.
  if (former_) former_stamp_ = stamp();
  return {};
}

std::size_t SnapshotPublisher::reclaim() {
  if (former_ && passed(former_stamp_)) former_.reset();
  return former_ ? 1 : 0;
}

std::uint64_t SnapshotPublisher::stamp() {
  // Release half: what the control thread did before (a pointer, an index entry taken out) is seen with the stamp.
  return version_.fetch_add(1, std::memory_order_acq_rel) + 1;
}

bool SnapshotPublisher::passed(std::uint64_t stamp) const {
  return !slowest(stamp).has_value();
}

std::optional<std::size_t> SnapshotPublisher::slowest(std::uint64_t stamp) const {
  std::optional<std::size_t> late;
  std::uint64_t least = stamp;
  for (std::size_t number = 0; number < reader_count_; ++number) {
    const Reader& reader = readers_[number];
    if (!reader.active.load(std::memory_order_acquire)) continue;
    // Acquire: pairs with the report in enter(); all reads before it are over.
    const auto seen = reader.seen.load(std::memory_order_acquire);
    if (seen < least) {
      least = seen;
      late = number;
    }
  }
  return late;
}

}  // namespace wardline
