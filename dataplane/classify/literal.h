#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace wardline::classify {

inline constexpr std::size_t kShortestLiteral = 3;

// The longest byte string, of at least kShortestLiteral bytes, that stands in every match of a Hyperscan expression:
// what a confirmed expression is looked for by. Letters count under `caseless`, when the string is then looked for
// without regard to case as well; under the expression's own (?i) alone they do not. nullopt: none is certain. It
// rather misses one than names a wrong one: of several branches it takes none, and what it cannot read ends the search.
std::optional<std::string> required_literal(std::string_view expression, bool caseless);

}  // namespace wardline::classify
