#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "dataplane/batch.h"
#include "dataplane/enforce/snapshot.h"
#include "dataplane/flow/flow_bucket.h"
#include "dataplane/flow/flow_key.h"

namespace wardline::glance {

// Sets of a burst's frames have a bit for each.
static_assert(Batch::kMaxFrames == 32);
constexpr std::uint32_t everyone(std::size_t frames) {
  return static_cast<std::uint32_t>((std::uint64_t{1} << frames) - 1);
}

// What a first look at a burst tells: which frames are plain (plain.h), and whose flow they are. A frame that is not
// plain is no worse for it: it is parsed in full.
struct Burst {
  std::uint32_t plain4 = 0, plain6 = 0;  // bit i: frame i is plain, of that family; its key and hash stand at i
  std::uint32_t edges = 0;               // of the plain ones: segments that open or end a TCP connection
  std::uint64_t bytes = 0;               // of all frames
  std::array<flow::FlowKey4, Batch::kMaxFrames> keys4;
  std::array<flow::FlowKey6, Batch::kMaxFrames> keys6;
  std::array<std::uint64_t, Batch::kMaxFrames> hashes;
  std::array<const flow::Bucket*, Batch::kMaxFrames> buckets4;  // the first of each plain frame of IPv4

  std::uint32_t plain() const { return plain4 | plain6; }
};

// What stands for all frames of a burst: the segments of both legs by VID (SegmentMap::of_leg), the flow tables' seed,
// and where the IPv4 table's buckets lie.
struct Look {
  std::array<const SegmentId*, 2> segments;  // by Side
  flow::HashSeed seed;
  flow::FirstBuckets buckets4 = {};
};

// Fills `burst` for all frames, and fetches the first bucket of each plain one of IPv4: while the next frames are
// looked at, it has time to come.
using LookAt = void (*)(std::span<const Frame> frames, const Look& how, Burst& burst);

// One frame at a time; four or eight at a time where the processor has AVX2 or AVX-512. All say the same, which a test
// holds them to.
void look_one_by_one(std::span<const Frame> frames, const Look& how, Burst& burst);
void look_avx2(std::span<const Frame> frames, const Look& how, Burst& burst);
void look_avx512(std::span<const Frame> frames, const Look& how, Burst& burst);

enum class Instructions : std::uint8_t { kPlain, kAvx2, kAvx512 };
inline constexpr std::array<std::string_view, 3> kInstructionNames{"plain", "avx2", "avx512"};

// The best that this processor has, or less if the environment variable WARDLINE_INSTRUCTIONS names less. At start.
Instructions choose_instructions();
LookAt look_with(Instructions instructions);

}  // namespace wardline::glance
