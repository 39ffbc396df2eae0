#pragma once
#include <immintrin.h>

#include <cstdint>

// Eight lanes of 64 bits with AVX-512: see lanes_avx2.h.
namespace wardline::glance {

struct Lanes8 {
  static constexpr std::size_t kCount = 8;
  using Vector = std::uint64_t __attribute__((vector_size(64)));
  struct Columns {
    Vector bytes_0, bytes_8, bytes_16, bytes_24;
  };

  // Rows 0, 2, 4, 6 and 1, 3, 5, 7 lie in the halves of four registers, so that frames come out in their order.
  [[gnu::always_inline]] static inline Columns columns(const std::byte* const* rows, std::size_t from) {
    const auto two = [&](int i, int j) {
      return _mm512_inserti64x4(
          _mm512_castsi256_si512(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(rows[i] + from))),
          _mm256_loadu_si256(reinterpret_cast<const __m256i*>(rows[j] + from)), 1);
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
  using Mask = __mmask8;
  [[gnu::always_inline]] static inline __m512i in(Vector value) { return reinterpret_cast<__m512i>(value); }
  // From memory: GCC 12 would take constants that it has no register for through one of the scalar registers each time,
  // which costs a processor two steps where a load costs one.
  template <std::uint64_t kValue>
  [[gnu::always_inline]] static inline Vector each() {
    Vector value;
    asm("vpbroadcastq %1, %0" : "=v"(value) : "m"(kInMemory<kValue>));
    return value;
  }
  template <std::uint64_t kValue>
  static constexpr std::uint64_t kInMemory = kValue;

  [[gnu::always_inline]] static inline Mask all() { return 0xff; }
  [[gnu::always_inline]] static inline Mask same(Mask so_far, Vector a, Vector b) {
    return _mm512_mask_cmpeq_epi64_mask(so_far, in(a), in(b));
  }
  [[gnu::always_inline]] static inline Mask differ(Mask so_far, Vector a, Vector b) {
    return _mm512_mask_cmpneq_epi64_mask(so_far, in(a), in(b));
  }
  [[gnu::always_inline]] static inline Mask some(Mask so_far, Vector value, Vector bits) {
    return _mm512_mask_test_epi64_mask(so_far, in(value), in(bits));
  }
  [[gnu::always_inline]] static inline Mask none(Mask so_far, Vector value, Vector bits) {
    return _mm512_mask_testn_epi64_mask(so_far, in(value), in(bits));
  }
  [[gnu::always_inline]] static inline Mask greater(Mask so_far, Vector a, Vector b) {
    return _mm512_mask_cmpgt_epi64_mask(so_far, in(a), in(b));
  }
  [[gnu::always_inline]] static inline Mask both(Mask a, Mask b) { return _kand_mask8(a, b); }
  [[gnu::always_inline]] static inline Mask either(Mask a, Mask b) { return _kor_mask8(a, b); }
  [[gnu::always_inline]] static inline Vector where(Mask mask, Vector yes, Vector no) {
    return reinterpret_cast<Vector>(_mm512_mask_blend_epi64(mask, in(no), in(yes)));
  }
  [[gnu::always_inline]] static inline Vector flipped_where(Mask mask, Vector value, Vector bits) {
    return reinterpret_cast<Vector>(_mm512_mask_xor_epi64(in(value), mask, in(value), in(bits)));
  }
  [[gnu::always_inline]] static inline Vector halves_turned(Vector value) {
    return reinterpret_cast<Vector>(_mm512_rol_epi64(in(value), 32));
  }

  [[gnu::always_inline]] static inline Vector reordered(Vector value, std::uint64_t even, std::uint64_t odd) {
    const auto low = static_cast<long long>(even), high = static_cast<long long>(odd);
    return reinterpret_cast<Vector>(_mm512_shuffle_epi8(in(value), _mm512_set4_epi64(high, low, high, low)));
  }
  [[gnu::always_inline]] static inline void store_pairs(void* at, Vector first, Vector second) {
    const auto low = _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11), high = _mm512_setr_epi64(4, 12, 5, 13, 6, 14, 7, 15);
    const auto a = reinterpret_cast<__m512i>(first), b = reinterpret_cast<__m512i>(second);
    auto* const to = static_cast<__m512i*>(at);
    _mm512_storeu_si512(to, _mm512_permutex2var_epi64(a, low, b));
    _mm512_storeu_si512(to + 1, _mm512_permutex2var_epi64(a, high, b));
  }
  static constexpr std::uint32_t kEveryBit = 0xff;
  [[gnu::always_inline]] static inline std::uint32_t bits(Mask mask) { return mask; }
};

}  // namespace wardline::glance
