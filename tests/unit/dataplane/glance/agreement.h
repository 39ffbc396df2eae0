#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dataplane/batch.h"
#include "dataplane/glance/glance.h"

namespace wardline::glance::test {

// The ways to look that this processor has.
std::vector<Instructions> ways();

// Looks at the frames in every way and compares what is found with what packet::parse and flow::orient4/6 say of them.
// Nothing, or what differs.
std::optional<std::string> disagreement(std::span<const std::vector<std::byte>> frames, Side side);

}  // namespace wardline::glance::test
