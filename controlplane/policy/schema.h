#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace wardline::policy {

// The files of a policy that have a form of their own.
inline constexpr std::array<std::string_view, 6> kSchemaWords{"signature", "class",        "site",
                                                              "devices",   "fingerprints", "tests"};

// JSON Schema (draft 2020-12) of one of them, for editors: keys, types and words. What takes more than one value to
// tell, and whether names exist, is told by `policy check` alone. nullopt: no such file.
std::optional<std::string> schema_of(std::string_view word);

}  // namespace wardline::policy
