#pragma once
#include <string>
#include <vector>

#include "dataplane/runtime/kernel_interface.h"
#include "dataplane/runtime/leg_plan.h"
#include "dataplane/runtime/options.h"

namespace wardline::runtime {

// What an operator should know of a kernel interface before traffic passes: no link, offloads that hurt, tags that
// the driver changes. `peer` are the facts of a veth's other end, where it can be seen.
std::vector<Notice> advice_for_leg(const LegPlan& plan, const KernelFacts& facts, const KernelFacts* peer);

// The two legs of a pair against each other.
std::vector<Notice> advice_for_pair(const std::string& pair, const LegPlan& device, const LegPlan& core);

}  // namespace wardline::runtime
