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
  std::array<std::vector<Planned>, kTableCount> shards;  // by table_index
  struct Whole {
    Expression expression;
    Meaning meaning;
  };
  // Anchored expressions that their first bytes decide alone (Start::whole): by table_index. Nothing is compiled.
  std::array<std::vector<Whole>, kTableCount> wholes;
  // Where all literals of a table stand in anchored expressions (`guarded`), a payload that begins like none of these
  // needs no search for them.
  std::array<std::vector<Expression>, kTableCount> guards;
  std::array<bool, kTableCount> guarded{};
  std::vector<Planned> singles;  // of one confirmed expression each, in the order of the patterns
};

// Run only where one of its literals was found.
inline bool is_confirmed(const Pattern& pattern) {
  return pattern.search == Search::kConfirmed && !pattern.literals.empty();
}

// The patterns as they are best looked for. An anchored expression that many payloads begin like, and in each of whose
// matches stands one of some telling literals, is confirmed instead: the literals of all are searched in one pass.
std::vector<Pattern> as_searched(std::span<const Pattern> patterns, std::span<const SignatureTraits> traits);

// By SignatureId: of a signature all of whose patterns must be found an anchored one, without which it cannot match;
// null: there is none.
std::vector<const Pattern*> beginnings_of(std::span<const Pattern> patterns, std::span<const SignatureTraits> traits);

// What a pattern is compiled to, its literals as triggers aside.
Expression expression_of(const Pattern& pattern);

// The expressions point to `patterns`. Requires: every pattern's signature has traits.
Layout lay_out(std::span<const Pattern> patterns, std::span<const SignatureTraits> traits);

}  // namespace wardline::classify
