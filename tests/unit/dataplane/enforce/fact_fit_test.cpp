#include "dataplane/enforce/fact_fit.h"

#include <gtest/gtest.h>

namespace wardline::enforce {
namespace {

using facts::Fact;
using facts::FactSet;

// Whether a flow whose server name is `name` fits a rule that lists `text`.
Fit fit_name(const std::string& name, const std::string& text) {
  Snapshot policy;
  policy.fact_tests.push_back({.fact = Fact::kTlsSni, .texts = {text}});
  Rule rule;
  rule.fact_tests = {0, 1};
  FactSet set;
  set.add(Fact::kTlsSni, name);
  FlowFacts facts;
  facts.facts = &set;
  facts.app_state = AppState::kProved;
  return fit_facts(policy, rule, facts);
}

TEST(FactFit, AStarStandsForAnyBeginOrEnd) {
  EXPECT_EQ(fit_name("update.maker.example", "*.maker.example"), Fit::kYes);
  EXPECT_EQ(fit_name("update.maker.example", "update.*"), Fit::kYes);
  EXPECT_EQ(fit_name("update.maker.example", "update.maker.example"), Fit::kYes);
  EXPECT_EQ(fit_name("update.maker.example.evil.example", "*.maker.example"), Fit::kCondition);
  EXPECT_EQ(fit_name("anything", "*"), Fit::kYes);
}

TEST(FactFit, ANameThatIsCutEndsInNothingThatARuleLists) {
  const std::string kept = std::string(facts::FactValue::kMaxText - 14, 'a') + ".maker.example";
  EXPECT_EQ(fit_name(kept, "*.maker.example"), Fit::kYes);
  EXPECT_EQ(fit_name(kept + ".evil.example", "*.maker.example"), Fit::kCondition);
  EXPECT_EQ(fit_name(kept + ".evil.example", kept), Fit::kCondition);
  EXPECT_EQ(fit_name(kept + ".evil.example", "aaaa*"), Fit::kYes) << "it begins so";
}

}  // namespace
}  // namespace wardline::enforce
