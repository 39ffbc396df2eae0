// tests/*.yaml against the built rules. The decision is the worker's own, so what holds here holds on the wire.
#include <algorithm>

#include <fmt/format.h>

#include "controlplane/policy/build.h"
#include "controlplane/policy/values.h"
#include "dataplane/enforce/decide.h"

namespace wardline::policy {
namespace {

using enforce::FlowFacts;
using Outcome = ExpectationDraft::Outcome;

ClassId class_id(const Policy& policy, const std::string& name) {
  const auto found = std::ranges::find(policy.classes, name, &ClassText::name);
  return found == policy.classes.end() ? kUnidentifiedClass : static_cast<ClassId>(found - policy.classes.begin());
}

// The named segment, else the first that expects the class, else the first.
SegmentId segment_id(const Policy& policy, const ExpectationDraft& flow) {
  SegmentId first = kUnknownSegment, expecting = kUnknownSegment;
  for (std::size_t i = 1; i < policy.segments.size(); ++i) {
    const auto& segment = policy.segments[i];
    const auto id = static_cast<SegmentId>(i);
    if (segment.name.empty()) continue;
    if (segment.name == flow.segment.text) return id;
    if (first == kUnknownSegment) first = id;
    if (expecting == kUnknownSegment &&
        std::ranges::find(segment.expects, flow.device_class.text) != segment.expects.end())
      expecting = id;
  }
  return expecting != kUnknownSegment ? expecting : first;
}

// The peer as an address, or a device of a class.
void set_peer(const Policy& policy, const std::string& peer, FlowFacts& facts) {
  facts.peer = Address::v4(0xffffffff);
  facts.peer_broadcast = peer == "broadcast";
  if (facts.peer_broadcast) return;
  for (const auto* groups : {&policy.roles, &policy.zones})
    if (const auto group = groups->find(peer); group != groups->end() && !group->second.empty())
      facts.peer = group->second.front().low;
  if (const auto address = parse_address(peer)) facts.peer = *address;
  facts.peer_is_device = std::ranges::find(policy.classes, peer, &ClassText::name) != policy.classes.end();
  if (facts.peer_is_device) {
    facts.peer_device.device_class = class_id(policy, peer);
    facts.peer = Address{};
  }
  facts.peer_sets = policy.plain.addresses.find(facts.peer);
}

FlowFacts facts_of(const Policy& policy, const ExpectationDraft& flow) {
  FlowFacts facts;
  facts.segment = segment_id(policy, flow);
  facts.device.device_class = class_id(policy, flow.device_class.text);
  facts.device.quarantine = flow.quarantine;
  set_peer(policy, flow.peer.text, facts);
  facts.opened_by = flow.opens == enforce::Opens::kDevice ? flow::OpenedBy::kDevice : flow::OpenedBy::kPeer;
  (flow.opens == enforce::Opens::kDevice ? facts.peer_port : facts.device_port) = flow.port;
  facts.proto = flow.proto;
  facts.app_state = enforce::AppState::kOpaque;
  if (const auto app = policy.signatures.app(flow.app.text)) {
    facts.app_state = enforce::AppState::kProved;
    facts.app = *app;
    const std::string& protos = policy.signatures.app_protos[*app];
    if (facts.proto == 0) facts.proto = parse_proto(protos.substr(0, protos.find(' '))).value_or(0);
  }
  return facts;
}

Outcome outcome_of(const enforce::Decision& decision) {
  if (decision.verdict == enforce::Verdict::kAllow) return Outcome::kAllowed;
  return decision.essential ? Outcome::kAlerted : Outcome::kBlocked;
}

std::string_view text_of(Outcome outcome) {
  return outcome == Outcome::kAllowed ? "allowed" : outcome == Outcome::kBlocked ? "blocked" : "alerted";
}

}  // namespace

void check_expectations(const PolicyDraft& draft, const Policy& policy, Errors& errors) {
  for (const auto& flow : draft.expectations) {
    const auto decision = enforce::decide(policy.plain, facts_of(policy, flow));
    const auto outcome = outcome_of(decision);
    if (outcome == flow.expected) continue;
    const std::string why =
        decision.rule < policy.rules.size()
            ? fmt::format("rule '{}' of {} ({})", policy.rules[decision.rule].name, policy.rules[decision.rule].owner,
                          policy.rules[decision.rule].at.line_text())
            : fmt::format("reason {}", name_of(decision.reason));
    errors.push_back(
        {"policy.expectation", flow.at.text(),
         fmt::format("'{}' is expected to be {}, but it is {}: step {}, {}", flow.name, text_of(flow.expected),
                     text_of(outcome), enforce::kStepNames[static_cast<std::size_t>(decision.step)], why)});
  }
}

}  // namespace wardline::policy
