#pragma once
#include <array>
#include <cstdint>
#include <span>

#include "dataplane/batch.h"
#include "dataplane/enforce/snapshot.h"
#include "dataplane/flow/flow_key.h"

namespace wardline::glance {

// What a first look at a burst tells: which frames are plain, and whose flow they are. A frame that is not plain is no
// worse for it: it is parsed in full.
struct Burst {
  std::uint32_t plain4 = 0, plain6 = 0;  // bit i: frame i is plain, of that family; its key and hash stand at i
  std::array<flow::FlowKey4, Batch::kMaxFrames> keys4;
  std::array<flow::FlowKey6, Batch::kMaxFrames> keys6;
  std::array<std::uint64_t, Batch::kMaxFrames> hashes;

  std::uint32_t plain() const { return plain4 | plain6; }
};
static_assert(Batch::kMaxFrames == 32, "a bit for each frame");

// Fills `burst` for all frames. The segments are those of one bundle.
void look(std::span<const Frame> frames, const enforce::SegmentMap& segments, std::uint16_t bundle,
          const flow::HashSeed& seed, Burst& burst);

}  // namespace wardline::glance
