#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "controlplane/identity/identity.h"

namespace wardline::identity::test {

// The value of an attribute, "" when it was not told.
inline std::string value_of(const std::vector<Observation>& observations, std::string_view attribute) {
  const auto found = std::ranges::find(observations, attribute, &Observation::attribute);
  return found == observations.end() ? std::string{} : found->value;
}

}  // namespace wardline::identity::test
