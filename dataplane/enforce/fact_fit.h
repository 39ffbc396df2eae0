#pragma once
#include "dataplane/enforce/decide.h"

namespace wardline::enforce {

// Whether what the payload says is as the rule wants it: kYes, kCondition, or kUnproved while a fact is to be told.
// Only a proved application has facts; one that is taken on trust is trusted with its facts too.
Fit fit_facts(const Snapshot& policy, const Rule& rule, const FlowFacts& facts);

// Whether a message is as the rule wants it, whatever the rule says of the flow. Where the rule allows the flow and
// nobody is quarantined, decide() then allows the message, by this rule or by one before it.
bool message_fits(const Snapshot& policy, const Rule& rule, const facts::FactSet& message, bool from_client);

}  // namespace wardline::enforce
