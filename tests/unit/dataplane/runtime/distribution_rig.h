#pragma once
#include <cstring>
#include <set>
#include <span>
#include <vector>

#include "dataplane/runtime/frame_processor.h"
#include "dataplane/runtime/worker_choice.h"
#include "tests/unit/dataplane/runtime/wire_rig.h"

namespace wardline::runtime {

// A UDP frame of a device toward one peer, or back, that says in its payload how many of its kind came before it.
struct IpFrame {
  Side side = Side::kDevice;  // the leg it comes in by
  std::uint32_t device = 0;   // IPv4 address
  std::uint32_t number = 0;
};

inline void put_number(Bytes& bytes, std::size_t at, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) bytes[at + i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
}

inline std::uint32_t number_at(const Bytes& bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = value << 8 | bytes[at + i];
  return value;
}

inline Bytes ip_frame(const IpFrame& frame, std::size_t length) {
  constexpr std::uint32_t kPeer = 0x0a020009;
  auto bytes = frame_of(length);
  bytes[14] = 0x45;
  bytes[23] = 17;
  put_number(bytes, 26, frame.side == Side::kDevice ? frame.device : kPeer);
  put_number(bytes, 30, frame.side == Side::kDevice ? kPeer : frame.device);
  put_number(bytes, 42, frame.number);
  bytes[46] = static_cast<std::uint8_t>(frame.side);
  return bytes;
}

inline IpFrame read_ip_frame(const Bytes& bytes) {
  const Side side = static_cast<Side>(bytes.at(46));
  return {side, number_at(bytes, side == Side::kDevice ? 26 : 30), number_at(bytes, 42)};
}

inline std::uint32_t hash_of_device(std::uint32_t device) {
  const auto bytes = ip_frame({Side::kDevice, device, 0}, 60);
  return device_side_hash(std::as_bytes(std::span(bytes)), Side::kDevice);
}

// Drops the frames of some devices, remembers all, and keeps books like a worker.
class JudgingProcessor final : public FrameProcessor {
 public:
  void process(Batch& batch, Tick) override {
    for (Frame& frame : batch.used()) {
      const auto* first = reinterpret_cast<const std::uint8_t*>(frame.bytes.data());
      seen.push_back(read_ip_frame(Bytes(first, first + frame.bytes.size())));
      EXPECT_EQ(seen.back().side, frame.side);
      if (!blocked.contains(seen.back().device)) continue;
      frame.drop = Reason::kNoRule;
      counters_.drop(Reason::kNoRule);
    }
    counters_.received.add(batch.size);
  }
  void count_forwarded(std::uint64_t frames, std::uint64_t bytes) override {
    counters_.forwarded.add(frames);
    counters_.forwarded_bytes.add(bytes);
  }
  void count_not_sent(Reason reason, std::uint64_t frames) override { counters_.drop(reason, frames); }
  void count_unjudged(Reason reason, std::uint64_t frames, std::uint64_t) override {
    counters_.received.add(frames);
    counters_.drop(reason, frames);
  }
  void count_queued(std::uint64_t frames) override { counters_.held.add(frames); }
  void tell_lost(const Frame& frame, Reason) override {
    const auto* first = reinterpret_cast<const std::uint8_t*>(frame.bytes.data());
    lost.push_back(read_ip_frame(Bytes(first, first + frame.bytes.size())));
    EXPECT_EQ(lost.back().side, frame.side);
  }
  void count_unqueued(std::uint64_t frames) override { counters_.held.take(frames); }
  const WorkerCounters& counters() const override { return counters_; }

  std::set<std::uint32_t> blocked;
  std::vector<IpFrame> seen, lost;

 private:
  WorkerCounters counters_;
};

struct Books {
  std::uint64_t received = 0, created = 0, forwarded = 0, dropped = 0, held = 0;

  void add(const WorkerCounters& counters) {
    received += counters.received.read();
    created += counters.created.read();
    forwarded += counters.forwarded.read();
    dropped += counters.dropped_total();
    held += counters.held.read();
  }
  bool balance() const { return received + created == forwarded + dropped + held; }
};

inline Books books_of(std::span<const JudgingProcessor> processors) {
  Books books;
  for (const auto& processor : processors) books.add(processor.counters());
  return books;
}

}  // namespace wardline::runtime
