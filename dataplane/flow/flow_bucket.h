#pragma once
#include <emmintrin.h>

#include <bit>
#include <cstdint>

#include "dataplane/prefetch.h"

namespace wardline::flow {

// One cache line: eight ways of (tag, record) and the head of the bucket's overflow chain. Tag 0: the way is free.
struct alignas(64) Bucket {
  static constexpr std::uint32_t kWays = 8;

  std::uint16_t tags[kWays];
  std::uint32_t records[kWays];
  std::uint32_t chain;  // place in the overflow list + 1; 0: none
  std::uint32_t unused[3];

  // One bit (of every two) for each way with this tag; way_of() tells the lowest. SSE2 is part of every x86-64.
  std::uint32_t matching(std::uint16_t tag) const { return two_for_each(tag) & 0x5555; }
  // Two bits for each way with this tag, which way_of() understands as well.
  std::uint32_t two_for_each(std::uint16_t tag) const {
    const auto all = _mm_load_si128(reinterpret_cast<const __m128i*>(tags));
    const auto equal = _mm_cmpeq_epi16(all, _mm_set1_epi16(static_cast<short>(tag)));
    return static_cast<std::uint32_t>(_mm_movemask_epi8(equal));
  }
  bool full() const { return matching(0) == 0; }
};
static_assert(sizeof(Bucket) == 64);

// Where the first bucket of a hash lies; no buckets are there to be fetched without a table.
struct FirstBuckets {
  const Bucket* buckets = nullptr;
  std::uint32_t count = 0;

  std::uint32_t number_of(std::uint64_t hash) const { return static_cast<std::uint32_t>((hash >> 32) * count >> 32); }
  const Bucket* fetch(std::uint64_t hash) const {
    const Bucket* const bucket = buckets + number_of(hash);
    fetch_line(bucket);
    return bucket;
  }
};

inline std::uint32_t way_of(std::uint32_t hits) {
  return static_cast<std::uint32_t>(std::countr_zero(hits)) / 2;
}

// The low bits of a hash, the bucket follows from the high ones; odd, so that it is never 0.
inline std::uint16_t tag_of(std::uint64_t hash) {
  return static_cast<std::uint16_t>(hash | 1);
}

}  // namespace wardline::flow
