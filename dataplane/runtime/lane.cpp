#include "dataplane/runtime/lane.h"

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_ether.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include "dataplane/runtime/poison.h"
#include "dataplane/runtime/send_tries.h"

namespace wardline::runtime {
namespace {

constexpr std::uint16_t kTagTypes[] = {0x8100, 0x88a8};
constexpr std::uint32_t kTag = 4;
constexpr std::uint16_t kShortestFrame = 60;  // without the check sum; not every port fills up a short frame

bool tagged(const rte_mbuf* frame) {
  if (rte_pktmbuf_data_len(frame) < RTE_ETHER_HDR_LEN) return false;
  const auto* type = rte_pktmbuf_mtod_offset(frame, const std::uint8_t*, 12);
  const auto value = static_cast<std::uint16_t>(type[0] << 8 | type[1]);
  return value == kTagTypes[0] || value == kTagTypes[1];
}

bool usable(const LanePort& out) {
  return out.usable == nullptr || out.usable->load(std::memory_order_relaxed);
}

// A copy in one piece for ports that read the first segment alone; null when no buffer is large enough.
rte_mbuf* in_one_piece(rte_mbuf* frame, rte_mempool* pool) {
  rte_mbuf* copy = rte_pktmbuf_alloc(pool);
  if (copy == nullptr) return nullptr;
  const auto length = rte_pktmbuf_pkt_len(frame);
  char* room =
      length > rte_pktmbuf_tailroom(copy) ? nullptr : rte_pktmbuf_append(copy, static_cast<std::uint16_t>(length));
  if (room == nullptr) {
    rte_pktmbuf_free(copy);
    return nullptr;
  }
  const void* bytes = rte_pktmbuf_read(frame, 0, length, room);
  if (bytes != room) std::memcpy(room, bytes, length);
  rte_pktmbuf_free(frame);
  return copy;
}

// A copy in as many buffers as it takes; null when there are none.
rte_mbuf* in_buffers(std::span<const std::byte> bytes, rte_mempool* pool) {
  rte_mbuf* first = nullptr;
  while (!bytes.empty()) {
    rte_mbuf* buffer = rte_pktmbuf_alloc(pool);
    if (buffer == nullptr) {
      rte_pktmbuf_free(first);
      return nullptr;
    }
    const auto part = bytes.first(std::min<std::size_t>(bytes.size(), rte_pktmbuf_tailroom(buffer)));
    std::memcpy(rte_pktmbuf_append(buffer, static_cast<std::uint16_t>(part.size())), part.data(), part.size());
    bytes = bytes.subspan(part.size());
    if (first == nullptr) {
      first = buffer;
    } else if (rte_pktmbuf_chain(first, buffer) != 0) {
      rte_pktmbuf_free(buffer);
      rte_pktmbuf_free(first);
      return nullptr;
    }
  }
  return first;
}

}  // namespace

Lane::Lane(std::vector<LanePair> pairs, FrameProcessor& processor, LaneShare share)
    : pairs_(std::move(pairs)),
      processor_(processor),
      share_(share),
      scratch_(std::make_unique<std::byte[]>(Batch::kMaxFrames * kLongestFrame)) {
  for (std::size_t i = 0; i < pairs_.size(); ++i)
    for (const Side side : {Side::kDevice, Side::kCore}) {
      auto& leg = pairs_[i].legs[static_cast<std::size_t>(side)];
      leg.pair = static_cast<std::uint8_t>(i);
      leg.side = side;
    }
}

bool Lane::turn(Tick now, std::uint64_t cycle) {
  bool busy = false;
  judged_ = false;
  idle_cycles_ = 0;
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    busy |= serve(static_cast<std::uint8_t>(i), Side::kDevice, now, cycle);
    busy |= serve(static_cast<std::uint8_t>(i), Side::kCore, now, cycle);
  }
  if (share_.polls_for != nullptr) busy |= send_returned();
  if (share_.receipt != nullptr) settle();
  if (!judged_) judge_nothing(now);
  return busy;
}

bool Lane::drain(Tick now) {
  if (share_.polls_for != nullptr) return send_returned();
  if (share_.receipt == nullptr) return false;
  return turn(now);
}

