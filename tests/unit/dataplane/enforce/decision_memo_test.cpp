// What is remembered is what `decide` says, whatever was asked before.
#include "dataplane/enforce/decision_memo.h"

#include <gtest/gtest.h>

#include <functional>

#include "tests/unit/dataplane/enforce/random_policy.h"

namespace wardline::enforce {
namespace {

using test::random_facts;
using test::random_policy;

constexpr flow::HashSeed kSeed{{0x1234'5678'9abc'def1, 0x0fed'cba9'8765'4321, 0x5555'aaaa'3333'cccc, 0x7777}};

// One field of a question, and how it becomes that of another question.
struct Field {
  const char* name;
  std::function<void(FlowFacts& facts, const FlowFacts& other)> take;
};

const std::vector<Field> kFields{
    {"segment", [](auto& facts, auto& other) { facts.segment = other.segment; }},
    {"class", [](auto& facts, auto& other) { facts.device.device_class = other.device.device_class; }},
    {"former class", [](auto& facts, auto& other) { facts.device.former_class = other.device.former_class; }},
    {"mode", [](auto& facts, auto& other) { facts.device.mode = other.device.mode; }},
    {"quarantine", [](auto& facts, auto& other) { facts.device.quarantine = other.device.quarantine; }},
    {"what it inherits", [](auto& facts, auto& other) { facts.device.inherited = other.device.inherited; }},
    {"device", [](auto& facts, auto& other) { facts.device_key = other.device_key; }},
    {"peer is a device", [](auto& facts, auto& other) { facts.peer_is_device = other.peer_is_device; }},
    {"peer's class", [](auto& facts, auto& other) { facts.peer_device.device_class = other.peer_device.device_class; }},
    {"peer's quarantine",
     [](auto& facts, auto& other) { facts.peer_device.quarantine = other.peer_device.quarantine; }},
    {"peer's ward", [](auto& facts, auto& other) { facts.peer_ward = other.peer_ward; }},
    {"peer's sets", [](auto& facts, auto& other) { facts.peer_sets = other.peer_sets; }},
    {"broadcast", [](auto& facts, auto& other) { facts.peer_broadcast = other.peer_broadcast; }},
    {"protocol", [](auto& facts, auto& other) { facts.proto = other.proto; }},
    {"device's port", [](auto& facts, auto& other) { facts.device_port = other.device_port; }},
    {"peer's port", [](auto& facts, auto& other) { facts.peer_port = other.peer_port; }},
    {"opener", [](auto& facts, auto& other) { facts.opened_by = other.opened_by; }},
    {"guessed", [](auto& facts, auto& other) { facts.guessed = other.guessed; }},
    {"state", [](auto& facts, auto& other) { facts.app_state = other.app_state; }},
    {"application", [](auto& facts, auto& other) { facts.app = other.app; }},
    {"threat", [](auto& facts, auto& other) { facts.threat = other.threat; }},
};

class DecisionMemoTest : public ::testing::Test {
 protected:
  const unsigned seed_ = std::random_device{}();
  const ::testing::ScopedTrace trace_{__FILE__, __LINE__, "seed " + std::to_string(seed_)};
  std::mt19937 random_{seed_};
};

TEST_F(DecisionMemoTest, AnswersAsDecideDoesWhateverFieldDiffers) {
  std::vector<int> mattered(kFields.size(), 0);
  DecisionMemo memo(4096, kSeed);
  for (std::uint32_t epoch = 0; epoch < 60; ++epoch) {
    const Snapshot policy = random_policy(random_, epoch);
    for (int n = 0; n < 150; ++n) {
      const FlowFacts facts = random_facts(random_), other = random_facts(random_);
      const Decision expected = decide(policy, facts);
      ASSERT_EQ(memo.decide(policy, facts), expected);
      for (std::size_t i = 0; i < kFields.size(); ++i) {
        FlowFacts varied = facts;
        kFields[i].take(varied, other);
        const Decision answer = decide(policy, varied);
        ASSERT_EQ(memo.decide(policy, varied), answer) << kFields[i].name << " differs";
        ASSERT_EQ(memo.decide(policy, facts), expected) << "asked again after " << kFields[i].name;
        if (answer != expected) ++mattered[i];
      }
    }
  }
  for (std::size_t i = 0; i < kFields.size(); ++i) EXPECT_GT(mattered[i], 0) << kFields[i].name << " was not put to it";
}

TEST_F(DecisionMemoTest, AnswersOfAFlowThatWereALittleDifferentAsDecideDoesOfThatFlow) {
  DecisionMemo memo(4096, kSeed);
  int differ = 0;
  for (std::uint32_t epoch = 0; epoch < 60; ++epoch) {
    const Snapshot policy = random_policy(random_, epoch);
    for (int n = 0; n < 150; ++n) {
      const FlowFacts facts = random_facts(random_), other = random_facts(random_);
      FlowFacts varied = facts;
      varied.opened_by = other.opened_by;
      varied.guessed = other.guessed;
      varied.app_state = other.app_state;
      const Decision answer = decide(policy, varied);
      ASSERT_EQ(memo.decide_as(policy, facts, {other.opened_by, other.guessed, other.app_state}), answer);
      if (answer != memo.decide(policy, facts)) ++differ;
    }
  }
  EXPECT_GT(differ, 0);
}

TEST_F(DecisionMemoTest, AnswersAsDecideDoesWhenQuestionsDriveEachOtherOut) {
  for (const std::uint32_t entries : {2U, 64U}) {
    DecisionMemo memo(entries, {});
    for (std::uint32_t epoch = 1; epoch <= 20; ++epoch) {
      const Snapshot policy = random_policy(random_, epoch);
      for (int n = 0; n < 1000; ++n) {
        const FlowFacts facts = random_facts(random_);
        ASSERT_EQ(memo.decide(policy, facts), decide(policy, facts));
      }
    }
  }
}

TEST_F(DecisionMemoTest, GuessesAsOneThatRemembersNothing) {
  DecisionMemo memo(4096, kSeed);
  const Snapshot policy = random_policy(random_, 1);
  for (int n = 0; n < 2000; ++n) {
    const FlowFacts facts = random_facts(random_);
    DecisionMemo fresh(2, kSeed);
    ASSERT_EQ(memo.guess_opener(policy, facts), fresh.guess_opener(policy, facts));
    ASSERT_EQ(memo.allowed_unclassified(policy, facts), fresh.allowed_unclassified(policy, facts));
  }
}

TEST_F(DecisionMemoTest, KeepsNoAnswerOfAnotherPolicy) {
  DecisionMemo memo(4096, kSeed);
  std::vector<FlowFacts> asked;
  for (int n = 0; n < 300; ++n) asked.push_back(random_facts(random_));
  for (std::uint32_t epoch = 1; epoch <= 20; ++epoch) {
    const Snapshot policy = random_policy(random_, epoch);
    for (const FlowFacts& facts : asked) ASSERT_EQ(memo.decide(policy, facts), decide(policy, facts));
  }
}

// A rule that anyone may use, by its port; without it nothing is allowed.
Snapshot one_rule() {
  Snapshot policy;
  policy.segments.resize(1);
  policy.segments[0].defined = true;
  policy.classes.resize(1);
  policy.classes[0].defined = true;
  policy.classes[0].rules = {0, 1};
  policy.port_ranges = {{443, 443}};
  Rule& rule = policy.rules.emplace_back();
  rule.id = 0;
  rule.peer.any = rule.unclassified = true;
  rule.ports = {0, 1};
  policy.index_rules();
  return policy;
}

FlowFacts to_port_443(AppState state) {
  FlowFacts facts;
  facts.device_port = 40'000;
  facts.peer_port = 443;
  facts.app_state = state;
  return facts;
}

// Under the same epoch a policy that changed all the same shows whether an answer was remembered.
TEST_F(DecisionMemoTest, AsksOnceWhateverPortTheClientTook) {
  DecisionMemo memo(4096, kSeed);
  Snapshot policy = one_rule();
  FlowFacts facts = to_port_443(AppState::kOpaque);
  EXPECT_EQ(memo.decide(policy, facts).verdict, Verdict::kAllow);
  FlowFacts turned = facts;
  turned.opened_by = flow::OpenedBy::kPeer;
  EXPECT_NE(memo.decide(policy, turned).verdict, Verdict::kAllow);
  policy.rules[0].gate_closed = true;
  facts.device_port = 50'000;
  EXPECT_EQ(memo.decide(policy, facts).verdict, Verdict::kAllow) << "answered from memory";
  policy.rules[0].gate_closed = false;
  policy.rules[0].opens = Opens::kPeer;
  policy.rules[0].ports = {};
  turned.device_port = 50'000;
  EXPECT_NE(memo.decide(policy, turned).verdict, Verdict::kAllow) << "also where the client's port would accept";
  ++policy.epoch;
  EXPECT_EQ(memo.decide(policy, turned).verdict, Verdict::kAllow);
}

TEST_F(DecisionMemoTest, RemembersNothingOfWhatAPayloadSays) {
  DecisionMemo memo(4096, kSeed);
  Snapshot policy = one_rule();
  policy.app_ids = {1};
  policy.rules[0].apps = {0, 1};
  policy.fact_tests = {{.fact = facts::Fact::kTlsSni, .texts = {"right"}}};
  policy.rules[0].fact_tests = {0, 1};
  FlowFacts asked = to_port_443(AppState::kProved);
  asked.app = 1;
  const auto verdict_of = [&](const char* name) {
    facts::FactSet set;
    set.add(facts::Fact::kTlsSni, name);
    FlowFacts said = asked;
    said.facts = &set;
    return memo.decide(policy, said).verdict;
  };
  EXPECT_EQ(memo.decide(policy, asked).verdict, Verdict::kAllow) << "not kept: taken on trust";
  EXPECT_NE(verdict_of("wrong"), Verdict::kAllow);
  EXPECT_EQ(verdict_of("right"), Verdict::kAllow);
  EXPECT_NE(verdict_of("wrong"), Verdict::kAllow);

  const facts::FactSet nothing{};
  asked.facts = &nothing;
  EXPECT_NE(memo.decide(policy, asked).verdict, Verdict::kAllow);
  asked.facts_pending = facts::bit(facts::Fact::kTlsSni);
  EXPECT_EQ(memo.decide(policy, asked).kind, FlowKind::kUndecided);
  asked.facts_pending = 0;
  asked.facts_unknown = facts::bit(facts::Fact::kTlsSni);
  EXPECT_EQ(memo.decide(policy, asked).kind, FlowKind::kSettled);
}

}  // namespace
}  // namespace wardline::enforce
