#pragma once
#include <array>
#include <cstdint>
#include <memory>

#include "perf/generator/random.h"
#include "perf/generator/udp_frame.h"

namespace wardline::perf {

// Which flow comes next, as a device's place and a round. A pick fills the places of a whole burst.

class UniformPick {
 public:
  UniformPick(std::uint32_t devices, std::uint32_t rounds) : devices_(devices), rounds_(rounds) {}

  void next(Random& random, Burst::Each<std::uint32_t>& places, Burst::Each<std::uint32_t>& rounds) const {
    const std::uint64_t devices = devices_, all_rounds = rounds_, state = random.skip(Burst::kMost);
    for (std::size_t i = 0; i < Burst::kMost; ++i) {
      const std::uint64_t number = Random::at(state, i + 1);
      places[i] = static_cast<std::uint32_t>((number >> 32) * devices >> 32);
      rounds[i] = static_cast<std::uint32_t>((number & 0xffff'ffff) * all_rounds >> 32);
    }
  }

 private:
  std::uint32_t devices_, rounds_;
};

// Flow n is chosen in proportion to 1 / (n + 1). The distribution's quantiles stand in a table; between two of them,
// which differ little where they differ at all, every flow is as likely as the next.
class ZipfPick {
 public:
  ZipfPick(std::uint32_t devices, std::uint32_t rounds) : devices_(devices), quantiles_(std::make_unique<Table>()) {
    const std::uint32_t flows = devices * rounds;
    double total = 0;
    for (std::uint32_t n = 1; n <= flows; ++n) total += 1.0 / n;
    double below = 0;
    std::uint32_t n = 0;
    for (std::size_t i = 0; i < quantiles_->size(); ++i) {
      const double wanted = total * static_cast<double>(i) / kParts;
      while (n + 1 < flows && below + 1.0 / (n + 1) <= wanted) below += 1.0 / ++n;
      (*quantiles_)[i] = n;
    }
  }

  // Flow n is the device n modulo the devices': the busy flows are spread over all.
  void next(Random& random, Burst::Each<std::uint32_t>& places, Burst::Each<std::uint32_t>& rounds) const {
    for (std::size_t i = 0; i < Burst::kMost; ++i) {
      const auto flow = flow_at(random.next());
      rounds[i] = flow / devices_;
      places[i] = flow % devices_;
    }
  }

 private:
  static constexpr std::size_t kParts = 65'536;
  using Table = std::array<std::uint32_t, kParts + 1>;

  std::uint32_t flow_at(std::uint64_t number) const {
    const auto part = number >> 48;
    const std::uint32_t low = (*quantiles_)[part], high = (*quantiles_)[part + 1];
    return low + static_cast<std::uint32_t>(std::uint64_t{high - low} * static_cast<std::uint32_t>(number) >> 32);
  }

  std::uint32_t devices_;
  std::unique_ptr<Table> quantiles_;
};

}  // namespace wardline::perf
