#pragma once
#include <random>

#include "dataplane/enforce/decide.h"

namespace wardline::test {

// A policy in which everything that a decision reads makes a difference somewhere: segments, wards, classes of all
// modes and criticalities, roles, exceptions, operator's blocks, rules of all kinds.
enforce::Snapshot random_policy(std::mt19937& random, std::uint32_t epoch);

// A flow of few values, so that much of it is asked again. No facts of a payload.
enforce::FlowFacts random_facts(std::mt19937& random);

inline constexpr std::uint64_t kExceptedDevice = 11, kBlockedDevice = 22, kOtherDevice = 33;

}  // namespace wardline::test
