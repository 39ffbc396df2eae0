#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wardline::classify {

inline constexpr std::size_t kShortestLiteral = 3;

// Byte strings of at least kShortestLiteral bytes one of which stands in every match of a Hyperscan expression, those
// that tell most: what a confirmed expression is looked for by. Letters count under `caseless`, when the strings are
// then looked for without regard to case as well; under the expression's own (?i) alone they do not. Empty: none are
// certain. It rather misses some than names wrong ones: what it cannot read ends the search.
std::vector<std::string> required_literals(std::string_view expression, bool caseless);

// How much it tells that one of them was found, in bytes: of the one that tells least, less what it costs that there
// are several. None: 0.
std::size_t telling_of(std::span<const std::string> literals);
// Whether `these` are better looked for than `those`.
bool tells_more(std::span<const std::string> these, std::span<const std::string> those);
// Of the shortest; 0: there is none.
std::size_t shortest_of(std::span<const std::string> literals);

}  // namespace wardline::classify
