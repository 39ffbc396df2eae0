// Kinds are plain words in two places, the shipped fingerprints that tell them and the shipped classes that ask for
// them: a word that is spelled otherwise in one of them would never be found.
#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "policy_copy.h"

namespace wardline::policy {
namespace {

using Words = std::set<std::string>;

class ShippedKinds : public testing::Test {
 protected:
  void SetUp() override {
    auto loaded = copy_.load();
    ASSERT_TRUE(loaded) << copy_.problems();
    policy_ = *loaded;
  }

  Words told() const {
    Words words;
    for (const auto& fingerprint : policy_->fingerprints.all())
      for (const auto& [attribute, value] : fingerprint.sets)
        if (attribute == "kind") words.insert(value);
    return words;
  }

  PolicyCopy copy_{Fingerprints::kCopied};
  std::shared_ptr<const Policy> policy_;
};

// `^word$` or `^(word|another word)$`: a class asks for whole words alone.
Words words_of(std::string matches) {
  for (const char mark : {'^', '(', ')', '$'}) std::erase(matches, mark);
  Words words;
  std::istringstream alternatives(matches);
  for (std::string word; std::getline(alternatives, word, '|');) words.insert(word);
  return words;
}

TEST_F(ShippedKinds, ThatAClassAsksForAreToldByAFingerprint) {
  const auto known = told();
  for (const auto& each : policy_->classes)
    for (const auto& rule : each.evidence) {
      if (rule.attribute != "kind") continue;
      for (const auto& word : words_of(rule.matches))
        EXPECT_TRUE(known.contains(word)) << rule.at.line_text() << " asks for '" << word << "'";
    }
}

TEST_F(ShippedKinds, BelongToOneClassAlone) {
  std::map<std::string, std::string> owner;
  for (const auto& each : policy_->classes)
    for (const auto& rule : each.evidence) {
      if (rule.attribute != "kind") continue;
      for (const auto& word : words_of(rule.matches)) {
        const auto [known, fresh] = owner.emplace(word, each.name);
        EXPECT_TRUE(fresh) << "'" << word << "' speaks for " << known->second << " and for " << each.name;
      }
    }
  EXPECT_GE(owner.size(), 60U);
}

TEST_F(ShippedKinds, AreWordsOfTheManual) {
  std::ifstream file(shipped_policy() + "/../docs/identification.md");
  std::stringstream manual;
  manual << file.rdbuf();
  for (const auto& word : told()) EXPECT_THAT(manual.str(), testing::HasSubstr("`" + word + "`"));
}

// What a life-critical class asks of the device itself never suffices: something else must be able to complete it.
TEST_F(ShippedKinds, OfLifeCriticalClassesNeedAnExchange) {
  for (const auto& each : policy_->classes) {
    if (each.criticality != enforce::Criticality::kLifeCritical) continue;
    const auto exchange = [](const EvidenceRule& rule) { return !rule.speaks.empty() && !rule.with.empty(); };
    EXPECT_TRUE(std::ranges::any_of(each.evidence, exchange)) << each.name;
  }
}

}  // namespace
}  // namespace wardline::policy
