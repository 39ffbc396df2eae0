#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>

namespace wardline::flow {

// What a segment is to the bytes that are held.
enum class Fit : std::uint8_t {
  kInOrder,         // extends the prefix: scan it before forwarding
  kAhead,           // copied to its place beyond a hole
  kRetransmission,  // nothing new, and nothing different
  kContradiction,   // differs from bytes already there: drop it
  kBeyond,          // lies past the room: wholly, or ahead of a hole and not whole
  kTooManyHoles,    // not tracked
  kEmpty,
};

// A window on one direction of a TCP flow, its bytes put in order, so that what is judged is what the receiver gets.
// It begins at the stream's first byte and may slide on. What it holds is a prefix without holes, and up to kMaxIslands
// runs of bytes ahead of a hole.
//
// Owner: one worker. Memory: a fixed buffer; never keeps an mbuf. Sequence numbers compare by signed difference (RFC
// 9293, 3.4), so they may wrap around.
template <std::uint16_t Capacity>
class OrderedBytes {
 public:
  using Fit = flow::Fit;
  static constexpr std::uint16_t kLimit = Capacity;
  static constexpr std::uint8_t kMaxIslands = 4;

  void reset() {
    started_ = slid_ = false;
    base_ = first_ = 0;
    prefix_length_ = committed_prefix_ = 0;
    island_count_ = committed_island_count_ = 0;
  }
  // SYN + 1, or the first segment seen.
  void start(std::uint32_t sequence_of_first_byte) {
    reset();
    started_ = true;
    base_ = first_ = sequence_of_first_byte;
  }
  bool started() const { return started_; }

  // Looks and copies. New bytes count only after commit(); discard() takes them back (the segment was dropped). Of a
  // segment in order, what lies past the room is left out, and so is what lies before the window: it cannot be
  // compared, so a segment wholly before it is a kRetransmission. Requires: started().
  Fit offer(std::uint32_t sequence, std::span<const std::byte> segment) {
    if (segment.empty()) return Fit::kEmpty;
    auto from = std::int64_t{static_cast<std::int32_t>(sequence - base_)};
    if (from < 0) {
      const auto before = std::min(static_cast<std::size_t>(-from), segment.size());
      segment = segment.subspan(before);
      if (segment.empty()) return Fit::kRetransmission;
      from = 0;
    }
    if (from >= kLimit) return Fit::kBeyond;
    const bool whole = static_cast<std::size_t>(from) + segment.size() <= kLimit;
    segment = segment.first(std::min(segment.size(), static_cast<std::size_t>(kLimit - from)));
    const auto place = static_cast<std::uint16_t>(from);
    if (differs(place, segment)) return Fit::kContradiction;
    if (place <= prefix_length_) return extend(place, segment);
    // Half of it kept would leave a hole that nobody fills: the receiver has those bytes.
    return whole ? keep_ahead(place, segment) : Fit::kBeyond;
  }

  void commit() {
    committed_prefix_ = prefix_length_;
    committed_island_count_ = island_count_;
    committed_islands_ = islands_;
  }
  void discard() {
    prefix_length_ = committed_prefix_;
    island_count_ = committed_island_count_;
    islands_ = committed_islands_;
  }

  // The oldest bytes leave until `history` of the prefix, or all of it if it is shorter, remain. Requires: all that was
  // offered is committed.
  void slide(std::uint16_t history) {
    if (prefix_length_ <= history) return;
    const auto leave = static_cast<std::uint16_t>(prefix_length_ - history);
    const std::size_t end = island_count_ == 0 ? prefix_length_ : islands_[island_count_ - 1].to;
    std::memmove(bytes_.data(), bytes_.data() + leave, end - leave);
    base_ += leave;
    prefix_length_ = history;
    for (std::uint8_t i = 0; i < island_count_; ++i) {
      islands_[i].from = static_cast<std::uint16_t>(islands_[i].from - leave);
      islands_[i].to = static_cast<std::uint16_t>(islands_[i].to - leave);
    }
    slid_ = true;
    trail();
    commit();
  }
  // Goes on at `sequence` with nothing held: what lay between was not seen, or must be sent again.
  void skip_to(std::uint32_t sequence) {
    const auto first = first_;
    start(sequence);
    first_ = first;
    slid_ = true;
    trail();
  }
  // Becomes what the smaller `other` is, committed.
  template <std::uint16_t Smaller>
  void take_over(const OrderedBytes<Smaller>& other) {
    static_assert(Smaller <= Capacity);
    started_ = other.started_;
    slid_ = other.slid_;
    base_ = other.base_;
    first_ = other.first_;
    prefix_length_ = other.prefix_length_;
    island_count_ = other.island_count_;
    for (std::uint8_t i = 0; i < island_count_; ++i) islands_[i] = {other.islands_[i].from, other.islands_[i].to};
    const std::size_t end = island_count_ == 0 ? prefix_length_ : islands_[island_count_ - 1].to;
    std::memcpy(bytes_.data(), other.bytes_.data(), end);
    commit();
  }

