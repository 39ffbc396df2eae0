#include "controlplane/records/explanation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wardline::records {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Facts tv_to_internet() {
  Facts facts;
  facts.head.device_id = "dev-001a2b3c4d5e";
  facts.head.device_class = "smart-tv";
  facts.head.segment = "patient-rooms";
  facts.head.policy_hash = "3f2a1c9d4e5f60718293";
  facts.head.policy_commit = "1a2b3c4";
  facts.class_title = "Smart TV";
  facts.class_file = "classes/smart-tv.yaml";
  facts.device_name = "tv-4b";
  facts.device_ip = "10.20.4.9";
  facts.peer_ip = "203.0.113.10";
  facts.device_port = 50123;
  facts.peer_port = 443;
  facts.has_ports = true;
  facts.opened_by = flow::OpenedBy::kDevice;
  facts.proto = "tcp";
  facts.app = "tls";
  facts.app_state = enforce::AppState::kProved;
  facts.verdict = enforce::Verdict::kBlock;
  facts.applied_drop = true;
  facts.reason = Reason::kNoRule;
  facts.count = 3;
  return facts;
}

TEST(Explanation, ABlockedFlowTellsWhoWhatWhyAndWhatWasDone) {
  EXPECT_EQ(
      explain(tv_to_internet()),
      "Smart TV tv-4b (class smart-tv) tried to open tls to 203.0.113.10 on tcp 443. No rule of class smart-tv allows "
      "it (classes/smart-tv.yaml); default is deny. Blocked: 3 packets dropped. If it is meant to be, a rule in "
      "classes/smart-tv.yaml would allow it: {opens_to: ROLE, app: [tls], port: [443]}, where a role of site.yaml "
      "holds "
      "203.0.113.10. Policy 3f2a1c9d4e5f (commit 1a2b3c4).");
}

TEST(Explanation, FlowsToldTogetherAreSaidToBeSeveral) {
  auto facts = tv_to_internet();
  facts.flows = facts.count = 70;
  EXPECT_THAT(explain(facts),
              HasSubstr("to 203.0.113.10 on tcp 443. 70 flows of a few seconds are told in this one record. "
                        "No rule"));
  facts.several.peers = facts.several.ports = true;
  facts.peer_ip.clear();
  EXPECT_THAT(explain(facts), HasSubstr("tried to open tls to several peers on several ports of tcp. 70 flows"));
  EXPECT_THAT(explain(facts), Not(HasSubstr("would allow it"))) << "one rule would not do";
  facts.several.devices = true;
  facts.head.device_class = "unidentified";
  EXPECT_THAT(explain(facts), HasSubstr("Several unidentified devices tried to open tls to several peers"));
}

TEST(Explanation, AWouldBeBlockSaysThatThePacketsWentOn) {
  auto facts = tv_to_internet();
  facts.verdict = enforce::Verdict::kWouldBlock;
  facts.applied_drop = false;
  facts.count = 1;
  EXPECT_EQ(what_was_done(facts), "Would be blocked, but the mode is monitor: 1 packet went on.");
}

TEST(Explanation, ABlockedFlowDoesNotCallEveryPacketOfItDropped) {
  auto facts = tv_to_internet();
  facts.head.type = "flow";
  EXPECT_EQ(what_was_done(facts), "Blocked: 3 packets seen, and dropped from the decision on.");
  facts.head.type = "violation";
  EXPECT_EQ(what_was_done(facts), "Blocked: 3 packets dropped.");
}

TEST(Explanation, AnEssentialFlowThatIsOnlyToldIsNotCalledMonitored) {
  auto facts = tv_to_internet();
  facts.head.mode = "enforce";
  facts.verdict = enforce::Verdict::kWouldBlock;
  facts.applied_drop = false;
  facts.step = enforce::Step::kKeepAlive;
  EXPECT_EQ(what_was_done(facts), "Told, but not dropped: 3 packets went on, since the flow is essential.");
}

