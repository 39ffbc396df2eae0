#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "dataplane/enforce/snapshot.h"
#include "dataplane/error.h"

namespace wardline {

// Hands policies to workers and frees them when no worker can still read them (QSBR). All memory orders of that live
// here. Writer: one control thread. Readers: up to kMaxWorkers workers, each reading once a burst.
class SnapshotPublisher {
 public:
  static constexpr std::size_t kMaxWorkers = 64;
  ~SnapshotPublisher();

  // --- worker, once per turn, also when no packet came ---
  // Reports that this worker holds nothing of former turns and returns the policy of this turn (null: none yet).
  const enforce::Snapshot* enter(std::size_t worker);

  // --- setup and control thread ---
  std::size_t add_worker();                // a worker that will call enter() from now on
  void remove_worker(std::size_t worker);  // it will not call enter() again: nothing waits for it
  // Publishes; the former one is freed by a later reclaim(). Refused (policy.busy, naming the late worker) while two
  // are still alive.
  Result<void> publish(std::unique_ptr<const enforce::Snapshot> next);
  // Frees what every worker has passed. Returns the number of snapshots still waiting (0 or 1).
  std::size_t reclaim();
  const enforce::Snapshot* current() const { return current_.load(std::memory_order_acquire); }
  // A stamp that every worker passes after now; passed(stamp) is true when all did. For slots awaiting reuse.
  std::uint64_t stamp();
  bool passed(std::uint64_t stamp) const;
  std::optional<std::size_t> slowest(std::uint64_t stamp) const;

 private:
  struct alignas(128) Reader {
    std::atomic<std::uint64_t> seen{0};
    std::atomic<bool> active{false};
  };
  std::atomic<const enforce::Snapshot*> current_{nullptr};
  std::atomic<std::uint64_t> version_{1};
  std::unique_ptr<const enforce::Snapshot> former_;
  std::uint64_t former_stamp_ = 0;
  std::array<Reader, kMaxWorkers> readers_;
  std::size_t reader_count_ = 0;
};

inline const enforce::Snapshot* SnapshotPublisher::enter(std::size_t worker) {
  Reader& reader = readers_[worker];
  // Acquire: a worker that sees version v also sees the pointer that was stored before v was made, so reporting v
  // promises that no older pointer is read from here on.
  const auto version = version_.load(std::memory_order_acquire);
  // Release: whatever this worker read in former turns was read before the report; the control thread frees after it.
  reader.seen.store(version, std::memory_order_release);
  return current_.load(std::memory_order_acquire);
}

}  // namespace wardline
