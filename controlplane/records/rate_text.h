#pragma once
#include <fmt/format.h>

#include <cstdint>
#include <string>

namespace wardline::records {

// What a link runs at, as records and the command line say it: "1 Gb/s", "100 Mb/s".
inline std::string rate_text(std::uint64_t megabits) {
  return megabits % 1000 == 0 ? fmt::format("{} Gb/s", megabits / 1000) : fmt::format("{} Mb/s", megabits);
}

}  // namespace wardline::records