// Says that this worker reads nothing of former turns: a reload does not wait for an idle worker.
void Lane::judge_nothing(Tick now) {
  batch_.size = batch_.created_count = batch_.released_count = 0;
  processor_.process(batch_, now);
  send_released();
  for (std::size_t i = 0; i < pairs_.size() && batch_.created_count > 0; ++i)
    for (const Side side : {Side::kDevice, Side::kCore}) send_created(pairs_[i], static_cast<std::uint8_t>(i), side);
}

// `cycle`: since when the time of this leg is counted; 0 if it is not.
bool Lane::serve(std::uint8_t pair, Side side, Tick now, std::uint64_t& cycle) {
  bool any = false;
  const auto count = receive(pairs_[pair].legs[static_cast<std::size_t>(side)], pair, side, any);
  if (count > 0) judge(pair, side, count, now);
  if (count == Batch::kMaxFrames) {
    cycle = 0;
  } else if (const auto began = std::exchange(cycle, rte_rdtsc()); began != 0 && !any) {
    idle_cycles_ += cycle - began;
  }
  return any;
}

// How many frames are there for this lane to judge; `any`: some came, perhaps for others.
std::uint16_t Lane::receive(const LanePort& in, std::uint8_t pair, Side side, bool& any) {
  std::uint16_t count = 0;
  if (in.arrivals != nullptr)
    count = static_cast<std::uint16_t>(
        rte_ring_sc_dequeue_burst(in.arrivals, reinterpret_cast<void**>(received_.data()), Batch::kMaxFrames, nullptr));
  else
    count = rte_eth_rx_burst(in.port, in.queue, received_.data(), Batch::kMaxFrames);
  any = count > 0;
  if (any && share_.polls_for != nullptr)
    count = share_.polls_for->share_out(pair, side, std::span(received_).first(count), processor_);
  return count;
}

void Lane::judge(std::uint8_t pair, Side side, std::uint16_t count, Tick now) {
  judged_ = true;
  auto& legs = pairs_[pair].legs;
  take_in(legs[static_cast<std::size_t>(side)], pair, side, count);
  for (const Frame& frame : batch_.used()) forbid_around(static_cast<rte_mbuf*>(frame.handle));
  processor_.process(batch_, now);
  for (const Frame& frame : batch_.used()) allow_around(static_cast<rte_mbuf*>(frame.handle));
  send_passed(legs[static_cast<std::size_t>(other(side))]);
  send_released();
  if (batch_.created_count > 0)
    for (std::size_t i = 0; i < pairs_.size(); ++i)
      for (const Side out : {Side::kDevice, Side::kCore}) send_created(pairs_[i], static_cast<std::uint8_t>(i), out);
}

bool Lane::send_returned() {
  bool any = false;
  for (std::size_t i = 0; i < pairs_.size(); ++i)
    for (const Side side : {Side::kDevice, Side::kCore})
      any |= share_.polls_for->send_returned(i, side, pairs_[i].legs[static_cast<std::size_t>(side)]);
  return any;
}

// Counts what the polling lane did with this lane's frames since the last time.
void Lane::settle() {
  const auto sent = share_.receipt->sent.read(), refused = share_.receipt->refused.read();
  if (sent == settled_.sent && refused == settled_.refused) return;
  const auto bytes = share_.receipt->sent_bytes.read();
  processor_.count_unqueued(sent - settled_.sent + refused - settled_.refused);
  processor_.count_forwarded(sent - settled_.sent, bytes - settled_.sent_bytes);
  if (refused != settled_.refused) processor_.count_not_sent(Reason::kTxFull, refused - settled_.refused);
  settled_ = {sent, bytes, refused};
}

