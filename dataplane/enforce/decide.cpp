#include "dataplane/enforce/decide.h"

#include <algorithm>
#include <optional>

namespace wardline::enforce {
namespace {

// The first rule of a list that fits, and the first that only fails at the application or at what the payload says.
struct Search {
  const Rule* allowed = nullptr;
  const Rule* unproved = nullptr;
  const Rule* other_app = nullptr;
  const Rule* condition = nullptr;

  // The rule that came nearest to a fit.
  const Rule* refused() const { return condition != nullptr ? condition : other_app; }
  Reason refused_for() const { return condition != nullptr ? Reason::kCondition : Reason::kAppMismatch; }

  // The rule that carries the flow for now, proved or not.
  const Rule* carrier() const { return allowed != nullptr ? allowed : unproved; }
};

enum class Which : std::uint8_t { kAll, kEssential, kLiving };

Search search(const Snapshot& policy, Range range, const FlowFacts& facts, Which which) {
  Search found;
  const auto look = [&](RuleId number) {
    const Rule& rule = policy.rules[number];
    if (which == Which::kEssential && !rule.essential) return false;
    if (which == Which::kLiving && !rule.living) return false;
    switch (fit(policy, rule, facts)) {
      case Fit::kNo:
        break;
      case Fit::kYes:
        found.allowed = &rule;
        return true;
      case Fit::kUnproved:
        if (found.unproved == nullptr) found.unproved = &rule;
        break;
      case Fit::kOtherApp:
        if (found.other_app == nullptr) found.other_app = &rule;
        break;
      case Fit::kCondition:
        if (found.condition == nullptr) found.condition = &rule;
        break;
    }
    return false;
  };
  const bool peer_accepts = facts.opened_by == flow::OpenedBy::kDevice;
  const auto port = peer_accepts ? facts.peer_port : facts.device_port;
  if (policy.rule_index.each(range.first, port, look)) return found;
  for (RuleId number = range.first; number < range.first + range.count; ++number)
    if (look(number)) break;
  return found;
}

const DeviceClass& class_of(const Snapshot& policy, ClassId id) {
  return id < policy.classes.size() && policy.classes[id].defined ? policy.classes[id]
                                                                  : policy.classes[kUnidentifiedClass];
}

bool unidentified(const Snapshot& policy, const FlowFacts& facts) {
  const auto id = facts.device.device_class;
  return id == kUnidentifiedClass || id >= policy.classes.size() || !policy.classes[id].defined;
}

const Segment& segment_of(const Snapshot& policy, SegmentId id) {
  return id < policy.segments.size() && policy.segments[id].defined ? policy.segments[id]
                                                                    : policy.segments[kUnknownSegment];
}

// Calls visit(rules, step) for every list of rules that speaks for the device by its class: its own, its former one's,
// or, for the unidentified, those of the classes that the segment expects. Stops when visit returns true.
template <typename Visit>
void each_class_list(const Snapshot& policy, const FlowFacts& facts, Visit visit) {
  if (visit(class_of(policy, facts.device.device_class).rules, Step::kClass)) return;
  if (unidentified(policy, facts)) {
    for (ClassId expected : Snapshot::of(policy.class_ids, segment_of(policy, facts.segment).expects))
      if (visit(class_of(policy, expected).rules, Step::kProbation)) return;
  } else if (facts.device.former_class != kNoClass) {
    visit(class_of(policy, facts.device.former_class).rules, Step::kFormerClass);
  }
}

Search search_essential(const Snapshot& policy, const FlowFacts& facts) {
  Search best;
  each_class_list(policy, facts, [&](Range rules, Step) {
    const Search found = search(policy, rules, facts, Which::kEssential);
    if (best.unproved == nullptr) best.unproved = found.unproved;
    if (best.other_app == nullptr) best.other_app = found.other_app;
    if (best.condition == nullptr) best.condition = found.condition;
    best.allowed = found.allowed;
    return best.allowed != nullptr;
  });
  return best;
}

Decision allow(const Snapshot& policy, const Rule& rule, Step step, const FlowFacts& facts, bool proved = true) {
  const bool per_message = facts.app_state == AppState::kProved && asks(policy, rule, facts::Scope::kMessage);
  return {.verdict = Verdict::kAllow,
          .kind = !proved || facts.app_state == AppState::kUnknown ? FlowKind::kUndecided
                  : per_message                                    ? FlowKind::kPerMessage
                                                                   : FlowKind::kSettled,
          .step = step,
          .rule = rule.id,
          .essential = rule.essential};
}

// A person or the threshold cut the device off: that holds in monitor mode too.
Decision quarantined() {
  return {.verdict = Verdict::kBlock, .step = Step::kQuarantine, .reason = Reason::kQuarantine, .drop = true};
}

// Whether a quarantine profile keeps this flow. What it keeps is then judged as usual.
bool kept(const Snapshot& policy, const FlowFacts& facts, Profile profile) {
  if (profile == Profile::kNone) return true;
  if (profile == Profile::kCutOff) return false;
  if (search(policy, policy.infrastructure, facts, Which::kLiving).carrier() != nullptr) return true;
  if (profile == Profile::kIsolate && policy.quarantine_zone_set != 0xffff && facts.peer_sets != 0 &&
      policy.addresses.contains(facts.peer_sets, policy.quarantine_zone_set))
    return true;
  if (profile == Profile::kIsolate && criticality_of(policy, facts) < Criticality::kCareCritical) return false;
  const Search essential = search_essential(policy, facts);
  return essential.carrier() != nullptr || essential.refused() != nullptr;  // an essential flow alerts, never drops
}

// An essential rule fits but for the application or a detection: said, never dropped.
Decision alert_essential(const Rule& rule, Reason reason) {
  return {.verdict = Verdict::kWouldBlock,
          .kind = FlowKind::kSettled,
          .step = Step::kKeepAlive,
          .reason = reason,
          .rule = rule.id,
          .essential = true};
}

// Names the fact that a refusal for a condition is about.
Decision with_fact(const Snapshot& policy, const FlowFacts& facts, Decision decision) {
  if (decision.reason != Reason::kCondition) return decision;
  if (const FactTest* test = unmet_test(policy, policy.rules[decision.rule], facts)) decision.unmet = test->fact;
  return decision;
}

const Snapshot::ExceptionSet* exceptions_of(const Snapshot& policy, std::uint64_t device_key) {
  if (device_key == 0) return nullptr;
  const auto at = std::ranges::lower_bound(policy.exceptions, device_key, {}, &Snapshot::ExceptionSet::device_key);
  return at != policy.exceptions.end() && at->device_key == device_key ? &*at : nullptr;
}

bool operator_blocks(const Snapshot& policy, std::uint64_t device_key) {
  return device_key != 0 && std::ranges::binary_search(policy.blocked_devices, device_key);
}

}  // namespace

Mode effective_mode(const Snapshot& policy, const FlowFacts& facts) {
  const Segment& segment = segment_of(policy, facts.segment);
  if (segment.mode != Mode::kEnforce || facts.device.mode == Mode::kMonitor) return Mode::kMonitor;
  if (unidentified(policy, facts)) return segment.unidentified_mode;
  return class_of(policy, facts.device.device_class).mode == Mode::kMonitor ? Mode::kMonitor : Mode::kEnforce;
}

Criticality criticality_of(const Snapshot& policy, const FlowFacts& facts) {
  auto highest = std::max(class_of(policy, facts.device.device_class).criticality, facts.device.inherited);
  if (unidentified(policy, facts))
    for (ClassId expected : Snapshot::of(policy.class_ids, segment_of(policy, facts.segment).expects))
      highest = std::max(highest, class_of(policy, expected).criticality);
  return highest;
}

Decision block(const Snapshot& policy, const FlowFacts& facts, Step step, Reason reason, RuleId rule) {
  const bool known = !unidentified(policy, facts);
  const DeviceClass& owner = class_of(policy, facts.device.device_class);
  const bool enforced = effective_mode(policy, facts) == Mode::kEnforce && owner.on_violation != OnViolation::kAlert;
  return {.verdict = enforced ? Verdict::kBlock : Verdict::kWouldBlock,
          // What is forwarded all the same is still classified, so that the record can say what it was.
          .kind = !enforced && facts.app_state == AppState::kUnknown ? FlowKind::kUndecided : FlowKind::kSettled,
          .step = step,
          .reason = reason,
          .rule = rule,
          .drop = enforced,
          .counts = known && enforced && !facts.guessed &&
                    (reason == Reason::kDetection ||
                     (!owner.counts_detections_only && facts.opened_by == flow::OpenedBy::kDevice)),
          .reject = enforced && owner.on_violation == OnViolation::kReject};
}

Decision decide(const Snapshot& policy, const FlowFacts& facts) {
  if (!kept(policy, facts, facts.device.quarantine)) return quarantined();

  const Search essential = search_essential(policy, facts);
  const bool threatened = facts.threat >= DetectionAction::kDrop;
  if (essential.allowed != nullptr && !threatened) return allow(policy, *essential.allowed, Step::kKeepAlive, facts);
  if (threatened && (essential.allowed != nullptr || essential.unproved != nullptr))
    return alert_essential(*(essential.allowed != nullptr ? essential.allowed : essential.unproved),
                           Reason::kDetection);

  // A quarantined peer is cut back on its own pass; here only what neither side needs is stopped.
  if (facts.peer_is_device && facts.peer_device.quarantine != Profile::kNone && essential.carrier() == nullptr)
    return quarantined();
  if (operator_blocks(policy, facts.device_key))
    return block(policy, facts, Step::kOperatorBlock, Reason::kOperatorBlock, kNoRule);
  if (threatened) return block(policy, facts, Step::kDetection, Reason::kDetection, kNoRule);

  const Rule* unproved = nullptr;
  Step unproved_step = Step::kDefault;
  Search refused{.other_app = essential.other_app, .condition = essential.condition};
  std::optional<Decision> answer;
  const auto look = [&](Range rules, Step step) {
    const Search found = search(policy, rules, facts, Which::kAll);
    if (found.allowed != nullptr) answer = allow(policy, *found.allowed, step, facts);
    if (unproved == nullptr && found.unproved != nullptr) {
      unproved = found.unproved;
      unproved_step = found.unproved->essential ? Step::kKeepAlive : step;
    }
    if (refused.other_app == nullptr) refused.other_app = found.other_app;
    if (refused.condition == nullptr) refused.condition = found.condition;
    return answer.has_value();
  };
  if (const auto* set = exceptions_of(policy, facts.device_key); set == nullptr || !look(set->rules, Step::kException))
    if (!look(policy.infrastructure, Step::kInfrastructure)) each_class_list(policy, facts, look);
  if (answer) return *answer;

  if (unproved != nullptr) return allow(policy, *unproved, unproved_step, facts, false);
  if (const Rule* rule = essential.refused(); rule != nullptr)
    return with_fact(policy, facts, alert_essential(*rule, essential.refused_for()));
  if (const Rule* rule = refused.refused(); rule != nullptr)
    return with_fact(policy, facts, block(policy, facts, Step::kDefault, refused.refused_for(), rule->id));
  return block(policy, facts, Step::kDefault, Reason::kNoRule, kNoRule);
}

bool singles_out(const Snapshot& policy, std::uint64_t device_key) {
  return operator_blocks(policy, device_key) || exceptions_of(policy, device_key) != nullptr;
}

}  // namespace wardline::enforce
