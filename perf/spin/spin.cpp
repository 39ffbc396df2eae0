// A loop that does nothing but look at the time-stamp counter, for SECONDS on the core that it is pinned to: what the
// machine itself takes away. Prints one JSON object: {"seconds", "tsc_hz", "gaps": [[microseconds, how many], ...]} of
// all gaps above one microsecond, in buckets of which each is a 32nd of a power of two wide.
#include <x86intrin.h>

#include <array>
#include <bit>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

constexpr unsigned kSteps = 32;
std::array<std::uint64_t, 64 * kSteps> gaps;

unsigned bucket_of(std::uint64_t cycles) {
  const auto shift = static_cast<unsigned>(std::bit_width(cycles)) - 6;
  return shift * kSteps + static_cast<unsigned>(cycles >> shift);
}

std::uint64_t first_of(unsigned bucket) {
  return std::uint64_t{kSteps + bucket % kSteps} << (bucket / kSteps - 1);
}

}  // namespace

int main(int argc, char** argv) {
  using Clock = std::chrono::steady_clock;
  const double seconds = argc == 2 ? std::atof(argv[1]) : 0;
  if (seconds <= 0 || seconds > 600) return std::fprintf(stderr, "spin: usage: spin SECONDS (at most 600)\n"), 2;
  const auto began = Clock::now();
  const auto until = began + std::chrono::duration<double>(seconds);
  const auto first = __rdtsc();
  constexpr std::uint64_t kLeast = 2000;  // cycles: below a microsecond on every machine that is worth measuring
  auto last = first;
  for (std::uint64_t turn = 0; (turn & 0xfffff) != 0 || Clock::now() < until; ++turn) {
    const auto now = __rdtsc();
    if (now - last > kLeast) ++gaps[bucket_of(now - last)];
    last = now;
  }
  const double took = std::chrono::duration<double>(Clock::now() - began).count();
  const double hz = static_cast<double>(__rdtsc() - first) / took;
  std::printf(R"({"seconds": %.3f, "tsc_hz": %.0f, "gaps": [)", took, hz);
  const char* separator = "";
  for (unsigned bucket = kSteps; bucket < gaps.size(); ++bucket) {
    if (gaps[bucket] == 0) continue;
    std::printf("%s[%.2f, %llu]", separator, static_cast<double>(first_of(bucket)) / hz * 1e6,
                static_cast<unsigned long long>(gaps[bucket]));
    separator = ", ";
  }
  std::puts("]}");
}
