// `when:` of a rule: what is refused, in which words, and what becomes of it in the snapshot.
#include <gmock/gmock.h>

#include <fmt/format.h>

#include "policy_copy.h"

namespace wardline::policy {
namespace {

using facts::Fact;
using testing::HasSubstr;

constexpr const char* kController = "classes/building-controller.yaml";

std::string problems_with(const std::string& when) {
  PolicyCopy copy;
  copy.edit(kController, "when: {modbus.access: [read]}", when);
  return copy.problems();
}

TEST(Conditions, AFactThatIsNotKnownIsRefusedWithTheNearest) {
  EXPECT_THAT(problems_with("when: {modbus.acces: [read]}"), HasSubstr("did you mean 'modbus.access'?"));
}

TEST(Conditions, AFactThatTheApplicationDoesNotTellIsRefused) {
  EXPECT_THAT(problems_with("when: {tls.sni: [a.example]}"), HasSubstr("modbus tells no tls.sni"));
}

TEST(Conditions, AValueThatCannotOccurIsRefused) {
  EXPECT_THAT(problems_with("when: {modbus.access: [reads]}"),
              HasSubstr("modbus.access is one of read, write; found 'reads'"));
  EXPECT_THAT(problems_with("when: {modbus.access: []}"), HasSubstr("expected at least one value"));
  EXPECT_THAT(problems_with("when: {}"), HasSubstr("expected at least one fact"));
}

TEST(Conditions, TheFormerKeyIsRefusedWithWhatToWriteInstead) {
  EXPECT_THAT(problems_with("messages: modbus-read-only"), HasSubstr("write 'when: {modbus.access: [read]}' for it"));
}

TEST(Conditions, TheSnapshotAsksOnlyTheApplicationOfTheRule) {
  PolicyCopy copy;
  const auto policy = copy.load();
  ASSERT_TRUE(policy) << copy.problems();
  const auto& plain = (*policy)->plain;
  const auto modbus = *(*policy)->signatures.app("modbus"), tftp = *(*policy)->signatures.app("tftp");
  EXPECT_EQ(plain.apps[modbus].asked, facts::bit(Fact::kModbusAccess));
  EXPECT_EQ(plain.apps[modbus].reader, facts::Reader::kModbus);
  EXPECT_EQ(plain.apps[tftp].asked, 0u);
  bool told = false;
  for (const auto& rule : (*policy)->rules)
    told = told || rule.sentence.find("when modbus.access is read") != std::string::npos;
  EXPECT_TRUE(told);
}

TEST(Conditions, TheManualListsEachFact) {
  std::ifstream in(std::filesystem::path(shipped_policy()) / "../docs/policy.md", std::ios::binary);
  const std::string manual{std::istreambuf_iterator<char>(in), {}};
  for (const auto& fact : facts::kFacts)
    EXPECT_THAT(manual, HasSubstr(fmt::format("| `{}` | {} | {} |", fact.name,
                                              fact.scope == facts::Scope::kFlow ? "flow" : "message", fact.help)));
}

}  // namespace
}  // namespace wardline::policy
