#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wardline::classify {

inline constexpr std::size_t kShortestLiteral = 3;

// Whether letters match in both cases: those of the expression, and those of the strings when they are looked for.
struct Caseless {
  bool expression = false, strings = false;
};

// Byte strings of at least kShortestLiteral bytes, and at most 256, one of which stands in every match of a Hyperscan
// expression, those that tell most: what a confirmed expression is looked for by. Where strings are looked for in their
// own case, letters that the expression matches in both do not count. Empty: none are certain. It rather misses some
// than names wrong ones: what it cannot read ends the search.
std::vector<std::string> required_literals(std::string_view expression, Caseless caseless);

// How much it tells that one of them was found, in bytes: of the one that tells least, less what it costs that there
// are several. None: 0.
std::size_t telling_of(std::span<const std::string> literals);
// Whether `these` are better looked for than `those`.
bool tells_more(std::span<const std::string> these, std::span<const std::string> those);
// Of the shortest; 0: there is none.
std::size_t shortest_of(std::span<const std::string> literals);

}  // namespace wardline::classify
