#include <algorithm>
#include <cstdlib>

#include "dataplane/glance/glance.h"

namespace wardline::glance {

Instructions choose_instructions() {
  __builtin_cpu_init();
  auto best = Instructions::kPlain;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2")) best = Instructions::kAvx2;
  if (best == Instructions::kAvx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
    best = Instructions::kAvx512;
  const char* wanted = std::getenv("WARDLINE_INSTRUCTIONS");
  const auto* named = std::ranges::find(kInstructionNames, std::string_view(wanted == nullptr ? "" : wanted));
  if (named == kInstructionNames.end()) return best;
  return std::min(best, static_cast<Instructions>(named - kInstructionNames.begin()));
}

LookAt look_with(Instructions instructions) {
  constexpr std::array<LookAt, 3> kWays{look_one_by_one, look_avx2, look_avx512};
  return kWays[static_cast<std::size_t>(instructions)];
}

}  // namespace wardline::glance
