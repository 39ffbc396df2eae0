#pragma once
#include <cstddef>
#include <span>

#include "dataplane/facts/fact.h"

namespace wardline::work {

// Whether the first message of a direction, the one that tells flow-constant facts, is there whole, so that a fact
// which it does not tell is not told any more. True also of bytes that do not begin one.
bool first_message_whole(facts::Reader reader, std::span<const std::byte> bytes);

}  // namespace wardline::work
