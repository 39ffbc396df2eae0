#pragma once
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "dataplane/batch.h"
#include "dataplane/runtime/distribution.h"
#include "dataplane/runtime/frame_processor.h"
#include "dataplane/tick.h"

struct rte_mbuf;
struct rte_mempool;
struct rte_ring;

namespace wardline::runtime {

// What a lane needs to know of one port. Plain data, copied at start.
struct LanePort {
  std::uint16_t port = 0, queue = 0;
  rte_mempool* pool = nullptr;   // for created and released frames and for pieces made one
  std::uint32_t cut_at = 0;      // LegPlan::cut_at
  std::uint32_t send_limit = 0;  // longest untagged frame that it sends; 0: any
  bool sends_segments = false;
  const std::atomic<bool>* usable = nullptr;       // there is a link; null: always
  std::atomic<std::uint64_t>* not_sent = nullptr;  // frames that passed and that it did not send; null: nobody asks
  rte_ring* arrivals = nullptr;    // frames come from here, and not from the port: the polling lane puts them in
  rte_ring* departures = nullptr;  // frames go here, and not to the port: the polling lane sends them
  std::uint8_t pair = 0;           // these two are set by the lane
  Side side = Side::kDevice;
};

struct LanePair {
  std::array<LanePort, 2> legs;  // by Side
};

// A lane's part in the software distribution of its bundle; none where every port spreads frames by itself.
struct LaneShare {
  Distribution* polls_for = nullptr;     // it is the polling lane
  const SendReceipt* receipt = nullptr;  // or another one, and this is what became of its frames
};

// One worker's loop over its queues: receive, let judge, send on the twin. Owner: one thread.
// Every frame that is received is either sent, or freed and counted by its reason, or freed since the processor holds a
// copy, or put into another lane's queue; no buffer is kept.
class Lane {
 public:
  Lane(std::vector<LanePair> pairs, FrameProcessor& processor, LaneShare share = {});

  // One burst from every leg. True when there was work; without a frame of its own the processor gets an empty batch.
  // `cycle`: the cycle counter now; 0 where nobody asks for idle_cycles().
  bool turn(Tick now, std::uint64_t cycle = 0);
  // What the last turn spent on legs that had nothing: with the kernel's drivers such a look is a system call. A leg
  // behind one whose burst was full is not told apart, so that a lane with much to do does not read the counter.
  std::uint64_t idle_cycles() const { return idle_cycles_; }

  // After its thread has ended: brings what waits in the bundle's queues one step on. False when nothing waits. Call
  // it for all lanes of a bundle in turns until all say so.
  bool drain(Tick now);

  // The longest frame of several segments that is made linear for judging; a longer one counts as cut off.
  static constexpr std::size_t kLongestFrame = 16384;

 private:
  bool serve(std::uint8_t pair, Side side, Tick now, std::uint64_t& cycle);
  std::uint16_t receive(const LanePort& in, std::uint8_t pair, Side side, bool& any);
  void judge(std::uint8_t pair, Side side, std::uint16_t count, Tick now);
  void judge_nothing(Tick now);
  bool send_returned();
  void settle();
  void take_in(const LanePort& port, std::uint8_t pair, Side side, std::uint16_t count);
  void take_in_odd(const LanePort& port, std::uint8_t pair, Side side, std::uint16_t i);
  void send_passed(const LanePort& out);
  void send_created(LanePair& pair, std::uint8_t number, Side side);
  void send_released();
  struct Sending {
    rte_mbuf** frames;  // the caller's; those that are not sent are taken out
    std::uint16_t count = 0;
    std::uint64_t bytes = 0;  // of all of them
  };
  void pick_passed(const LanePort& out, Sending& passed);
  void send(const LanePort& out, Sending& frames);
  void send_one(const LanePort& out, rte_mbuf* frame);
  void give_back(const LanePort& out, Sending& frames);
  void keep_sendable(const LanePort& out, Sending& frames);
  void refuse(const LanePort& out, rte_mbuf* frame, Reason reason);
  void count_not_sent(const LanePort& out, Reason reason);

  std::vector<LanePair> pairs_;
  FrameProcessor& processor_;
  LaneShare share_;
  struct {
    std::uint64_t sent = 0, sent_bytes = 0, refused = 0;
  } settled_;            // of the receipt: counted already
  bool judged_ = false;  // in this turn
  std::uint64_t idle_cycles_ = 0;
  Batch batch_;
  // Of the batch: some frame lies in several buffers; some may have been cut off; the longest frame; all their bytes.
  bool in_pieces_ = false, cut_ = false;
  std::uint32_t longest_ = 0;
  std::uint64_t bytes_ = 0;
  std::array<rte_mbuf*, Batch::kMaxFrames> received_{};
  std::unique_ptr<std::byte[]> scratch_;  // kMaxFrames x kLongestFrame
};

}  // namespace wardline::runtime
