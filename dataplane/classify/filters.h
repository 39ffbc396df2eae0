#pragma once
#include "dataplane/classify/layout.h"

namespace wardline::classify {

// What a payload is asked before the databases of this layout are run. Large: filled where it stays.
void fill_filters(Filters& filters, const Layout& layout, std::span<const SignatureTraits> traits);

}  // namespace wardline::classify
