#pragma once
#include <immintrin.h>

#include <cstdint>

// Vectors of 64-bit lanes, one lane a frame: four with AVX2. Arithmetic and comparisons are the
// compiler's (GCC's vector types); here is what they have no sign for. Included where the functions that follow are
// compiled for these instructions (instructions.h), and called where the processor has them.
namespace wardline::glance {

struct Lanes4 {
  static constexpr std::size_t kCount = 4;
  using Vector = std::uint64_t __attribute__((vector_size(32)));
  using Signed = std::int64_t __attribute__((vector_size(32)));
  // Thirty-two bytes of each of four frames become four columns of eight bytes.
  struct Columns {
    Vector bytes_0, bytes_8, bytes_16, bytes_24;
  };

  [[gnu::always_inline]] static inline Columns columns(const std::byte* const* rows) {
    const auto row = [&](int i) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(rows[i])); };
    const auto row_0 = row(0), row_1 = row(1), row_2 = row(2), row_3 = row(3);
    const auto low_01 = _mm256_unpacklo_epi64(row_0, row_1), high_01 = _mm256_unpackhi_epi64(row_0, row_1);
    const auto low_23 = _mm256_unpacklo_epi64(row_2, row_3), high_23 = _mm256_unpackhi_epi64(row_2, row_3);
    return {reinterpret_cast<Vector>(_mm256_permute2x128_si256(low_01, low_23, 0x20)),
            reinterpret_cast<Vector>(_mm256_permute2x128_si256(high_01, high_23, 0x20)),
            reinterpret_cast<Vector>(_mm256_permute2x128_si256(low_01, low_23, 0x31)),
            reinterpret_cast<Vector>(_mm256_permute2x128_si256(high_01, high_23, 0x31))};
  }
  [[gnu::always_inline]] static inline Vector reversed(Vector value) {
    const auto order = _mm256_setr_epi8(7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0,
                                        15, 14, 13, 12, 11, 10, 9, 8);
    return reinterpret_cast<Vector>(_mm256_shuffle_epi8(reinterpret_cast<__m256i>(value), order));
  }
  // first of frame 0, second of frame 0, first of frame 1 ...
  [[gnu::always_inline]] static inline void store_pairs(void* at, Vector first, Vector second) {
    const auto even = _mm256_unpacklo_epi64(reinterpret_cast<__m256i>(first), reinterpret_cast<__m256i>(second));
    const auto odd = _mm256_unpackhi_epi64(reinterpret_cast<__m256i>(first), reinterpret_cast<__m256i>(second));
    auto* const to = static_cast<__m256i*>(at);
    _mm256_storeu_si256(to, _mm256_permute2x128_si256(even, odd, 0x20));
    _mm256_storeu_si256(to + 1, _mm256_permute2x128_si256(even, odd, 0x31));
  }
  // A bit for each lane that is all ones.
  [[gnu::always_inline]] static inline std::uint32_t bits(Vector value) {
    return static_cast<std::uint32_t>(_mm256_movemask_pd(reinterpret_cast<__m256d>(value)));
  }
};

}  // namespace wardline::glance
