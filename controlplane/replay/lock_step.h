#pragma once
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controlplane/appliance/appliance.h"
#include "controlplane/replay/capture_reader.h"
#include "controlplane/replay/capture_writer.h"
#include "controlplane/replay/clock.h"
#include "controlplane/replay/replay.h"
#include "dataplane/worker.h"

namespace wardline::replay {

// A worker for each bundle, and one appliance, between legs that exist in memory only.
class LockStep {
 public:
  // `first` is the time of the first frame: the day by which the policy's exceptions hold.
  static std::expected<std::unique_ptr<LockStep>, Errors> open(const Options& options, Tick first, const Sink& sink);

  void begin_capture(Tick first) { clock_.begin_capture(first); }
  void feed(const CapturedFrame& frame, std::uint16_t bundle, Side side);
  ~LockStep();  // without a finish() the inventory is removed, so that the replay can be run again
  LockStep(const LockStep&) = delete;
  LockStep& operator=(const LockStep&) = delete;

  // Judges what waits, ends all flows and gives the summary record.
  Result<records::SummaryFacts> finish();
  const policy::Policy& policy() const { return *appliance_->policy(); }

 private:
  LockStep(const Options& options, const Sink& sink);
  std::expected<void, Errors> start(const Options& options, Tick first);
  void judge();  // the frames that wait, as one burst
  void pass_on(Worker& worker, const Batch& judged);
  void settle();  // what only time brings
  void let_idle(Worker& worker);
  bool holds_frames() const;
  void drain();
  records::SummaryFacts summary() const;

  const Sink& sink_;
  const std::size_t batch_size_;
  Clock clock_;
  Tick maintained_ = 0;
  SnapshotPublisher publisher_;
  std::unique_ptr<enforce::DeviceSlots> slots_;
  enforce::QuarantineBudgets budgets_;
  std::vector<std::unique_ptr<Worker>> workers_;     // by bundle
  std::unique_ptr<appliance::Appliance> appliance_;  // after the workers: their rings outlive it
  std::optional<CaptureWriter> writer_;
  std::string unfinished_;  // the inventory that this replay made; "" if none, or once it is whole
  Batch batch_;
  std::uint16_t bundle_ = 0;                                    // of the frames that wait
  std::array<std::vector<std::byte>, Batch::kMaxFrames> kept_;  // bytes of the frames that wait
};

}  // namespace wardline::replay
