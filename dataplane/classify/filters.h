#pragma once
#include "dataplane/classify/layout.h"

namespace wardline::classify {

// What a payload is asked before the databases of this layout are run, by table_index.
std::array<Filters, kTableCount> filters_of(const Layout& layout, std::span<const SignatureTraits> traits);

}  // namespace wardline::classify
