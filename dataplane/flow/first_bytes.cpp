#include "dataplane/flow/first_bytes.h"

#include <algorithm>
#include <cstring>

namespace wardline::flow {

void FirstBytes::reset() {
  started_ = false;
  base_ = 0;
  prefix_length_ = committed_prefix_ = 0;
  island_count_ = committed_island_count_ = 0;
}

void FirstBytes::start(std::uint32_t sequence_of_first_byte) {
  reset();
  started_ = true;
  base_ = sequence_of_first_byte;
}

FirstBytes::Fit FirstBytes::offer(std::uint32_t sequence, std::span<const std::byte> segment) {
  if (segment.empty()) return Fit::kEmpty;
  // Signed difference (RFC 9293, 3.4): right across the wrap-around of sequence numbers.
  auto from = std::int64_t{static_cast<std::int32_t>(sequence - base_)};
  if (from < 0) {
    const auto before = std::min(static_cast<std::size_t>(-from), segment.size());
    segment = segment.subspan(before);
    if (segment.empty()) return Fit::kRetransmission;
    from = 0;
  }
  if (from >= kLimit) return Fit::kBeyond;
  segment = segment.first(std::min(segment.size(), static_cast<std::size_t>(kLimit - from)));
  const auto place = static_cast<std::uint16_t>(from);
  if (contradicts(place, segment)) return Fit::kContradiction;
  return place <= prefix_length_ ? extend(place, segment) : keep_ahead(place, segment);
}

// Looks at the prefix and at every island that the bytes meet.
bool FirstBytes::contradicts(std::uint32_t from, std::span<const std::byte> bytes) const {
  const auto to = from + bytes.size();
  const auto differs = [&](Island known) {
    const auto low = std::max<std::size_t>(from, known.from), high = std::min<std::size_t>(to, known.to);
    return low < high && std::memcmp(bytes_.data() + low, bytes.data() + (low - from), high - low) != 0;
  };
  return differs({0, prefix_length_}) || std::any_of(islands_.begin(), islands_.begin() + island_count_, differs);
}

FirstBytes::Fit FirstBytes::extend(std::uint16_t from, std::span<const std::byte> bytes) {
  const auto to = static_cast<std::uint16_t>(from + bytes.size());
  if (to <= prefix_length_) return Fit::kRetransmission;
  const auto known = static_cast<std::size_t>(prefix_length_ - from);
  std::memcpy(bytes_.data() + prefix_length_, bytes.data() + known, bytes.size() - known);
  prefix_length_ = to;
  absorb_islands();
  return Fit::kInOrder;
}

// Islands are kept ascending and apart, so those that the prefix has reached stand first.
void FirstBytes::absorb_islands() {
  std::uint8_t reached = 0;
  while (reached < island_count_ && islands_[reached].from <= prefix_length_) {
    prefix_length_ = std::max(prefix_length_, islands_[reached].to);
    ++reached;
  }
  std::copy(islands_.begin() + reached, islands_.begin() + island_count_, islands_.begin());
  island_count_ = static_cast<std::uint8_t>(island_count_ - reached);
}

FirstBytes::Fit FirstBytes::keep_ahead(std::uint16_t from, std::span<const std::byte> bytes) {
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

void FirstBytes::commit() {
  committed_prefix_ = prefix_length_;
  committed_island_count_ = island_count_;
  committed_islands_ = islands_;
}

void FirstBytes::discard() {
  prefix_length_ = committed_prefix_;
  island_count_ = committed_island_count_;
  islands_ = committed_islands_;
}

}  // namespace wardline::flow
