// A list that is looked up by its index gives the same answer as one that is read whole.
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "dataplane/enforce/decide.h"

namespace wardline::enforce {
namespace {

constexpr std::uint8_t kUdp = 17;

// One class with `count` rules of random ports, some of which name none, many or several that overlap.
Snapshot policy_of(std::mt19937& random, std::uint32_t count) {
  Snapshot policy;
  policy.segments.resize(2);
  policy.segments[1].defined = true;
  policy.segments[1].mode = Mode::kEnforce;
  policy.classes.resize(2);
  policy.classes[0].defined = policy.classes[1].defined = true;
  for (RuleId id = 0; id < count; ++id) {
    Rule rule;
    rule.id = id;
    rule.opens = random() % 2 != 0 ? Opens::kDevice : Opens::kPeer;
    rule.peer.any = random() % 4 != 0;
    rule.proto = random() % 2 != 0 ? kUdp : std::uint8_t{0};
    rule.unclassified = random() % 3 == 0;
    rule.essential = random() % 8 == 0;
    rule.ports.first = static_cast<std::uint32_t>(policy.port_ranges.size());
    rule.ports.count = static_cast<std::uint32_t>(random() % 3);
    for (std::uint32_t i = 0; i < rule.ports.count; ++i) {
      const auto low = static_cast<std::uint16_t>(random() % 200);
      const auto span = random() % 10 == 0 ? 4000 : random() % 3;
      policy.port_ranges.push_back({low, static_cast<std::uint16_t>(low + span)});
    }
    policy.rules.push_back(rule);
  }
  policy.classes[1].rules = {0, count};
  return policy;
}

TEST(RuleIndex, AnswersLikeAListThatIsReadWhole) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (const std::uint32_t count : {1u, 32u, 33u, 64u, 500u, 3000u}) {
    const Snapshot plain = policy_of(random, count);
    Snapshot indexed = plain;
    indexed.index_rules();
    for (int n = 0; n < 500; ++n) {
      FlowFacts facts;
      facts.segment = 1;
      facts.device.device_class = 1;
      facts.proto = kUdp;
      facts.device_port = static_cast<std::uint16_t>(random() % 260);
      facts.peer_port = static_cast<std::uint16_t>(random() % 260);
      facts.opened_by = random() % 2 != 0 ? flow::OpenedBy::kDevice : flow::OpenedBy::kPeer;
      facts.app_state = static_cast<AppState>(random() % 5);
      const auto whole = decide(plain, facts), looked_up = decide(indexed, facts);
      ASSERT_EQ(whole.rule, looked_up.rule) << count << " rules, case " << n;
      ASSERT_EQ(whole.verdict, looked_up.verdict);
      ASSERT_EQ(whole.reason, looked_up.reason);
      ASSERT_EQ(whole.kind, looked_up.kind);
    }
  }
}

TEST(RuleIndex, AsksNoMoreRulesThanNameThePort) {
  Snapshot policy;
  policy.classes.resize(1);
  for (RuleId id = 0; id < 10'000; ++id) {
    policy.port_ranges.push_back({static_cast<std::uint16_t>(1024 + id), static_cast<std::uint16_t>(1024 + id)});
    policy.rules.emplace_back().id = id;
    policy.rules.back().ports = {id, 1};
  }
  policy.rules.emplace_back().id = 10'000;
  policy.classes[0].rules = {0, 10'001};
  policy.index_rules();
  std::vector<RuleId> asked;
  EXPECT_TRUE(policy.rule_index.each(0, 1500, [&](RuleId rule) {
    asked.push_back(rule);
    return false;
  }));
  EXPECT_EQ(asked, (std::vector<RuleId>{476, 10'000}));
}

}  // namespace
}  // namespace wardline::enforce
