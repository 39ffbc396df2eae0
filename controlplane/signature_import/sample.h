#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace wardline::signature_import {

// A text that the expression matches, as short as its repeats allow: of alternatives the first, of a class one byte
// that is in it. nullopt: a construct that is not understood here.
std::optional<std::string> sample_of(std::string_view expression);

}  // namespace wardline::signature_import