  // The in-order bytes, including those offered and not yet committed.
  std::span<const std::byte> prefix() const { return {bytes_.data(), prefix_length_}; }
  std::size_t committed_length() const { return committed_prefix_; }
  std::uint32_t base_sequence() const { return base_; }  // of the first byte held
  // Of the stream's first byte, or 1 GiB before the window in a stream that is longer: numbers come round.
  std::uint32_t first_sequence() const { return first_; }
  bool has_islands() const { return island_count_ != 0; }
  std::uint32_t end_sequence() const { return base_ + prefix_length_; }
  std::uint32_t furthest_sequence() const {  // after the last byte held, ahead of holes or not
    return base_ + (island_count_ == 0 ? prefix_length_ : islands_[island_count_ - 1].to);
  }
  bool full() const { return prefix_length_ == kLimit; }
  bool from_start() const { return !slid_; }  // prefix() begins with the stream's first byte
  std::uint32_t passed() const {
    return end_sequence() - first_;
  }  // bytes of the stream up to the prefix's end, or 1 GiB

 private:
  template <std::uint16_t>
  friend class OrderedBytes;

  struct Island {
    std::uint16_t from, to;
  };

  void trail() {
    constexpr std::uint32_t kFarthest = 1U << 30;
    if (base_ - first_ > kFarthest) first_ = base_ - kFarthest;
  }

  // Looks at the prefix and at every island that the bytes meet.
  bool differs(std::uint32_t from, std::span<const std::byte> bytes) const {
    const auto to = from + bytes.size();
    const auto in = [&](Island known) {
      const auto low = std::max<std::size_t>(from, known.from), high = std::min<std::size_t>(to, known.to);
      return low < high && std::memcmp(bytes_.data() + low, bytes.data() + (low - from), high - low) != 0;
    };
    return in({0, prefix_length_}) || std::any_of(islands_.begin(), islands_.begin() + island_count_, in);
  }

  Fit extend(std::uint16_t from, std::span<const std::byte> bytes) {
    const auto to = static_cast<std::uint16_t>(from + bytes.size());
    if (to <= prefix_length_) return Fit::kRetransmission;
    const auto known = static_cast<std::size_t>(prefix_length_ - from);
    std::memcpy(bytes_.data() + prefix_length_, bytes.data() + known, bytes.size() - known);
    prefix_length_ = to;
    absorb_islands();
    return Fit::kInOrder;
  }

  // Islands are kept ascending and apart, so those that the prefix has reached stand first.
  void absorb_islands() {
    std::uint8_t reached = 0;
    while (reached < island_count_ && islands_[reached].from <= prefix_length_) {
      prefix_length_ = std::max(prefix_length_, islands_[reached].to);
      ++reached;
    }
    std::copy(islands_.begin() + reached, islands_.begin() + island_count_, islands_.begin());
    island_count_ = static_cast<std::uint8_t>(island_count_ - reached);
  }

  Fit keep_ahead(std::uint16_t from, std::span<const std::byte> bytes) {
    Island merged{from, static_cast<std::uint16_t>(from + bytes.size())};
    std::array<Island, kMaxIslands + 1> next;
    std::uint8_t count = 0;
    bool placed = false;
    for (std::uint8_t i = 0; i < island_count_; ++i) {
      const Island island = islands_[i];
      if (island.from <= from && merged.to <= island.to) return Fit::kRetransmission;
      if (island.to < merged.from) {
        next[count++] = island;
      } else if (merged.to < island.from) {
        if (!placed) next[count++] = merged;
        placed = true;
        next[count++] = island;
      } else {
        merged = {std::min(merged.from, island.from), std::max(merged.to, island.to)};
      }
    }
    if (!placed) next[count++] = merged;
    if (count > kMaxIslands) return Fit::kTooManyHoles;
    std::memcpy(bytes_.data() + from, bytes.data(), bytes.size());  // known bytes are written once more, unchanged
    std::copy_n(next.begin(), count, islands_.begin());
    island_count_ = count;
    return Fit::kAhead;
  }

  std::uint32_t base_ = 0, first_ = 0;
  std::uint16_t prefix_length_ = 0, committed_prefix_ = 0;
  bool started_ = false, slid_ = false;
  std::uint8_t island_count_ = 0, committed_island_count_ = 0;
  std::array<Island, kMaxIslands> islands_{}, committed_islands_{};
  std::array<std::byte, kLimit> bytes_;
};

}  // namespace wardline::flow
