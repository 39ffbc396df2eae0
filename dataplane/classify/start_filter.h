#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "dataplane/classify/gate.h"
#include "dataplane/classify/start.h"

namespace wardline::classify {

// Which of the anchored expressions of one transport and sender may match a payload at all, by its first bytes, its
// length and the gates that it reaches. A payload is asked about all parts at once, and then about the candidates of
// one. It may name one that does not match, and never leaves out one that does. Immutable once filled.
class StartFilter {
 public:
  struct Candidate {
    Start start;
    std::size_t exact_length = 0;  // 0, or what the payload must have
    std::optional<Gate> gate = {};
  };
  enum class Part : std::uint8_t { kThreats, kThreatGuards, kApplications, kApplicationGuards };

 private:
  // A part is asked about all its lanes at once, a bit each, and about the single candidates of those that are left.
  static constexpr std::size_t kParts = 4, kMostLanes = 128, kLanePositions = 8, kLaneLengths = 64;
  using PartLanes = std::array<std::uint64_t, kMostLanes / 64>;

 public:
  // Of all parts: what is asked for threats alone lies in one half, applications have the most candidates. Never across
  // two cache lines.
  struct alignas(32) Lanes {
    static constexpr std::size_t kThreatGuards = 16;
    using Half = std::uint64_t __attribute__((vector_size(16)));

    Half threats_and_guards{}, applications{};

    static constexpr std::size_t count(Part part) {
      constexpr std::size_t kCounts[] = {64, kThreatGuards, kMostLanes, 64 - kThreatGuards};
      return kCounts[static_cast<std::size_t>(part)];
    }
    PartLanes of(Part part) const {
      if (part == Part::kApplications) return {applications[0], applications[1]};
      if (part == Part::kThreats) return {threats_and_guards[0]};
      return {part == Part::kThreatGuards ? threats_and_guards[1] << (64 - kThreatGuards) >> (64 - kThreatGuards)
                                          : threats_and_guards[1] >> kThreatGuards};
    }
    void add(Part part, std::size_t lane) {
      if (part == Part::kApplicationGuards) lane += kThreatGuards;
      auto& half = part == Part::kApplications ? applications : threats_and_guards;
      const bool guards = part == Part::kThreatGuards || part == Part::kApplicationGuards;
      half[guards ? 1 : lane / 64] |= std::uint64_t{1} << lane % 64;
    }
  };

  // Once for each part. Neighbours share a lane: those that begin alike should stand side by side.
  void fill(Part part, std::vector<Candidate> candidates);

  // `applications`: false: find() must not be asked for their parts.
  Lanes lanes_for(std::span<const std::byte> bytes, bool applications) const {
    return applications ? lanes_for<true>(bytes) : lanes_for<false>(bytes);
  }

  // Writes the numbers of those of this part that may match, in their order, as many as `found` has room for. Returns
  // how many. `left`: of lanes_for() the same bytes.
  std::size_t find(Part part, const Lanes& left, std::span<const std::byte> bytes,
                   std::span<std::uint32_t> found) const {
    const auto lanes = left.of(part);
    return (lanes[0] | lanes[1]) != 0 ? parts_[static_cast<std::size_t>(part)].find(lanes, bytes, found) : 0;
  }

 private:
  using Positions = std::uint16_t;  // of a start: a bit each
  // What is asked of a candidate. Most bytes of most starts are one byte, or a letter of either case: those positions
  // are compared at once.
  struct Terms {
    alignas(16) std::array<std::uint8_t, Start::kPositions> mask{}, value{};  // a byte that may stand there, masked
    std::uint64_t gate = 0;                                                   // a bit of `gates`, or 0: it has none
    // Of the payload.
    std::uint32_t shortest = 0, longest = std::numeric_limits<std::uint32_t>::max();
    Positions telling = 0;   // those where not any byte may stand
    Positions unmasked = 0;  // of those the ones that `mask` does not tell all of

    bool has_length(std::size_t size) const { return size >= shortest && size <= longest; }
    bool has_masked(const std::byte* bytes) const;
  };
  // The candidates of one part.
  struct Filled {
    std::vector<Candidate> candidates;
    std::vector<Terms> terms;  // by candidate
    Gates gates;
    PartLanes gated{};  // those in which some candidate has a gate
    std::array<std::uint64_t, kMostLanes> gates_of_lane{};
    std::array<std::uint32_t, kMostLanes + 1> lane_begins{};  // into `candidates`

    std::size_t find(PartLanes left, std::span<const std::byte> bytes, std::span<std::uint32_t> found) const;
    bool allows(std::size_t candidate, std::span<const std::byte> bytes, Positions asked) const;
    bool fits(std::size_t candidate, std::span<const std::byte> bytes, Positions asked) const;
    std::uint64_t closed_gates(PartLanes left, std::span<const std::byte> bytes) const;
  };

  static Terms terms_of(const Candidate& candidate);
  static std::size_t next_lane(PartLanes& left);

  template <bool kApplications>
  Lanes lanes_for(std::span<const std::byte> bytes) const {
    Lanes left;
    const auto& fitting = of_length_[std::min(bytes.size(), kLaneLengths)];
    left.threats_and_guards = fitting.threats_and_guards;
    if (kApplications) left.applications = fitting.applications;
    const auto keep = [&left](const Lanes& those) {
      left.threats_and_guards &= those.threats_and_guards;
      if (kApplications) left.applications &= those.applications;
    };
    if (bytes.size() >= kLanePositions) {  // nearly always: no branch for a byte
#pragma GCC unroll 8
      for (std::size_t i = 0; i < kLanePositions; ++i) keep(at_[i][static_cast<std::size_t>(bytes[i])]);
    } else {
      for (std::size_t i = 0; i < bytes.size(); ++i) keep(at_[i][static_cast<std::size_t>(bytes[i])]);
    }
    return left;
  }

  std::array<Filled, kParts> parts_;
  std::array<std::array<Lanes, 256>, kLanePositions> at_{};  // by position and byte
  std::array<Lanes, kLaneLengths + 1> of_length_{};          // the last: that long or longer
};

}  // namespace wardline::classify
