#pragma once
#include "dataplane/detect/watched.h"

namespace wardline::detect {

inline constexpr CoarseTick kStart = 5'000'000;  // when a test begins: some time after the clock did

// One detector enabled, all others not.
inline Settings only(Detector detector, std::uint32_t count, std::uint32_t within_seconds) {
  Settings settings{};
  settings[static_cast<std::size_t>(detector)] = {
      .enabled = true, .count = count, .within_seconds = within_seconds, .signature = 7};
  return settings;
}

inline constexpr CoarseTick seconds(std::uint64_t count) {
  return coarse_duration(count * kSecond);
}

}  // namespace wardline::detect
