#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "controlplane/policy/policy.h"
#include "dataplane/worker.h"
#include "perf/dataplane/bench.h"

namespace wardline::perf {

// A worker under the policy of a directory, the shipped one unless WARDLINE_POLICY names another. Compiled signatures
// are kept in WARDLINE_CACHE, if set. Ends the program with the errors when the policy can't be loaded.
class LoadedWorker {
 public:
  explicit LoadedWorker(const WorkerOptions& options);
  LoadedWorker();  // with small tables: for who needs its policy, not its flows

  Worker& worker() { return *worker_; }
  const policy::Policy& policy() const { return *policy_; }
  // A device that the control plane knows, of a class and a segment by name.
  void add_device(std::string_view device_class, std::string_view segment, const Mac& mac, const Address& address);
  // Another snapshot of the same policy: each flow is decided again at its next packet.
  void publish_again();
  // What the control plane would do: empties both rings.
  void drain();

  // One burst of frames that lie in `batch`; ends the program if one is dropped.
  void process(Batch& batch);
  // The same, measured; what it told is drained beside.
  void process(Batch& batch, Region& region);
  // Lets all flows expire, measured.
  void expire_all(Region& region);
  Tick now() const { return now_; }
  void pass_time(Tick time) { now_ += time; }

 private:
  std::shared_ptr<const policy::Policy> policy_;
  SnapshotPublisher publisher_;
  std::unique_ptr<enforce::DeviceSlots> slots_;
  enforce::QuarantineBudgets budgets_;
  std::unique_ptr<Worker> worker_;
  std::uint32_t epoch_ = 0;
  Tick now_ = 1000 * kSecond;
};

}  // namespace wardline::perf
