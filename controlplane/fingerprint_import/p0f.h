#pragma once
#include <string_view>
#include <vector>

#include "controlplane/fingerprint_import/entry.h"

namespace wardline::fingerprint_import {

// p0f.fp: one entry a signature of [tcp:request] and [http:request]; those of other sections are refused.
std::vector<Entry> read_p0f(std::string_view text);

}  // namespace wardline::fingerprint_import
