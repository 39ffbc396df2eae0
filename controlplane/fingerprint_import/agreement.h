#pragma once
#include <vector>

#include "controlplane/fingerprint_import/entry.h"

namespace wardline::fingerprint_import {

// Entries, by their places, that ask for the same values of the same attribute.
struct SameValue {
  std::vector<std::size_t> entries;              // in their order; the first stands for all
  std::expected<Fingerprint, std::string> told;  // what they agree on, or that it is nothing
};

// All entries that can be carried over, in the order of each group's first.
std::vector<SameValue> same_values(const std::vector<Entry>& entries);

}  // namespace wardline::fingerprint_import
