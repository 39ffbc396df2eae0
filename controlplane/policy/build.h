#pragma once
#include "controlplane/policy/draft.h"

namespace wardline::policy {

// The third step: a draft that passed its checks becomes numbers. Fills everything of `policy` that comes from files.
// False, with a problem in `errors`, when the registry has no number left for a class or segment.
bool build(const PolicyDraft& draft, SignatureSet signatures, const LoadOptions& options, Policy& policy,
           Errors& errors);

// Runs the expectations of tests/*.yaml against the built rules with the worker's own decision.
void check_expectations(const PolicyDraft& draft, const Policy& policy, Errors& errors);

}  // namespace wardline::policy
