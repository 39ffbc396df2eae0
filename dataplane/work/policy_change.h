#pragma once
#include <cstddef>
#include <cstdint>
#include <utility>

#include "dataplane/batch.h"
#include "dataplane/tick.h"

namespace wardline::work {

// A new policy makes every flow be decided again, each at its next packet: of 100,000 flows that send all at once this
// is 20 ms of a core, and what a port holds meanwhile is a third of a millisecond. So where frames wait (a batch came
// full) only some flows a batch are decided again; others that were settled under the former policy pass under it until
// their turn comes, for a second at most. Only for a change of the policy: what happens to a device or its peer
// (quarantine) is met by the next packet, always. Owner: one worker.
class PolicyChange {
 public:
  static constexpr std::uint32_t kDecisionsInBatch = 1;  // of 32 frames: with two, a port at 70 % still overflowed
  static constexpr Tick kLongest = 1'000'000'000;

  // Once a turn that has frames, first. `epoch`: of the policy of this turn, 0 for none; `frames`: of the batch.
  void begin_turn(std::uint32_t epoch, std::size_t frames, Tick now) {
    if (epoch != current_) [[unlikely]] {
      former_ = current_;
      current_ = epoch;
      until_ = former_ == 0 ? now : now + kLongest;
    }
    postpones_ = now < until_ && frames == Batch::kMaxFrames;
    left_ = kDecisionsInBatch;
  }

  // Some flows of this turn may go on under the former policy.
  bool postpones() const { return postpones_; }
  // Where it does: a packet of a flow that is settled and was decided under `epoch`, not that of now: true, and it is
  // counted, if it passes all the same; false if its flow is to be decided again at once.
  bool passes_under(std::uint32_t epoch) {
    if (epoch != former_) return false;
    if (left_ > 0) {
      --left_;
      return false;
    }
    ++passed_;
    return true;
  }

  // How many packets passed so in this turn.
  std::uint32_t end_turn() { return std::exchange(passed_, 0); }

 private:
  std::uint32_t current_ = 0, former_ = 0, left_ = 0, passed_ = 0;
  bool postpones_ = false;
  Tick until_ = 0;
};

}  // namespace wardline::work
