#pragma once
#include <array>
#include <span>
#include <vector>

#include "dataplane/classify/databases.h"

namespace wardline::classify {

// Which expressions make which database. `contents` are what there is to compile: databases of equal content, such as
// those of the two transports mostly are, point to one.
struct Layout {
  static constexpr std::size_t kNothing = static_cast<std::size_t>(-1);
  struct Planned {
    std::size_t content = kNothing;  // into `contents`
    std::vector<Meaning> meanings;
  };

  std::vector<std::vector<Expression>> contents;  // in an order of their own content, whatever the order of the files
  std::array<Planned, kDatabaseCount> databases;  // by database_index
  std::vector<Planned> singles;                   // of one expression each
};

// Run only where its literal was found.
inline bool is_confirmed(const Pattern& pattern) {
  return pattern.search == Search::kConfirmed && !pattern.literal.empty();
}

// In a database of its own, too. The single databases are in the order of such patterns.
inline bool is_single(const Pattern& pattern) {
  return is_confirmed(pattern) || pattern.search == Search::kAnchored;
}

// What a pattern is compiled to, its literal as a trigger aside.
Expression expression_of(const Pattern& pattern);

// The expressions point to `patterns`. Requires: every pattern's signature has traits.
Layout lay_out(std::span<const Pattern> patterns, std::span<const SignatureTraits> traits);

}  // namespace wardline::classify
