#pragma once
#include <string>

namespace wardline::cli {

// The folder in which this user's commands keep compiled signatures, made if need be: `wardline/signatures` below
// XDG_CACHE_HOME or ~/.cache. "" where there is none, or where another user could write: databases are run as they are.
std::string signature_cache();

}  // namespace wardline::cli
