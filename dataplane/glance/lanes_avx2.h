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

  [[gnu::always_inline]] static inline Columns columns(const std::byte* const* rows, std::size_t from) {
    const auto row = [&](int i) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(rows[i] + from)); };
    const auto row_0 = row(0), row_1 = row(1), row_2 = row(2), row_3 = row(3);
    const auto low_01 = _mm256_unpacklo_epi64(row_0, row_1), high_01 = _mm256_unpackhi_epi64(row_0, row_1);
    const auto low_23 = _mm256_unpacklo_epi64(row_2, row_3), high_23 = _mm256_unpackhi_epi64(row_2, row_3);
    return {reinterpret_cast<Vector>(_mm256_permute2x128_si256(low_01, low_23, 0x20)),
            reinterpret_cast<Vector>(_mm256_permute2x128_si256(high_01, high_23, 0x20)),
            reinterpret_cast<Vector>(_mm256_permute2x128_si256(low_01, low_23, 0x31)),
            reinterpret_cast<Vector>(_mm256_permute2x128_si256(high_01, high_23, 0x31))};
  }
  template <std::uint64_t kValue>
  [[gnu::always_inline]] static inline Vector each() {
    return Vector{} + kValue;
  }

  // Answers for all lanes. Each question is only asked where the ones before it were answered with yes: `so_far`.
  using Mask = Vector;
  static constexpr std::uint64_t kYes = ~std::uint64_t{0};
  [[gnu::always_inline]] static inline Mask all() { return Vector{} + kYes; }
  [[gnu::always_inline]] static inline Mask same(Mask so_far, Vector a, Vector b) {
    return so_far & reinterpret_cast<Vector>(a == b);
  }
  [[gnu::always_inline]] static inline Mask differ(Mask so_far, Vector a, Vector b) {
    return so_far & ~reinterpret_cast<Vector>(a == b);
  }
  // Whether some bits, or none, of these are set.
  [[gnu::always_inline]] static inline Mask some(Mask so_far, Vector value, Vector bits) {
    return differ(so_far, value & bits, Vector{});
  }
  [[gnu::always_inline]] static inline Mask none(Mask so_far, Vector value, Vector bits) {
    return same(so_far, value & bits, Vector{});
  }
  // Of numbers below 2^63.
  [[gnu::always_inline]] static inline Mask greater(Mask so_far, Vector a, Vector b) {
    return so_far & reinterpret_cast<Vector>(reinterpret_cast<Signed>(a) > reinterpret_cast<Signed>(b));
  }
  [[gnu::always_inline]] static inline Mask both(Mask a, Mask b) { return a & b; }
  [[gnu::always_inline]] static inline Mask either(Mask a, Mask b) { return a | b; }
  [[gnu::always_inline]] static inline Vector where(Mask mask, Vector yes, Vector no) {
    return reinterpret_cast<Vector>(_mm256_blendv_epi8(reinterpret_cast<__m256i>(no), reinterpret_cast<__m256i>(yes),
                                                       reinterpret_cast<__m256i>(mask)));
  }
  [[gnu::always_inline]] static inline Vector flipped_where(Mask mask, Vector value, Vector bits) {
    return value ^ (mask & bits);
  }
  [[gnu::always_inline]] static inline Vector halves_turned(Vector value) {
    return reinterpret_cast<Vector>(_mm256_shuffle_epi32(reinterpret_cast<__m256i>(value), 0xb1));
  }

  // The bytes of each lane in another order: of even lanes and of odd ones, whose bytes begin at 8.
  [[gnu::always_inline]] static inline Vector reordered(Vector value, std::uint64_t even, std::uint64_t odd) {
    const auto low = static_cast<long long>(even), high = static_cast<long long>(odd);
    return reinterpret_cast<Vector>(
        _mm256_shuffle_epi8(reinterpret_cast<__m256i>(value), _mm256_setr_epi64x(low, high, low, high)));
  }
  // first of frame 0, second of frame 0, first of frame 1 ...
  [[gnu::always_inline]] static inline void store_pairs(void* at, Vector first, Vector second) {
    const auto even = _mm256_unpacklo_epi64(reinterpret_cast<__m256i>(first), reinterpret_cast<__m256i>(second));
    const auto odd = _mm256_unpackhi_epi64(reinterpret_cast<__m256i>(first), reinterpret_cast<__m256i>(second));
    auto* const to = static_cast<__m256i*>(at);
    _mm256_storeu_si256(to, _mm256_permute2x128_si256(even, odd, 0x20));
    _mm256_storeu_si256(to + 1, _mm256_permute2x128_si256(even, odd, 0x31));
  }
  static constexpr std::uint32_t kEveryBit = 0xf;
  // A bit for each lane.
  [[gnu::always_inline]] static inline std::uint32_t bits(Mask mask) {
    return static_cast<std::uint32_t>(_mm256_movemask_pd(reinterpret_cast<__m256d>(mask)));
  }
};

}  // namespace wardline::glance
