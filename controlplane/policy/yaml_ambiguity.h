#pragma once
#include <string_view>

namespace wardline::policy {

// What a reader of YAML 1.1 would make of this plain scalar instead of text: "a boolean", "a base-60 number" ...;
// "" when every reader agrees. Numbers without leading zeros are fine as text: they come out as written.
std::string_view other_reading(std::string_view text);

// "true" or "false" for the words that YAML 1.1 also takes as one (yes, On, N ...), and for True and FALSE; else "".
std::string_view meant_boolean(std::string_view text);

}  // namespace wardline::policy
