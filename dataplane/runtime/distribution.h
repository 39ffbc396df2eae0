#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "dataplane/batch.h"
#include "dataplane/counters.h"
#include "dataplane/error.h"
#include "dataplane/runtime/frame_processor.h"

struct rte_mbuf;
struct rte_ring;

namespace wardline::runtime {

struct LanePort;

// What the polling lane did with frames that another lane gave it to send. Written by the polling lane's thread alone;
// the other lane reads it, and so keeps its own books.
struct alignas(128) SendReceipt {
  Counter sent, sent_bytes, refused;  // refused: the port did not take them in time
};

// The queues of a bundle whose ports cannot spread frames: lane 0 polls them all, keeps the frames of its own devices
// and hands each other frame to the lane of its device; where a port has one send queue, frames come back to be sent.
// One ring a leg, lane and direction, with one producer and one consumer each, so the frames of a device stay in order.
//
// A frame that another lane did not take is not received yet in the books; one on its way back is `held` by the lane
// that let it pass. A queue that stays full costs the frame: `distribution_full` on the way there, `tx_full` on the way
// back. What waits is one queue's worth, so a device that floods its worker stalls no other worker's devices.
class Distribution {
 public:
  // Places of each ring, one of which stays free: two milliseconds at a million frames a second.
  static constexpr unsigned kPlaces = 2048;

  // `returns[leg]`: frames that leave by this leg come back to the polling lane. Leg = 2 x pair + side.
  static Result<std::unique_ptr<Distribution>> make(std::uint16_t workers, const std::vector<bool>& returns);
  ~Distribution();  // frees what still waits
  Distribution(const Distribution&) = delete;
  Distribution& operator=(const Distribution&) = delete;

  // For lanes 1 and up. `departures` is null where the lane has a send queue of its own.
  rte_ring* arrivals(std::uint16_t worker, std::size_t pair, Side side) const;
  rte_ring* departures(std::uint16_t worker, std::size_t pair, Side side) const;
  const SendReceipt& receipt(std::uint16_t worker) const { return receipts_[worker]; }

  // The polling lane's own. Keeps its share at the front of `frames` and returns how many that are; the others are
  // handed over, or dropped and counted in `books`.
  std::uint16_t share_out(std::size_t pair, Side side, std::span<rte_mbuf*> frames, FrameProcessor& books);
  // Sends what came back for this leg by send queue 0 of its port; true when there was something.
  bool send_returned(std::size_t pair, Side side, const LanePort& out);

  // Bytes that EAL spends on the rings of `legs` legs.
  static std::uint64_t ring_bytes(std::uint16_t workers, std::size_t legs);

 private:
  struct Ways {
    rte_ring *arrivals = nullptr, *departures = nullptr;
  };
  struct Share {  // of one burst
    std::uint16_t count = 0;
    std::array<rte_mbuf*, Batch::kMaxFrames> frames;
  };
  explicit Distribution(std::uint16_t workers, std::size_t legs);
  Ways& ways(std::uint16_t worker, std::size_t leg) { return ways_[worker * legs_ + leg]; }
  const Ways& ways(std::uint16_t worker, std::size_t leg) const { return ways_[worker * legs_ + leg]; }
  void hand_over(std::uint16_t worker, std::size_t pair, Side side, std::span<rte_mbuf*> frames, FrameProcessor& books);
  static void send(const LanePort& out, std::span<rte_mbuf*> frames, SendReceipt& receipt);

  std::uint16_t workers_;
  std::size_t legs_;
  std::vector<Ways> ways_;  // of lane 0: none
  std::vector<Share> shares_;
  std::vector<SendReceipt> receipts_;
};

}  // namespace wardline::runtime
