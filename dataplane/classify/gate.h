#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "dataplane/classify/expression_reader.h"

namespace wardline::classify {

// A place that every match of an anchored expression comes to: it holds one of `opens`, and before the first of those
// nothing but `leads`. Of ^[A-Z]{3,8} [^\r\n ]*'or the line leads to an apostrophe.
struct Gate {
  ByteSet leads, opens;
};

// The one that is reached most rarely; none, where it would be reached often, or at once, or any bytes lead there: to
// look for it would tell little. Requires: the expression is anchored in all its alternatives.
std::optional<Gate> gate_of(std::string_view expression, bool caseless);

// Up to 64 gates, looked for at once: a bit each. Immutable once filled.
class Gates {
 public:
  static constexpr std::size_t kMost = 64;

  // The bit of this gate; 0: there is no room for it.
  std::uint64_t add(const Gate& gate);
  // Which of the gates `asked` are reached. Of a payload whose first kFarthest bytes do not tell: those as well.
  std::uint64_t reached(std::span<const std::byte> bytes, std::uint64_t asked) const;

 private:
  static constexpr std::size_t kFarthest = 256;
  struct Step {
    std::uint64_t opens = 0, ends = 0;  // what this byte opens, and what it ends the way to
  };

  std::array<Step, 256> steps_{};
  std::size_t count_ = 0;
};

}  // namespace wardline::classify