TEST(Explanation, AClassThatOnlyAlertsIsNotCalledMonitored) {
  auto facts = tv_to_internet();
  facts.head.mode = "enforce";
  facts.verdict = enforce::Verdict::kWouldBlock;
  facts.applied_drop = false;
  EXPECT_THAT(what_was_done(facts), HasSubstr("since the class only alerts"));
}

TEST(Explanation, ALongCommitIsCutAndStaysDirty) {
  auto facts = tv_to_internet();
  facts.head.policy_commit = "799451824fe9264a394a5ce77c350af03ea2da6e-dirty";
  EXPECT_THAT(explain(facts), HasSubstr("(commit 799451824fe9-dirty)."));
}

TEST(Explanation, AnInboundFlowNamesThePeerAsTheOpenerAndTheDevicesPort) {
  auto facts = tv_to_internet();
  facts.opened_by = flow::OpenedBy::kPeer;
  facts.device_port = 22;
  facts.app = "ssh";
  EXPECT_EQ(what_happened(facts), "203.0.113.10 tried to open ssh to Smart TV tv-4b (class smart-tv) on tcp 22.");
  EXPECT_THAT(what_would_allow(facts), HasSubstr("{accepts_from: ROLE, app: [ssh], port: [22]}"));
}

TEST(Explanation, AConnectionThatNeverCarriedAByteIsNoUnrecognisedTraffic) {
  auto facts = tv_to_internet();
  facts.app.clear();
  facts.app_state = enforce::AppState::kUnknown;
  EXPECT_THAT(what_happened(facts), HasSubstr("tried to open a connection to 203.0.113.10 on tcp 443."));
}

TEST(Explanation, WhereNoPayloadWasSeenTheApplicationIsLeftToThePersonAndNotCalledUnclassified) {
  auto facts = tv_to_internet();
  for (const auto state : {enforce::AppState::kUnknown, enforce::AppState::kPortOnly}) {
    facts.app = state == enforce::AppState::kPortOnly ? "tls" : "";
    facts.app_state = state;
    EXPECT_EQ(what_would_allow(facts),
              "If it is meant to be, a rule in classes/smart-tv.yaml would allow it: {opens_to: ROLE, app: "
              "[APPLICATION], port: "
              "[443]}, where a role of site.yaml holds 203.0.113.10 and APPLICATION is what it speaks (no payload was "
              "seen).");
  }
}

TEST(Explanation, PayloadThatNoSignatureKnowsNeedsARuleForUnclassified) {
  auto facts = tv_to_internet();
  facts.app.clear();
  facts.app_state = enforce::AppState::kOpaque;
  EXPECT_THAT(what_would_allow(facts),
              HasSubstr("{opens_to: ROLE, app: [unclassified], proto: tcp, port: [443]}, where"));
  EXPECT_THAT(what_would_allow(facts), Not(HasSubstr("APPLICATION")));
}

TEST(Explanation, AnEthertypeThatIsListedAsDropIsNotToldAsUnlisted) {
  auto facts = tv_to_internet();
  facts.reason = Reason::kUnknownEthertype;
  facts.proto = "ethertype-0x8892";
  EXPECT_THAT(why(facts), HasSubstr("does not list"));
  facts.ethertype_refused = true;
  EXPECT_EQ(why(facts), "`ethertypes:` of site.yaml lists ethertype-0x8892 as `drop`.");
}

TEST(Explanation, AThreatWhoseNameIsLostIsStillASentence) {
  auto facts = tv_to_internet();
  facts.reason = Reason::kDetection;
  EXPECT_EQ(why(facts), "A signature of a threat matched.");
}

TEST(Explanation, AnUnidentifiedDeviceHasNoCapitalInTheMiddleOfASentence) {
  auto facts = tv_to_internet();
  facts.head.device_class = "unidentified";
  facts.opened_by = flow::OpenedBy::kPeer;
  EXPECT_THAT(what_happened(facts), HasSubstr("open tls to the unidentified device tv-4b on"));
}

