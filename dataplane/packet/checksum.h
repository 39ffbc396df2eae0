#pragma once
#include <emmintrin.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace wardline::packet {

template <typename Number>
Number load(const std::byte* at) {
  Number number;
  std::memcpy(&number, at, sizeof number);
  return number;
}

// The Internet checksum (RFC 1071) is a sum in ones' complement, whose value does not depend on the byte order in which
// it is made: 0xffff over bytes that include their right checksum, on any machine. Not zero for any bytes but zeros.
inline std::uint64_t add_ones(std::span<const std::byte> bytes, std::uint64_t sum) {
  const std::byte* at = bytes.data();
  std::size_t left = bytes.size();
  constexpr std::size_t kStep = 32, kMostSteps = 8'192;  // so that no lane of 32 bits overflows
  if (left >= 2 * kStep) {                               // SSE2 is part of every x86-64
    // What adds up pairs of words takes them for signed: each is added less 32,768, which is put back at the end.
    const __m128i middle = _mm_set1_epi16(static_cast<short>(0x8000)), each = _mm_set1_epi16(1);
    const auto steps = std::min(left / kStep, kMostSteps);
    __m128i sums = _mm_setzero_si128();
    for (const auto* const end = at + steps * kStep; at != end; at += kStep) {
      const auto first = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
      const auto second = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + 16));
      sums = _mm_add_epi32(sums, _mm_add_epi32(_mm_madd_epi16(_mm_xor_si128(first, middle), each),
                                               _mm_madd_epi16(_mm_xor_si128(second, middle), each)));
    }
    std::int32_t lanes[4];
    std::memcpy(lanes, &sums, sizeof lanes);
    sum += steps * (kStep / 2) * 0x8000 +
           static_cast<std::uint64_t>(std::int64_t{lanes[0]} + lanes[1] + lanes[2] + lanes[3]);
    left -= steps * kStep;
  }
  for (; left >= 8; at += 8, left -= 8) {
    const auto words = load<std::uint64_t>(at);
    sum += (words & 0xffffffff) + (words >> 32);
  }
  if (left >= 4) {
    sum += load<std::uint32_t>(at);
    at += 4;
    left -= 4;
  }
  if (left == 0) return sum;
  // The rest as if zeros followed. It is read with bytes before it, which are shifted out.
  if (bytes.size() >= 4) return sum + (load<std::uint32_t>(at + left - 4) >> (32 - 8 * left));
  std::uint32_t word = 0;
  std::memcpy(&word, at, left);
  return sum + word;
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
