#pragma once
#include <string>
#include <string_view>

namespace wardline::identity {

// Whether an evidence rule's `matches:` is found in a value. Patterns are compiled once for the whole process; any
// thread may ask. A pattern that cannot be compiled matches nothing: the check of the policy has refused it before.
bool pattern_found(const std::string& pattern, std::string_view value);

}  // namespace wardline::identity
