#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "controlplane/signature_import/expression.h"

namespace wardline::signature_import {

// A payload in which all patterns stand where they must, with `filler` between them. nullopt: two are in each other's
// way. `length` is that of the whole where the rule asks for one.
std::optional<std::string> example_of(std::span<const PatternText> patterns, std::optional<std::uint32_t> length,
                                      char filler);

}  // namespace wardline::signature_import
