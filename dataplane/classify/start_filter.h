#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <vector>

#include "dataplane/classify/gate.h"
#include "dataplane/classify/start.h"

namespace wardline::classify {

// Which of the anchored expressions of one table may match a payload at all, by its first bytes, its length and the
// gates that it reaches. It may name one that does not match, and never leaves out one that does. Immutable.
class StartFilter {
 public:
  struct Candidate {
    Start start;
    std::size_t exact_length = 0;  // 0, or what the payload must have
    std::optional<Gate> gate = {};
  };

  StartFilter() = default;
  // Neighbours share a lane: those that begin alike should stand side by side.
  explicit StartFilter(std::vector<Candidate> candidates);

  // Writes the numbers of those that may match, in their order, as many as `found` has room for. Returns how many.
  std::size_t find(std::span<const std::byte> bytes, std::span<std::uint32_t> found) const;

 private:
  // A payload is asked about all lanes at once, a bit each, and about the single candidates of those that are left.
  static constexpr std::size_t kLanes = 128, kLanePositions = 8, kLaneLengths = 64;
  struct alignas(16) Lanes {
    std::uint64_t words[kLanes / 64] = {};

    void add(std::size_t lane) { words[lane / 64] |= std::uint64_t{1} << lane % 64; }
    void keep(const Lanes& those) {
      for (std::size_t i = 0; i < std::size(words); ++i) words[i] &= those.words[i];
    }
  };

  Lanes lanes_for(std::span<const std::byte> bytes) const;
  std::uint64_t closed_gates(std::span<const std::byte> bytes, const Lanes& lanes) const;

  std::vector<Candidate> candidates_;
  std::vector<std::uint8_t> telling_;   // by candidate: so many positions tell something
  std::vector<std::uint64_t> gate_of_;  // by candidate: a bit of `gates_`, or 0: it has none
  Gates gates_;
  Lanes gated_;  // those in which some candidate has a gate
  std::array<std::uint64_t, kLanes> gates_of_lane_{};
  std::array<std::uint32_t, kLanes + 1> lane_begins_{};            // into candidates_
  std::array<std::array<Lanes, 256>, kLanePositions> lanes_at_{};  // by position and byte
  std::array<Lanes, kLaneLengths + 1> lanes_of_length_{};          // the last: that long or longer
};

}  // namespace wardline::classify