TEST(Explanation, TheMissingRuleNamesTheRoleThatThePeerHasAlready) {
  auto facts = tv_to_internet();
  facts.peer_roles = "pacs, resolvers";
  EXPECT_EQ(what_would_allow(facts),
            "If it is meant to be, a rule in classes/smart-tv.yaml would allow it: {opens_to: pacs, app: [tls], port: "
            "[443]}.");
}

TEST(Explanation, AnAllowedFlowNamesItsRuleAndLine) {
  auto facts = tv_to_internet();
  facts.verdict = enforce::Verdict::kAllow;
  facts.applied_drop = false;
  facts.reason = Reason::kNone;
  facts.step = enforce::Step::kClass;
  facts.rule = "updates";
  facts.rule_at = "classes/smart-tv.yaml:14";
  facts.rule_sentence = "may open tls to tv-updates on tcp 443";
  EXPECT_EQ(why(facts),
            "Allowed by rule \"updates\" (classes/smart-tv.yaml:14): may open tls to tv-updates on tcp 443.");
  EXPECT_EQ(what_would_allow(facts), "");
}

TEST(Explanation, AMismatchNamesTheRuleThatFitsThePort) {
  auto facts = tv_to_internet();
  facts.reason = Reason::kAppMismatch;
  facts.app = "ssh";
  facts.rule = "updates";
  facts.rule_at = "classes/smart-tv.yaml:14";
  facts.rule_sentence = "may open tls to tv-updates on tcp 443";
  EXPECT_THAT(why(facts), HasSubstr("rule \"updates\" (classes/smart-tv.yaml:14)"));
  EXPECT_THAT(why(facts), HasSubstr("The payload is ssh"));
}

TEST(Explanation, AnUnidentifiedDeviceIsToldWhatItsSegmentExpects) {
  auto facts = tv_to_internet();
  facts.head.device_class = "unidentified";
  facts.expected_classes = "patient-monitor, infusion-pump";
  EXPECT_THAT(what_happened(facts), HasSubstr("The unidentified device tv-4b tried"));
  EXPECT_THAT(why(facts),
              HasSubstr("no class that segment patient-rooms expects (patient-monitor, infusion-pump) allows it"));
}

TEST(Explanation, AQuarantinedDeviceIsToldHowToBeReleased) {
  auto facts = tv_to_internet();
  facts.reason = Reason::kQuarantine;
  facts.quarantine = "contain";
  EXPECT_THAT(why(facts), HasSubstr("quarantined (contain)"));
  EXPECT_THAT(what_would_allow(facts), HasSubstr("wardline quarantine release dev-001a2b3c4d5e"));
}

TEST(Explanation, ADeadPolicyIsSaidInsteadOfAWrongRule) {
  auto facts = tv_to_internet();
  facts.names_lost = true;
  EXPECT_THAT(why(facts), HasSubstr("no longer kept"));
  EXPECT_THAT(why(facts), Not(HasSubstr("No rule of class")));
}

TEST(Explanation, EveryReasonAndStepGivesASentence) {
  for (const auto& row : kReasons)
    for (std::size_t step = 0; step < enforce::kStepNames.size(); ++step)
      for (const auto verdict : {enforce::Verdict::kAllow, enforce::Verdict::kBlock, enforce::Verdict::kWouldBlock}) {
        auto facts = tv_to_internet();
        facts.reason = row.reason;
        facts.step = static_cast<enforce::Step>(step);
        facts.verdict = verdict;
        const auto text = why(facts);
        EXPECT_FALSE(text.empty()) << row.name;
        EXPECT_EQ(text.back(), '.') << text;
      }
}

TEST(Explanation, APolicyOutsideGitSaysSo) {
  Head head;
  head.policy_hash = "3f2a1c9d4e5f60718293";
  EXPECT_EQ(policy_version(head), "Policy 3f2a1c9d4e5f (not in git).");
}

}  // namespace
}  // namespace wardline::records
