#include "dataplane/classify/start_filter.h"

#include <emmintrin.h>

#include <bit>

namespace wardline::classify {
namespace {

using Positions = std::uint16_t;

constexpr Positions first_positions(std::size_t count) {
  return static_cast<Positions>((1U << std::min(count, Start::kPositions)) - 1);
}

// The bits that all of these bytes have alike.
std::uint8_t common_bits(const ByteSet& bytes, std::uint8_t& value) {
  unsigned ones = 0xff, zeros = 0xff;
  for (unsigned byte = 0; byte < bytes.size(); ++byte) {
    if (!bytes[byte]) continue;
    ones &= byte;
    zeros &= ~byte;
  }
  value = static_cast<std::uint8_t>(ones);
  return static_cast<std::uint8_t>(ones | zeros);
}

}  // namespace

StartFilter::Terms StartFilter::terms_of(const Candidate& candidate) {
  Terms terms;
  terms.shortest = static_cast<std::uint32_t>(std::max(candidate.start.shortest, candidate.exact_length));
  if (candidate.exact_length != 0) terms.longest = static_cast<std::uint32_t>(candidate.exact_length);
  for (std::size_t i = 0; i < Start::kPositions; ++i) {
    const auto& allowed = candidate.start.at[i];
    const auto position = static_cast<Positions>(1U << i);
    terms.mask[i] = common_bits(allowed, terms.value[i]);
    if (!allowed.all()) terms.telling |= position;
    if (allowed.count() != std::size_t{1} << std::popcount(static_cast<std::uint8_t>(~terms.mask[i])))
      terms.unmasked |= position;
  }
  return terms;
}

inline bool StartFilter::Terms::has_masked(const std::byte* bytes) const {
  const auto load = [](const void* at) { return _mm_loadu_si128(static_cast<const __m128i*>(at)); };
  const auto equal = _mm_cmpeq_epi8(_mm_and_si128(load(bytes), load(mask.data())), load(value.data()));
  return _mm_movemask_epi8(equal) == 0xffff;
}

bool StartFilter::Filled::allows(std::size_t candidate, std::span<const std::byte> bytes, Positions asked) const {
  const auto& allowed = candidates[candidate].start.at;
  for (unsigned left = asked; left != 0; left &= left - 1) {
    const auto i = static_cast<std::size_t>(std::countr_zero(left));
    if (!allowed[i][static_cast<std::size_t>(bytes[i])]) return false;
  }
  return true;
}

// `asked`: positions that are not known to fit.
inline bool StartFilter::Filled::fits(std::size_t candidate, std::span<const std::byte> bytes, Positions asked) const {
  const auto& each = terms[candidate];
  if (bytes.size() < Start::kPositions) [[unlikely]] {
    const auto in_view = first_positions(bytes.size());
    return allows(candidate, bytes, static_cast<Positions>(asked & each.telling & in_view));
  }
  if (!each.has_masked(bytes.data())) return false;
  const auto left = static_cast<Positions>(asked & each.unmasked);
  return left == 0 || allows(candidate, bytes, left);
}

// Of the gates of these lanes those that the payload does not reach.
inline std::uint64_t StartFilter::Filled::closed_gates(PartLanes left, std::span<const std::byte> bytes) const {
  std::uint64_t asked = 0;
  for (std::size_t word = 0; word < left.size(); ++word)
    for (auto lanes = left[word] & gated[word]; lanes != 0; lanes &= lanes - 1)
      asked |= gates_of_lane[word * 64 + static_cast<std::size_t>(std::countr_zero(lanes))];
  return asked == 0 ? 0 : asked & ~gates.reached(bytes, asked);
}

void StartFilter::fill(Part part, std::vector<Candidate> candidates) {
  auto& filled = parts_[static_cast<std::size_t>(part)];
  filled.candidates = std::move(candidates);
  for (const auto& candidate : filled.candidates) {
    filled.terms.push_back(terms_of(candidate));
    if (candidate.gate) filled.terms.back().gate = filled.gates.add(*candidate.gate);
  }
  const auto count = filled.candidates.size(), lanes = Lanes::count(part);
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const auto begin = lane * count / lanes, end = (lane + 1) * count / lanes;
    filled.lane_begins[lane] = static_cast<std::uint32_t>(begin);
    filled.lane_begins[lane + 1] = static_cast<std::uint32_t>(end);
    for (std::size_t i = begin; i < end; ++i) {
      const auto& start = filled.candidates[i].start;
      const auto& terms = filled.terms[i];
      filled.gates_of_lane[lane] |= terms.gate;
      if (terms.gate != 0) filled.gated[lane / 64] |= std::uint64_t{1} << lane % 64;
      for (std::size_t at = 0; at < kLanePositions; ++at)
        for (std::size_t byte = 0; byte < 256; ++byte)
          if (start.at[at][byte]) at_[at][byte].add(part, lane);
      for (std::size_t size = 0; size < kLaneLengths; ++size)
        if (terms.has_length(size)) of_length_[size].add(part, lane);
      if (terms.longest >= kLaneLengths) of_length_[kLaneLengths].add(part, lane);
    }
  }
}

// Takes the first lane; kMostLanes: there is none.
inline std::size_t StartFilter::next_lane(PartLanes& left) {
  const auto take = [](std::uint64_t& lanes) {
    const auto lane = static_cast<std::size_t>(std::countr_zero(lanes));
    lanes &= lanes - 1;
    return lane;
  };
  if (left[0] != 0) return take(left[0]);
  return left[1] != 0 ? 64 + take(left[1]) : kMostLanes;
}

std::size_t StartFilter::Filled::find(PartLanes left, std::span<const std::byte> bytes,
                                      std::span<std::uint32_t> found) const {
  if (found.empty()) return 0;
  std::size_t count = 0;
  const auto closed = closed_gates(left, bytes);
  for (auto lane = next_lane(left); lane != kMostLanes; lane = next_lane(left)) {
    const auto begin = lane_begins[lane], end = lane_begins[lane + 1];
    // Of one that has its lane alone those positions are known to fit.
    const auto asked = static_cast<Positions>(end - begin == 1 ? ~first_positions(kLanePositions) : ~0U);
    for (auto i = begin; i < end; ++i) {
      if ((terms[i].gate & closed) != 0 || !terms[i].has_length(bytes.size()) || !fits(i, bytes, asked)) continue;
      found[count++] = i;
      if (count == found.size()) return count;
    }
  }
  return count;
}

}  // namespace wardline::classify
