#pragma once
#include <string>

#include "controlplane/records/facts.h"

namespace wardline::records {

// What happened, which rule or why none, at which file and line, what was done, and what would allow it: sentences that
// a person reads at three in the morning without the manual.
std::string explain(const Facts& facts);

// Parts of it, for `wardline explain`.
std::string what_happened(const Facts& facts);     // "Smart TV tv-4b (class smart-tv) tried to open tls to ..."
std::string why(const Facts& facts);               // "No rule of class smart-tv allows it (...); default is deny."
std::string what_was_done(const Facts& facts);     // "Blocked: 3 packets dropped."
std::string what_would_allow(const Facts& facts);  // "" for what was allowed
std::string policy_version(const Head& head);      // "Policy 3f2a1c9d4e5f (commit 1a2b3c4d)."

}  // namespace wardline::records
