#pragma once
#include <optional>
#include <string>
#include <string_view>

// What a pattern's text shows without compiling it.
namespace wardline::policy {

// A construct that Hyperscan cannot do, and what to do instead: "a look-ahead at its byte 12 ...". nullopt: none found.
std::optional<std::string> refused_construct(std::string_view expression);

// Alternatives beside each other outside of all groups: as in "A|B", and as in "^A|B", where ^ is of the first alone.
struct OpenAlternatives {
  bool any = false, some_without_anchor = false;
};
OpenAlternatives open_alternatives(std::string_view expression);

// Where an expression asks for the first byte behind its own beginning, as in "(?:^|x)A", "A|^B" or "(?i)^A"; nullopt:
// nowhere, or it begins with ^ itself. Such a ^ would hold wherever a scan of later bytes begins.
std::optional<std::size_t> anchor_inside(std::string_view expression);

// The bytes that an expression without any operator stands for; nullopt: it is more than fixed bytes.
std::optional<std::string> fixed_bytes_of(std::string_view expression);

// The expression that matches these bytes alone.
std::string expression_of(std::string_view bytes);

}  // namespace wardline::policy
