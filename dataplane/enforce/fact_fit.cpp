#include "dataplane/enforce/fact_fit.h"

#include <algorithm>

namespace wardline::enforce {
namespace {

using facts::Fact;
using facts::FactSet;
using facts::FactValue;
using facts::Scope;

// A value that was cut fits by how it begins alone: what an attacker lets it go on with is not in view.
bool fits_text(const FactValue& value, std::string_view text) {
  if (text.ends_with('*')) return value.view().starts_with(text.substr(0, text.size() - 1));
  if (value.cut) return false;
  return text.starts_with('*') ? value.view().ends_with(text.substr(1)) : value.view() == text;
}

bool fits_one(const FactValue& value, const FactTest& test) {
  return std::ranges::any_of(test.texts, [&value](const std::string& text) { return fits_text(value, text); });
}

// The value that fails the test; null: none does. Of a fact that stands alone the last one counts.
const FactValue* failing(const FactSet& set, const FactTest& test) {
  const FactValue* last = nullptr;
  for (const FactValue& value : set.values()) {
    if (value.fact != test.fact) continue;
    if (facts::several(test.fact) && !fits_one(value, test)) return &value;
    last = &value;
  }
  return last == nullptr || fits_one(*last, test) ? nullptr : last;
}

bool told(const FactSet& set, Fact fact) {
  return std::ranges::any_of(set.values(), [fact](const FactValue& value) { return value.fact == fact; });
}

bool holds_for(const FactTest& test, const FactSet& message, bool from_client) {
  if (told(message, test.fact)) return failing(message, test) == nullptr;
  return !from_client || !facts::in_each_message(test.fact);
}

Fit fit_message(const FactTest& test, const FlowFacts& facts) {
  if (facts.message == nullptr) return Fit::kYes;  // each message is asked when it comes
  return holds_for(test, *facts.message, facts.message_from_client) ? Fit::kYes : Fit::kCondition;
}

Fit fit_flow(const FactTest& test, const FlowFacts& facts) {
  if (facts.facts == nullptr) return Fit::kYes;  // not kept: on_failure.midstream says what then happens
  if ((facts.facts_pending & facts::bit(test.fact)) != 0) return Fit::kUnproved;
  if (told(*facts.facts, test.fact)) return failing(*facts.facts, test) == nullptr ? Fit::kYes : Fit::kCondition;
  return (facts.facts_unknown & facts::bit(test.fact)) != 0 ? Fit::kYes : Fit::kCondition;
}

Fit fit_test(const FactTest& test, const FlowFacts& facts) {
  return facts::scope_of(test.fact) == Scope::kMessage ? fit_message(test, facts) : fit_flow(test, facts);
}

}  // namespace

Fit fit_facts(const Snapshot& policy, const Rule& rule, const FlowFacts& facts) {
  if (facts.app_state != AppState::kProved) return Fit::kYes;
  Fit all = Fit::kYes;
  for (const FactTest& test : Snapshot::of(policy.fact_tests, rule.fact_tests)) {
    const Fit one = fit_test(test, facts);
    if (one == Fit::kCondition) return one;
    if (one == Fit::kUnproved) all = one;
  }
  return all;
}

bool message_fits(const Snapshot& policy, const Rule& rule, const FactSet& message, bool from_client) {
  return std::ranges::all_of(Snapshot::of(policy.fact_tests, rule.fact_tests), [&](const FactTest& test) {
    return facts::scope_of(test.fact) != Scope::kMessage || holds_for(test, message, from_client);
  });
}

const FactTest* unmet_test(const Snapshot& policy, const Rule& rule, const FlowFacts& facts) {
  for (const FactTest& test : Snapshot::of(policy.fact_tests, rule.fact_tests))
    if (fit_test(test, facts) == Fit::kCondition) return &test;
  return nullptr;
}

std::string_view unmet_value(const FactTest& test, const FlowFacts& facts) {
  const FactSet* set = facts::scope_of(test.fact) == Scope::kMessage ? facts.message : facts.facts;
  const FactValue* value = set == nullptr ? nullptr : failing(*set, test);
  return value == nullptr ? std::string_view{} : value->view();
}

bool asks(const Snapshot& policy, const Rule& rule, Scope scope) {
  return std::ranges::any_of(Snapshot::of(policy.fact_tests, rule.fact_tests),
                             [scope](const FactTest& test) { return facts::scope_of(test.fact) == scope; });
}

}  // namespace wardline::enforce
