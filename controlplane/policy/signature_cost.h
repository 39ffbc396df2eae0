#pragma once
#include <string>
#include <vector>

#include "controlplane/policy/signatures.h"

namespace wardline::policy {

// A signature that costs a worker notably more than the fixed bytes and anchored expressions that most are.
struct SignatureCost {
  std::string id;
  Location at;
  unsigned weight = 0;  // to order by; of no unit
  std::string why;      // and what to do
};

// The costliest first, at most `most`.
std::vector<SignatureCost> costly_signatures(const SignatureSet& set, std::size_t most);

}  // namespace wardline::policy
