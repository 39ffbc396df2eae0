#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace wardline::cli {

std::size_t width_of(std::string_view text);  // in characters: every one is taken to be one column wide

// Cut to `width` characters, the last of them an ellipsis, where it is longer.
std::string fitted(const std::string& text, std::size_t width);

// Words broken into lines of at most `width` columns, each line but the first behind `indent` blanks. The first begins
// at column `indent` already. A word that is longer has a line of its own. Ends without a line end.
std::string wrapped(std::string_view text, std::size_t width, std::size_t indent);

// "950", "1.2k", "34M", "5.6G": at most four characters, for figures that are looked at, not added up.
std::string amount(double value);

}  // namespace wardline::cli
