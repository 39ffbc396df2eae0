#pragma once
#include <array>
#include <cmath>
#include <cstdint>
#include <memory>

#include "perf/generator/random.h"

namespace wardline::perf {

// x / divisor for x below 2^32, by one multiplication.
class Divisor {
 public:
  explicit Divisor(std::uint32_t divisor) : divisor_(divisor), inverse_(divisor == 1 ? 0 : ~std::uint64_t{0} / divisor + 1) {}

  std::uint32_t quotient(std::uint32_t x) const {
    return inverse_ == 0 ? x : static_cast<std::uint32_t>(Wide{inverse_} * x >> 64);
  }
  std::uint32_t value() const { return divisor_; }

 private:
  __extension__ using Wide = unsigned __int128;
  std::uint32_t divisor_;
  std::uint64_t inverse_;
};

class UniformPick {
 public:
  explicit UniformPick(std::uint32_t flows) : flows_(flows) {}
  std::uint32_t next(Random& random) const { return random.below(flows_); }

 private:
  std::uint32_t flows_;
};

// Flow n is chosen in proportion to 1 / (n + 1). The distribution's quantiles stand in a table; between two of them,
// which differ little where they differ at all, every flow is as likely as the next.
class ZipfPick {
 public:
  explicit ZipfPick(std::uint32_t flows) : quantiles_(std::make_unique<Table>()) {
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

  std::uint32_t next(Random& random) const {
    const std::uint64_t number = random.next();
    const auto part = number >> 48;
    const std::uint32_t low = (*quantiles_)[part], high = (*quantiles_)[part + 1];
    return low + static_cast<std::uint32_t>((std::uint64_t{high - low} * static_cast<std::uint32_t>(number)) >> 32);
  }

 private:
  static constexpr std::size_t kParts = 65'536;
  using Table = std::array<std::uint32_t, kParts + 1>;
  std::unique_ptr<Table> quantiles_;
};

}  // namespace wardline::perf
