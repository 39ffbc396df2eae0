#pragma once
#include <bit>
#include <cstdint>

#include "perf/generator/board.h"

namespace wardline::perf {

// A histogram with kHistogramSteps buckets for each power of two: cycles below 64 have a bucket each, above that a
// bucket is at most 1/32 of its value wide. Bucket b >= 64 begins at (32 + b % 32) << (b / 32 - 1).
inline std::uint32_t latency_bucket(std::uint64_t cycles) {
  constexpr std::uint32_t kStepBits = std::countr_zero(kHistogramSteps);
  if (cycles < 2 * kHistogramSteps) return static_cast<std::uint32_t>(cycles);
  const auto shift = static_cast<std::uint32_t>(std::bit_width(cycles)) - kStepBits - 1;
  const auto bucket = static_cast<std::uint32_t>(shift * kHistogramSteps + (cycles >> shift));
  return bucket < kHistogramBuckets ? bucket : kHistogramBuckets - 1;
}

// The smallest latency that falls into a bucket.
inline std::uint64_t latency_of_bucket(std::uint32_t bucket) {
  if (bucket < 2 * kHistogramSteps) return bucket;
  const std::uint32_t shift = bucket / kHistogramSteps - 1;
  return (kHistogramSteps + bucket % kHistogramSteps) << shift;
}

}  // namespace wardline::perf
