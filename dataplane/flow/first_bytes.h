#pragma once
#include <array>
#include <cstdint>
#include <span>

#include "dataplane/flow/flow_record.h"
#include "dataplane/flow/lazy_array.h"

namespace wardline::flow {

// The first bytes of one direction of a TCP flow, put in order, so that what is judged is what the receiver gets.
// Owner: one worker. Memory: a fixed buffer; never keeps an mbuf. Sequence numbers compare by signed difference.
class FirstBytes {
 public:
  static constexpr std::uint16_t kLimit = 2048;
  static constexpr std::uint8_t kMaxIslands = 4;  // runs of bytes ahead of a hole

  enum class Fit : std::uint8_t {
    kInOrder,         // extends the prefix: scan prefix() before forwarding
    kAhead,           // copied to its place beyond a hole: forward under the undecided limits
    kRetransmission,  // nothing new, and nothing different
    kContradiction,   // differs from bytes already there: drop it
    kBeyond,          // lies wholly past the buffer
    kTooManyHoles,    // not tracked: on_failure.reassembly_limit
    kEmpty,
  };

  void start(std::uint32_t sequence_of_first_byte);  // SYN + 1, or the first segment seen (mid-stream)
  bool started() const { return started_; }
  // Looks and copies. New bytes count only after commit(); discard() takes them back (the segment was dropped).
  // The part of a segment past kLimit is ignored when what lies before it fits, and so is the part before the first
  // byte: it was never seen, so a segment wholly before it is a kRetransmission.
  // Requires: started().
  Fit offer(std::uint32_t sequence, std::span<const std::byte> segment);
  void commit();
  void discard();
  // The in-order prefix, including bytes offered and not yet committed.
  std::span<const std::byte> prefix() const { return {bytes_.data(), prefix_length_}; }
  std::uint32_t base_sequence() const { return base_; }
  bool full() const { return prefix_length_ == kLimit; }
  void reset();

 private:
  struct Island {
    std::uint16_t from, to;
  };
  bool contradicts(std::uint32_t from, std::span<const std::byte> bytes) const;
  Fit extend(std::uint16_t from, std::span<const std::byte> bytes);
  Fit keep_ahead(std::uint16_t from, std::span<const std::byte> bytes);
  void absorb_islands();

  bool started_ = false;
  std::uint32_t base_ = 0;
  std::uint16_t prefix_length_ = 0, committed_prefix_ = 0;
  std::uint8_t island_count_ = 0, committed_island_count_ = 0;
  std::array<Island, kMaxIslands> islands_{}, committed_islands_{};
  std::array<std::byte, kLimit> bytes_;
};

// What an undecided flow needs beyond its record. [0] from the device side, [1] to it.
struct UndecidedState {
  std::array<FirstBytes, 2> direction;
  std::array<std::uint16_t, 2> acknowledged;  // bytes of the prefix that the receiver says it has
  std::array<std::uint32_t, 2> bytes_forwarded;
  std::array<std::uint16_t, 2> packets_forwarded;
  std::uint32_t next_free;
};

// Fixed pool of UndecidedState. Empty pool: on_failure.buffer_pool_exhausted.
class UndecidedPool {
 public:
  explicit UndecidedPool(std::uint32_t capacity);
  std::uint32_t take();  // kNoSide when exhausted; the state is reset
  void give_back(std::uint32_t index);
  UndecidedState& operator[](std::uint32_t index) { return states_[index]; }
  std::uint32_t in_use() const { return in_use_; }
  std::uint32_t capacity() const { return capacity_; }

 private:
  LazyArray<UndecidedState> states_;
  std::uint32_t capacity_, free_ = kNoSide, fresh_ = 0, in_use_ = 0;  // states from fresh_ on were never used
};

}  // namespace wardline::flow
