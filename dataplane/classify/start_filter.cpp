#include "dataplane/classify/start_filter.h"

#include <algorithm>
#include <bit>

namespace wardline::classify {
namespace {

bool has_length(const StartFilter::Candidate& candidate, std::size_t size) {
  return size >= candidate.start.shortest && (candidate.exact_length == 0 || candidate.exact_length == size);
}

// Behind the last of these positions any byte may stand.
std::size_t telling_positions(const Start& start) {
  std::size_t count = Start::kPositions;
  while (count != 0 && start.at[count - 1].all()) --count;
  return count;
}

// `asked`: positions that are known to fit. `telling`: of telling_positions().
bool may_match(const StartFilter::Candidate& candidate, std::size_t telling, std::span<const std::byte> bytes,
               std::size_t asked) {
  if (!has_length(candidate, bytes.size())) return false;
  const auto count = std::min(bytes.size(), telling);
  for (std::size_t i = asked; i < count; ++i)
    if (!candidate.start.at[i][static_cast<std::size_t>(bytes[i])]) return false;
  return true;
}

}  // namespace

StartFilter::StartFilter(std::vector<Candidate> candidates) : candidates_(std::move(candidates)) {
  for (const auto& candidate : candidates_) {
    gate_of_.push_back(candidate.gate ? gates_.add(*candidate.gate) : 0);
    telling_.push_back(static_cast<std::uint8_t>(telling_positions(candidate.start)));
  }
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const auto begin = lane * candidates_.size() / kLanes, end = (lane + 1) * candidates_.size() / kLanes;
    lane_begins_[lane] = static_cast<std::uint32_t>(begin);
    lane_begins_[lane + 1] = static_cast<std::uint32_t>(end);
    for (std::size_t i = begin; i < end; ++i) {
      const auto& candidate = candidates_[i];
      gates_of_lane_[lane] |= gate_of_[i];
      if (gate_of_[i] != 0) gated_.add(lane);
      for (std::size_t at = 0; at < kLanePositions; ++at)
        for (std::size_t byte = 0; byte < 256; ++byte)
          if (candidate.start.at[at][byte]) lanes_at_[at][byte].add(lane);
      for (std::size_t size = 0; size < kLaneLengths; ++size)
        if (has_length(candidate, size)) lanes_of_length_[size].add(lane);
      if (candidate.exact_length == 0 || candidate.exact_length >= kLaneLengths)
        lanes_of_length_[kLaneLengths].add(lane);
    }
  }
}

StartFilter::Lanes StartFilter::lanes_for(std::span<const std::byte> bytes) const {
  auto lanes = lanes_of_length_[std::min(bytes.size(), kLaneLengths)];
  const auto narrow = [&](std::size_t i) { lanes.keep(lanes_at_[i][static_cast<std::size_t>(bytes[i])]); };
  if (bytes.size() >= kLanePositions) {  // nearly always: no branch for a byte
#pragma GCC unroll 8
    for (std::size_t i = 0; i < kLanePositions; ++i) narrow(i);
  } else {
    for (std::size_t i = 0; i < bytes.size(); ++i) narrow(i);
  }
  return lanes;
}

std::size_t StartFilter::find(std::span<const std::byte> bytes, std::span<std::uint32_t> found) const {
  if (found.empty()) return 0;
  std::size_t count = 0;
  const auto left = lanes_for(bytes);
  const auto closed = closed_gates(bytes, left);
  for (std::size_t word = 0; word < std::size(left.words); ++word)
    for (auto lanes = left.words[word]; lanes != 0; lanes &= lanes - 1) {
      const auto lane = word * 64 + static_cast<std::size_t>(std::countr_zero(lanes));
      const bool alone = lane_begins_[lane + 1] - lane_begins_[lane] == 1;
      for (auto i = lane_begins_[lane]; i < lane_begins_[lane + 1]; ++i) {
        if ((gate_of_[i] & closed) != 0) continue;
        if (!may_match(candidates_[i], telling_[i], bytes, alone ? kLanePositions : 0)) continue;
        found[count++] = i;
        if (count == found.size()) return count;
      }
    }
  return count;
}

// Of the gates of these lanes those that the payload does not reach.
std::uint64_t StartFilter::closed_gates(std::span<const std::byte> bytes, const Lanes& lanes) const {
  std::uint64_t asked = 0;
  for (std::size_t word = 0; word < std::size(lanes.words); ++word)
    for (auto gated = lanes.words[word] & gated_.words[word]; gated != 0; gated &= gated - 1)
      asked |= gates_of_lane_[word * 64 + static_cast<std::size_t>(std::countr_zero(gated))];
  return asked == 0 ? 0 : asked & ~gates_.reached(bytes, asked);
}

}  // namespace wardline::classify
