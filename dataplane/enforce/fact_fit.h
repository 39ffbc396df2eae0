#pragma once
#include "dataplane/enforce/decide.h"

namespace wardline::enforce {

// Whether what the payload says is as the rule wants it: kYes, kCondition, or kUnproved while a fact is to be told.
// Only a proved application has facts; one that is taken on trust is trusted with its facts too.
Fit fit_facts(const Snapshot& policy, const Rule& rule, const FlowFacts& facts);

}  // namespace wardline::enforce