void Lane::take_in(const LanePort& port, std::uint8_t pair, Side side, std::uint16_t count) {
  batch_.size = count;
  batch_.created_count = batch_.released_count = 0;
  batch_.all_pass = in_pieces_ = cut_ = false;
  longest_ = 0;
  bytes_ = 0;
  const std::uint32_t cut_at = port.cut_at != 0 ? port.cut_at : ~std::uint32_t{0};
  // In registers, and not in the members: each frame would wait for what the one before it stored.
  // 64 bits: GCC 12 would take the greater of two numbers of 32 through a vector register and the stack.
  std::uint64_t longest = 0, bytes = 0;
  for (std::uint16_t i = 0; i < count; ++i) {
    rte_mbuf* buffer = received_[i];
    if ((buffer->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED) != 0 || buffer->nb_segs > 1) [[unlikely]] {
      take_in_odd(port, pair, side, i);
      continue;
    }
    const std::uint32_t length = rte_pktmbuf_pkt_len(buffer);
    batch_.frames[i] = {.bytes = {rte_pktmbuf_mtod(buffer, const std::byte*), length},
                        .wire_length = length + std::uint32_t{length >= cut_at},
                        .pair = pair,
                        .side = side,
                        .handle = buffer};
    longest = std::max<std::uint64_t>(longest, length);
    bytes += length;
  }
  cut_ |= longest >= cut_at;
  longest_ = std::max(longest_, static_cast<std::uint32_t>(longest));
  bytes_ += bytes;
}

// A frame whose tag the driver took off, or that lies in several buffers.
void Lane::take_in_odd(const LanePort& port, std::uint8_t pair, Side side, std::uint16_t i) {
  // A tag that could not be put back: the frame is as one that was cut off.
  const bool tag_lost =
      (received_[i]->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED) != 0 && rte_vlan_insert(&received_[i]) != 0;
  rte_mbuf* buffer = received_[i];
  const bool one_piece = buffer->nb_segs == 1;
  const std::uint32_t length = rte_pktmbuf_pkt_len(buffer);
  const auto readable = one_piece ? length : std::min<std::uint32_t>(length, kLongestFrame);
  const void* bytes = rte_pktmbuf_mtod(buffer, const void*);
  if (!one_piece) bytes = rte_pktmbuf_read(buffer, 0, readable, scratch_.get() + i * kLongestFrame);
  const bool cut = tag_lost || (port.cut_at != 0 && length >= port.cut_at);
  batch_.frames[i] = {.bytes = {static_cast<const std::byte*>(bytes), readable},
                      .wire_length = cut ? length + 1 : length,
                      .pair = pair,
                      .side = side,
                      .handle = buffer};
  in_pieces_ |= !one_piece;
  cut_ |= cut || readable < length;
  longest_ = std::max(longest_, length);
  bytes_ += length;
}

// Nearly always the burst goes on as it came.
void Lane::send_passed(const LanePort& out) {
  Sending passed{received_.data(), static_cast<std::uint16_t>(batch_.size), bytes_};
  if (!batch_.all_pass || cut_) [[unlikely]]
    pick_passed(out, passed);
  const bool fit =
      usable(out) && (out.send_limit == 0 || longest_ <= out.send_limit) && (!in_pieces_ || out.sends_segments);
  if (!fit) keep_sendable(out, passed);
  send(out, passed);
}

void Lane::pick_passed(const LanePort& out, Sending& passed) {
  passed.count = 0;
  passed.bytes = 0;
  for (Frame& frame : batch_.used()) {
    auto* buffer = static_cast<rte_mbuf*>(frame.handle);
    if (frame.drop != Reason::kNone || frame.held) {
      rte_pktmbuf_free(buffer);
    } else if (frame.wire_length > frame.bytes.size()) {
      refuse(out, buffer, Reason::kMalformed);  // whatever the policy says: it is not what was sent
    } else {
      passed.bytes += frame.wire_length;
      passed.frames[passed.count++] = buffer;
    }
  }
}

void Lane::send_created(LanePair& pair, std::uint8_t number, Side side) {
  const LanePort& out = pair.legs[static_cast<std::size_t>(side)];
  for (const CreatedFrame& frame : std::span(batch_.created).first(batch_.created_count)) {
    if (frame.pair != number || frame.out != side) continue;
    rte_mbuf* buffer = rte_pktmbuf_alloc(out.pool);
    if (buffer == nullptr) {
      count_not_sent(out, Reason::kTxError);
      continue;
    }
    const auto length = std::max(frame.length, kShortestFrame);
    char* room = rte_pktmbuf_append(buffer, length);  // every pool's room is larger than a created frame
    std::memset(room, 0, length);
    std::memcpy(room, frame.bytes.data(), frame.length);
    send_one(out, buffer);
  }
}

