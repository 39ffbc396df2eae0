#pragma once
#include <immintrin.h>

#include <cstdint>

// Eight lanes of 64 bits with AVX-512: see lanes_avx2.h.
namespace wardline::glance {

struct Lanes8 {
  static constexpr std::size_t kCount = 8;
  using Vector = std::uint64_t __attribute__((vector_size(64)));
  using Signed = std::int64_t __attribute__((vector_size(64)));
  struct Columns {
    Vector bytes_0, bytes_8, bytes_16, bytes_24;
  };

  // Rows 0, 2, 4, 6 and 1, 3, 5, 7 lie in the halves of four registers, so that frames come out in their order.
  [[gnu::always_inline]] static inline Columns columns(const std::byte* const* rows) {
    const auto two = [&](int i, int j) {
      return _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(rows[i]))),
                                _mm256_loadu_si256(reinterpret_cast<const __m256i*>(rows[j])), 1);
    };
    const auto rows_04 = two(0, 4), rows_15 = two(1, 5), rows_26 = two(2, 6), rows_37 = two(3, 7);
    const auto low_a = _mm512_unpacklo_epi64(rows_04, rows_15), high_a = _mm512_unpackhi_epi64(rows_04, rows_15);
    const auto low_b = _mm512_unpacklo_epi64(rows_26, rows_37), high_b = _mm512_unpackhi_epi64(rows_26, rows_37);
    const auto first = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13),
               later = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
    return {reinterpret_cast<Vector>(_mm512_permutex2var_epi64(low_a, first, low_b)),
            reinterpret_cast<Vector>(_mm512_permutex2var_epi64(high_a, first, high_b)),
            reinterpret_cast<Vector>(_mm512_permutex2var_epi64(low_a, later, low_b)),
            reinterpret_cast<Vector>(_mm512_permutex2var_epi64(high_a, later, high_b))};
  }
  [[gnu::always_inline]] static inline Vector reversed(Vector value) {
    const auto order = _mm512_set4_epi32(0x08090a0b, 0x0c0d0e0f, 0x00010203, 0x04050607);
    return reinterpret_cast<Vector>(_mm512_shuffle_epi8(reinterpret_cast<__m512i>(value), order));
  }
  [[gnu::always_inline]] static inline void store_pairs(void* at, Vector first, Vector second) {
    const auto low = _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11), high = _mm512_setr_epi64(4, 12, 5, 13, 6, 14, 7, 15);
    const auto a = reinterpret_cast<__m512i>(first), b = reinterpret_cast<__m512i>(second);
    auto* const to = static_cast<__m512i*>(at);
    _mm512_storeu_si512(to, _mm512_permutex2var_epi64(a, low, b));
    _mm512_storeu_si512(to + 1, _mm512_permutex2var_epi64(a, high, b));
  }
  [[gnu::always_inline]] static inline std::uint32_t bits(Vector value) {
    return _mm512_movepi64_mask(reinterpret_cast<__m512i>(value));
  }
};

}  // namespace wardline::glance
