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

// All its values in the order in which they were told, each once.
inline std::vector<std::string> values_of(const std::vector<Observation>& observations, std::string_view attribute) {
  std::vector<std::string> values;
  for (const auto& each : observations)
    if (each.attribute == attribute && std::ranges::count(values, each.value) == 0) values.push_back(each.value);
  return values;
}

}  // namespace wardline::identity::test