// Frames that were held, in the order in which they came. They may be longer than one buffer.
void Lane::send_released() {
  for (const ReleasedFrame& frame : std::span(batch_.released).first(batch_.released_count)) {
    const LanePort& out = pairs_[frame.pair].legs[static_cast<std::size_t>(frame.out)];
    rte_mbuf* buffer = in_buffers(frame.bytes, out.pool);
    if (buffer == nullptr)
      count_not_sent(out, Reason::kTxError);
    else
      send_one(out, buffer);
  }
}

// Takes out what this port would not send, and counts it.
void Lane::keep_sendable(const LanePort& out, Sending& frames) {
  const bool can_send = usable(out);
  std::uint16_t kept = 0;
  frames.bytes = 0;
  for (std::uint16_t i = 0; i < frames.count; ++i) {
    rte_mbuf* frame = frames.frames[i];
    const auto length = rte_pktmbuf_pkt_len(frame);
    const auto limit = out.send_limit == 0 || !tagged(frame) ? out.send_limit : out.send_limit + kTag;
    if (!can_send) {
      refuse(out, frame, Reason::kTxError);
      continue;
    }
    if (limit != 0 && length > limit) {
      refuse(out, frame, Reason::kOversize);
      continue;
    }
    if (frame->nb_segs > 1 && !out.sends_segments) {
      rte_mbuf* whole = in_one_piece(frame, out.pool);
      if (whole == nullptr) {
        refuse(out, frame, Reason::kOversize);
        continue;
      }
      frame = whole;
    }
    frames.bytes += length;
    frames.frames[kept++] = frame;
  }
  frames.count = kept;
}

void Lane::send_one(const LanePort& out, rte_mbuf* frame) {
  Sending one{&frame, 1, rte_pktmbuf_pkt_len(frame)};
  keep_sendable(out, one);
  send(out, one);
}

// A frame that is sent is no longer ours to look at: bytes are those of all, less those of what stays.
void Lane::send(const LanePort& out, Sending& frames) {
  if (frames.count == 0) return;
  if (out.departures != nullptr) return give_back(out, frames);
  const auto sent = in_tries(frames.count, [&](std::size_t from) {
    return rte_eth_tx_burst(out.port, out.queue, frames.frames + from, static_cast<std::uint16_t>(frames.count - from));
  });
  for (std::size_t i = sent; i < frames.count; ++i) {
    frames.bytes -= rte_pktmbuf_pkt_len(frames.frames[i]);
    refuse(out, frames.frames[i], Reason::kTxFull);
  }
  processor_.count_forwarded(sent, frames.bytes);
}

// To the polling lane, which has the port's only send queue.
void Lane::give_back(const LanePort& out, Sending& frames) {
  const auto taken = in_tries(frames.count, [&](std::size_t from) {
    return rte_ring_sp_enqueue_burst(out.departures, reinterpret_cast<void* const*>(frames.frames + from),
                                     static_cast<unsigned>(frames.count - from), nullptr);
  });
  processor_.count_queued(taken);
  for (std::size_t i = taken; i < frames.count; ++i) refuse(out, frames.frames[i], Reason::kTxFull);
}

void Lane::refuse(const LanePort& out, rte_mbuf* frame, Reason reason) {
  processor_.tell_lost({.bytes = {rte_pktmbuf_mtod(frame, const std::byte*), rte_pktmbuf_data_len(frame)},
                        .wire_length = rte_pktmbuf_pkt_len(frame),
                        .pair = out.pair,
                        .side = other(out.side)},
                       reason);
  rte_pktmbuf_free(frame);
  count_not_sent(out, reason);
}

void Lane::count_not_sent(const LanePort& out, Reason reason) {
  processor_.count_not_sent(reason, 1);
  if (out.not_sent != nullptr) out.not_sent->fetch_add(1, std::memory_order_relaxed);
}

}  // namespace wardline::runtime
