#include "perf/generator/core_width.h"

#include <immintrin.h>

#include <algorithm>

namespace wardline::perf {
namespace {

// Of the time stamp counter, from probe to probe: a tenth of a millisecond, more or less.
constexpr std::uint64_t kPeriod = 250'000;
// A probe that an interrupt fell into says nothing of the core's width. Without one none takes as long.
constexpr std::uint64_t kInterrupted = 4'096;

std::uint64_t now_in_order() {
  _mm_lfence();
  const std::uint64_t now = __rdtsc();
  _mm_lfence();
  return now;
}

// 2,048 additions in four chains that do not wait for each other.
void add() {
  std::uint64_t a = 0, b = 0, c = 0, d = 0;
  for (int i = 0; i < 32; ++i)
    asm volatile(".rept 16\n add $1, %0\n add $1, %1\n add $1, %2\n add $1, %3\n .endr"
                 : "+r"(a), "+r"(b), "+r"(c), "+r"(d)
                 :
                 : "cc");
}

}  // namespace

void CoreWidth::probe() {
  const std::uint64_t began = now_in_order();
  add();
  const std::uint64_t ended = now_in_order(), took = ended - began;
  if (took < kInterrupted) {
    __atomic_store_n(&shown_.probes, ++counted_.probes, __ATOMIC_RELAXED);
    __atomic_store_n(&shown_.cycles, counted_.cycles += took, __ATOMIC_RELAXED);
  }
  // Polls come a hundred times as often from one program as from another: twice as many or half as many at a time,
  // until probes come as often as they are meant to.
  const std::uint64_t since = ended - last_;
  last_ = ended;
  if (since < kPeriod / 2) polls_ = std::min(polls_ * 2, 1U << 20);
  if (since > kPeriod * 2) polls_ = std::max(polls_ / 2, 1U);
  until_probe_ = polls_;
}

}  // namespace wardline::perf
