#pragma once
#include <emmintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace wardline::packet {

// The Internet checksum (RFC 1071) is a sum in ones' complement, whose value does not depend on the byte order in which
// it is made: 0xffff over bytes that include their right checksum, on any machine. Not zero for any bytes but zeros.
inline std::uint64_t add_ones(std::span<const std::byte> bytes, std::uint64_t sum) {
  const std::byte* at = bytes.data();
  std::size_t left = bytes.size();
  if (left >= 64) {  // SSE2 is part of every x86-64
    const __m128i low = _mm_set1_epi64x(0xffffffff);
    __m128i sums = _mm_setzero_si128();
    for (; left >= 32; at += 32, left -= 32) {
      const auto first = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
      const auto second = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + 16));
      const auto lows = _mm_add_epi64(_mm_and_si128(first, low), _mm_and_si128(second, low));
      const auto highs = _mm_add_epi64(_mm_srli_epi64(first, 32), _mm_srli_epi64(second, 32));
      sums = _mm_add_epi64(sums, _mm_add_epi64(lows, highs));
    }
    std::uint64_t halves[2];
    std::memcpy(halves, &sums, sizeof halves);
    sum += halves[0] + halves[1];
  }
  for (; left >= 8; at += 8, left -= 8) {
    std::uint64_t words;
    std::memcpy(&words, at, sizeof words);
    sum += (words & 0xffffffff) + (words >> 32);
  }
  if (left >= 4) {
    std::uint32_t word;
    std::memcpy(&word, at, sizeof word);
    sum += word;
    at += 4;
    left -= 4;
  }
  if (left > 0) {
    std::uint32_t word = 0;  // as if zeros followed
    std::memcpy(&word, at, left);
    sum += word;
  }
  return sum;
}

inline std::uint16_t fold_ones(std::uint64_t sum) {
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

inline std::uint16_t ones_sum(std::span<const std::byte> bytes) {
  return fold_ones(add_ones(bytes, 0));
}

}  // namespace wardline::packet
