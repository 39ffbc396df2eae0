// What detections do and how deep threats are looked for, from the site's and the classes' words to the snapshot.
#include <gmock/gmock.h>

#include "controlplane/policy/detection_tables.h"
#include "policy_copy.h"

namespace wardline::policy {
namespace {

using enum enforce::DetectionAction;

SignatureText text(const std::string& id, const std::string& severity, std::vector<std::string> groups) {
  SignatureText made;
  made.id = id;
  made.threat = id;
  made.severity = severity;
  made.groups = std::move(groups);
  return made;
}

DetectionDraft line(std::vector<std::string> severities, std::vector<std::string> groups, std::vector<Word> signatures,
                    enforce::DetectionAction action) {
  return {std::move(severities), std::move(groups), std::move(signatures), action};
}

TEST(DetectionAction, IsOfTheFirstLineThatFitsEveryCondition) {
  const std::vector site{line({"critical", "high"}, {"worm", "exploit"}, {}, kCondemn),
                         line({}, {"botnet"}, {}, kCount)};
  EXPECT_EQ(action_of(text("a", "high", {"recon", "worm"}), {}, site), kCondemn);
  EXPECT_EQ(action_of(text("a", "medium", {"worm"}), {}, site), kAlert);
  EXPECT_EQ(action_of(text("a", "high", {"botnet"}), {}, site), kCount);
  EXPECT_EQ(action_of(text("a", "high", {}), {}, site), kAlert);
}

TEST(DetectionAction, OfAClassStandsBeforeTheSites) {
  const std::vector site{line({"high"}, {}, {}, kCondemn)};
  const std::vector own{line({}, {}, {{"a", {}}}, kAlert)};
  EXPECT_EQ(action_of(text("a", "high", {}), own, site), kAlert);
  EXPECT_EQ(action_of(text("b", "high", {}), own, site), kCondemn);
}

TEST(DetectionAction, IsWhatTheAuthorProposesWhereNobodySpeaks) {
  auto proposed = text("a", "low", {});
  proposed.action = kDrop;
  EXPECT_EQ(action_of(proposed, {}, {}), kDrop);
  EXPECT_EQ(action_of(proposed, {}, std::vector{line({"low"}, {}, {}, kAlert)}), kAlert);
}

TEST(DetectionTables, AreSharedByClassesThatSayTheSame) {
  SignatureSet signatures;
  signatures.texts = {text("a", "high", {}), text("b", "low", {})};
  const std::vector site{line({"high"}, {}, {}, kCondemn)};
  DetectionTables tables(signatures, site);
  EXPECT_EQ(tables.table_of({}), 0);
  const std::vector own{line({"low"}, {}, {}, kCount)};
  EXPECT_EQ(tables.table_of(own), 1);
  EXPECT_EQ(tables.table_of(own), 1);
  const auto made = tables.take();
  EXPECT_THAT(made,
              testing::ElementsAre(testing::ElementsAre(kCondemn, kAlert), testing::ElementsAre(kCondemn, kCount)));
}

TEST(DetectionPolicy, ReachesTheSnapshotWithDepthsAndBulk) {
  PolicyCopy copy;
  copy.edit("classes/smart-tv.yaml", "on_violation:",
            "inspect: all\ndetections:\n  - {severity: [info, low, medium, high, critical], action: "
            "quarantine}\non_violation:");
  copy.edit("classes/infusion-pump.yaml", "on_violation:", "inspect: none\non_violation:");
  const auto policy = copy.load();
  ASSERT_TRUE(policy) << policy.error()[0].text();
  const auto& snapshot = (*policy)->plain;
  const auto class_named = [&](const std::string& name) {
    const auto found = std::ranges::find((*policy)->classes, name, &ClassText::name);
    return snapshot.classes[static_cast<std::size_t>(found - (*policy)->classes.begin())];
  };
  EXPECT_EQ(class_named("smart-tv").inspect_bytes, enforce::kInspectAll);
  EXPECT_EQ(class_named("infusion-pump").inspect_bytes, 0U);
  EXPECT_EQ(class_named("workstation").inspect_bytes, 65536U);
  EXPECT_EQ(class_named("workstation").detection_table, 0);
  const auto& texts = (*policy)->signatures.texts;
  const auto threat = std::ranges::find(texts, "ntp-monlist", &SignatureText::id) - texts.begin();
  const auto& actions = snapshot.detection_actions.at(class_named("smart-tv").detection_table);
  EXPECT_EQ(actions.at(static_cast<std::size_t>(threat)), kQuarantine);
  EXPECT_TRUE(snapshot.apps.at(*(*policy)->signatures.app("dicom")).bulk);
  EXPECT_FALSE(snapshot.apps.at(*(*policy)->signatures.app("http")).bulk);
  for (std::size_t i = 0; i < detect::kDetectorCount; ++i)
    EXPECT_TRUE(snapshot.detectors[i].enabled) << detect::kDetectorNames[i];
}

// Counting may be wrong, and a wrong count must not cut what serves a patient. A Mirai SYN and a source route are
// proved by the packet itself.
TEST(DetectionPolicy, BehaviourIsOnlyToldOfAsShipped) {
  const auto policy = PolicyCopy().load();
  ASSERT_TRUE(policy) << policy.error()[0].text();
  const auto& snapshot = (*policy)->plain;
  for (std::size_t i = 0; i < detect::kDetectorCount; ++i) {
    const auto detector = static_cast<detect::Detector>(i);
    if (detector == detect::Detector::kMiraiScan || detector == detect::Detector::kSourceRoute) continue;
    for (const auto& actions : snapshot.detection_actions)
      EXPECT_EQ(actions.at(snapshot.detectors[i].signature), kAlert) << detect::kDetectorNames[i];
  }
}

struct Wrong {
  const char* file;
  const char* lines;
  const char* sentence;
};

TEST(DetectionPolicy, ThatIsWrongIsToldAtItsPlace) {
  for (const auto& wrong : {
           Wrong{"site.yaml", "detections: [{severity: [hihg], action: alert}]", "did you mean 'high'?"},
           Wrong{"site.yaml", "detections: [{group: [], action: alert}]", "leave the key out for every one"},
           Wrong{"site.yaml", "detections: [{group: [worm]}]", "the key 'action' is missing"},
           Wrong{"site.yaml", "detections: [{sevrity: [high], action: alert}]", "did you mean 'severity'?"},
           Wrong{"site.yaml", "detections: [{signature: [shellshok], action: alert}]", "did you mean 'shellshock'?"},
           Wrong{"site.yaml", "inspect: {classify_only: [dicomm]}", "did you mean 'dicom'?"},
           Wrong{"site.yaml", "inspect: {depth: 64}", "a size: a number and one of B KiB MiB"},
           Wrong{"site.yaml", "inspect: {depth: 64GiB}", "a size: a number and one of B KiB MiB"},
           Wrong{"site.yaml", "inspect: {depth: 65MiB}", "out of range"},
           Wrong{"classes/smart-tv.yaml", "inspect: 12B", "out of range; expected 1KiB to 64MiB"},
           Wrong{"classes/smart-tv.yaml", "detections: [{signature: [dicom-associate-rq], action: drop}]",
                 "is not known"},
           Wrong{"classes/smart-tv.yaml", "inspect_bytes: 4096", "'inspect_bytes' is not known here"},
       }) {
    PolicyCopy copy;
    // The shipped site says some of these already: without its own, the wrong one stands alone.
    const auto key = std::string(wrong.lines).substr(0, std::string(wrong.lines).find(':'));
    auto content = copy.read(wrong.file);
    for (const auto& taken : {std::string("detections:\n"), std::string("inspect: {")}) {
      const auto at = content.find("\n" + taken);
      if (at == std::string::npos || taken.substr(0, taken.find(':')) != key) continue;
      auto end = content.find('\n', at + 1);
      while (content.compare(end + 1, 2, "  ") == 0) end = content.find('\n', end + 1);
      content.erase(at, end - at);
    }
    copy.write(wrong.file, content + wrong.lines + "\n");
    const auto said = copy.problems();
    EXPECT_THAT(said, testing::HasSubstr(wrong.sentence)) << wrong.lines;
    EXPECT_THAT(said, testing::ContainsRegex(std::string(wrong.file) + ":[0-9]+:[0-9]+: ")) << wrong.lines;
  }
}

}  // namespace
}  // namespace wardline::policy
