#include "dataplane/runtime/distribution.h"

#include <fmt/format.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_pause.h>
#include <rte_prefetch.h>
#include <rte_ring.h>

#include <algorithm>
#include <atomic>

#include "dataplane/runtime/lane.h"
#include "dataplane/runtime/send_tries.h"
#include "dataplane/runtime/worker_choice.h"

namespace wardline::runtime {
namespace {

std::size_t leg_of(std::size_t pair, Side side) {
  return 2 * pair + static_cast<std::size_t>(side);
}

std::uint32_t hash_of(const rte_mbuf* frame, Side side) {
  std::array<std::byte, kChoiceBytes> copy;
  const auto length = std::min<std::uint32_t>(rte_pktmbuf_pkt_len(frame), kChoiceBytes);
  const void* head = rte_pktmbuf_read(frame, 0, length, copy.data());  // copies where the headers lie in two segments
  return device_side_hash({static_cast<const std::byte*>(head), length}, side);
}

rte_ring* make_ring() {
  static std::atomic<unsigned> number{0};  // names are unique in the process
  return rte_ring_create(fmt::format("wl-way-{}", number++).c_str(), Distribution::kPlaces, SOCKET_ID_ANY,
                         RING_F_SP_ENQ | RING_F_SC_DEQ);
}

void free_ring(rte_ring* ring) {
  if (ring == nullptr) return;
  void* frame = nullptr;
  while (rte_ring_sc_dequeue(ring, &frame) == 0) rte_pktmbuf_free(static_cast<rte_mbuf*>(frame));
  rte_ring_free(ring);
}

}  // namespace

Distribution::Distribution(std::uint16_t workers, std::size_t legs)
    : workers_(workers), legs_(legs), ways_(workers * legs), shares_(workers), receipts_(workers) {}

Result<std::unique_ptr<Distribution>> Distribution::make(std::uint16_t workers, const std::vector<bool>& returns) {
  std::unique_ptr<Distribution> distribution(new Distribution(workers, returns.size()));
  for (std::uint16_t worker = 1; worker < workers; ++worker)
    for (std::size_t leg = 0; leg < returns.size(); ++leg) {
      auto& ways = distribution->ways(worker, leg);
      ways.arrivals = make_ring();
      if (returns[leg]) ways.departures = make_ring();
      if (ways.arrivals == nullptr || (returns[leg] && ways.departures == nullptr))
        return fail("runtime.distribution", {},
                    fmt::format("no memory for the queues of {} workers on {} legs ({} bytes): {}; raise `memory_mb` "
                                "or lower `workers`",
                                workers, returns.size(), ring_bytes(workers, returns.size()), rte_strerror(rte_errno)));
    }
  return distribution;
}

Distribution::~Distribution() {
  for (auto& ways : ways_) {
    free_ring(ways.arrivals);
    free_ring(ways.departures);
  }
}

rte_ring* Distribution::arrivals(std::uint16_t worker, std::size_t pair, Side side) const {
  return ways(worker, leg_of(pair, side)).arrivals;
}

rte_ring* Distribution::departures(std::uint16_t worker, std::size_t pair, Side side) const {
  return ways(worker, leg_of(pair, side)).departures;
}

std::uint16_t Distribution::share_out(std::size_t pair, Side side, std::span<rte_mbuf*> frames, FrameProcessor& books) {
  for (const rte_mbuf* frame : frames) rte_prefetch0(rte_pktmbuf_mtod(frame, const void*));
  std::uint16_t own = 0;
  for (rte_mbuf* frame : frames) {
    const auto worker = worker_of(hash_of(frame, side), workers_);
    if (worker == 0)
      frames[own++] = frame;
    else
      shares_[worker].frames[shares_[worker].count++] = frame;
  }
  if (own == frames.size()) return own;
  for (std::uint16_t worker = 1; worker < workers_; ++worker) {
    auto& share = shares_[worker];
    if (share.count == 0) continue;
    hand_over(worker, pair, side, std::span(share.frames).first(share.count), books);
    share.count = 0;
  }
  return own;
}

void Distribution::hand_over(std::uint16_t worker, std::size_t pair, Side side, std::span<rte_mbuf*> frames,
                             FrameProcessor& books) {
  rte_ring* ring = ways(worker, leg_of(pair, side)).arrivals;
  const auto taken = in_tries(frames.size(), [&](std::size_t from) {
    return rte_ring_sp_enqueue_burst(ring, reinterpret_cast<void* const*>(frames.data() + from),
                                     static_cast<unsigned>(frames.size() - from), nullptr);
  });
  if (taken == frames.size()) return;
  std::uint64_t bytes = 0;
  for (rte_mbuf* frame : frames.subspan(taken)) {
    bytes += rte_pktmbuf_pkt_len(frame);
    books.tell_lost({.bytes = {rte_pktmbuf_mtod(frame, const std::byte*), rte_pktmbuf_data_len(frame)},
                     .wire_length = rte_pktmbuf_pkt_len(frame),
                     .pair = static_cast<std::uint8_t>(pair),
                     .side = side},
                    Reason::kDistributionFull);
    rte_pktmbuf_free(frame);
  }
  books.count_unjudged(Reason::kDistributionFull, frames.size() - taken, bytes);
}

bool Distribution::send_returned(std::size_t pair, Side side, const LanePort& out) {
  bool any = false;
  std::array<rte_mbuf*, Batch::kMaxFrames> frames;
  for (std::uint16_t worker = 1; worker < workers_; ++worker) {
    rte_ring* ring = ways(worker, leg_of(pair, side)).departures;
    if (ring == nullptr) return false;
    const auto count = rte_ring_sc_dequeue_burst(ring, reinterpret_cast<void**>(frames.data()),
                                                 static_cast<unsigned>(frames.size()), nullptr);
    if (count == 0) continue;
    any = true;
    send(out, std::span(frames).first(count), receipts_[worker]);
  }
  return any;
}

void Distribution::send(const LanePort& out, std::span<rte_mbuf*> frames, SendReceipt& receipt) {
  std::array<std::uint32_t, Batch::kMaxFrames> lengths;  // a frame that is sent is no longer ours to look at
  for (std::size_t i = 0; i < frames.size(); ++i) lengths[i] = rte_pktmbuf_pkt_len(frames[i]);
  const auto sent = in_tries(frames.size(), [&](std::size_t from) {
    return rte_eth_tx_burst(out.port, 0, frames.data() + from, static_cast<std::uint16_t>(frames.size() - from));
  });
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < sent; ++i) bytes += lengths[i];
  for (rte_mbuf* frame : frames.subspan(sent)) rte_pktmbuf_free(frame);
  receipt.sent_bytes.add(bytes);
  receipt.refused.add(frames.size() - sent);
  if (out.not_sent != nullptr && sent != frames.size())
    out.not_sent->fetch_add(frames.size() - sent, std::memory_order_relaxed);
  receipt.sent.add(sent);
}

std::uint64_t Distribution::ring_bytes(std::uint16_t workers, std::size_t legs) {
  constexpr std::uint64_t kHeader = 512;  // the ring's own, and the memory zone's
  return std::uint64_t{workers} * legs * 2 * (kPlaces * sizeof(void*) + kHeader);
}

}  // namespace wardline::runtime
