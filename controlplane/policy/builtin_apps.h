#pragma once
#include "controlplane/policy/signatures.h"

namespace wardline::policy {

// Names that rules may use in `app:` although no signature proves them: the code does.
void add_builtin_apps(SignatureSet& set);

// Fills `known` and `app_traits` from the names, once all applications are there.
void describe_known_apps(SignatureSet& set);

}  // namespace wardline::policy
