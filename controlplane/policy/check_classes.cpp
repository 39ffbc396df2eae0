// Classes against what their criticality allows, and against roles and applications that their evidence names.
#include <algorithm>

#include <fmt/format.h>

#include "controlplane/policy/check.h"

namespace wardline::policy {
namespace {

using enforce::Criticality;
using enforce::Profile;

// The highest profile that is taken without a person's word. `cut-off` never is.
Profile highest_automatic(Criticality criticality) {
  return criticality == Criticality::kNone ? Profile::kIsolate : Profile::kContain;
}

void check_quarantine(const CheckContext& context, const ClassDraft& each) {
  const auto highest = highest_automatic(each.text.criticality);
  if (each.profile > highest && !each.approval_required)
    context.error(each.profile_at, "policy.profile",
                  fmt::format("'{}' is above what a {} class may get by itself ('{}'): write 'approval: required'",
                              text_of(each.profile), text_of(each.text.criticality), text_of(highest)));
  if (each.text.criticality == Criticality::kLifeCritical && each.after != 0 && !each.counts_detections)
    context.error(each.counts_at, "policy.counts",
                  "a life-critical class counts detections only: write 'counts: detections'");
}

void check_unidentified(const CheckContext& context, const ClassDraft& each) {
  if (each.identify_at.line != 0 || each.text.requires_register)
    context.error(each.identify_at.line != 0 ? each.identify_at : each.requires_at, "policy.unidentified",
                  "'unidentified' is what a device is without evidence: take 'identify' and 'requires' out");
  if (each.text.criticality != Criticality::kNone)
    context.error(each.criticality_at, "policy.unidentified",
                  "'unidentified' has criticality 'none'; its segment's expected classes count in its place");
  if (each.after != 0)
    context.error(
        each.counts_at, "policy.unidentified",
        "an unidentified device is never quarantined by itself, it may be a ventilator: take 'quarantine' out");
}

// A forger's MAC must not be enough for what only some devices may do.
void check_maker_alone(const CheckContext& context, const ClassDraft& each) {
  if (each.text.criticality == Criticality::kNone || each.text.evidence.empty()) return;
  for (const auto& rule : each.text.evidence)
    if (rule.attribute == "vendor" && rule.weight >= each.text.threshold)
      context.error(
          rule.at, "policy.maker-alone",
          fmt::format("weight {} reaches the threshold of {} alone: no class of criticality {} is given on the "
                      "MAC's maker alone",
                      rule.weight, each.text.threshold, text_of(each.text.criticality)));
}

// For a life-critical class the best of each group counts, and one group besides claims must.
void check_reachable(const CheckContext& context, const ClassDraft& each) {
  if (each.text.evidence.empty()) return;
  const bool best_only = each.text.criticality == Criticality::kLifeCritical;
  std::array<int, 4> group{};
  for (const auto& rule : each.text.evidence) {
    int& sum = group[static_cast<std::size_t>(rule.group)];
    sum = best_only ? std::max(sum, rule.weight) : sum + rule.weight;
  }
  const int total = group[0] + group[1] + group[2] + group[3];
  if (total < each.text.threshold || (best_only && total == group[0]))
    context.warn(each.identify_at, "policy.unreachable",
                 fmt::format("no evidence can reach this threshold ({} of {}{}): only a pin gives this class", total,
                             each.text.threshold, best_only ? ", and one source besides claims is needed" : ""));
}

void check_evidence(const CheckContext& context, const ClassDraft& each) {
  const auto roles = names_of(context.draft.site.roles);
  for (const auto& rule : each.text.evidence) {
    if (context.site_known && !rule.with.empty() && !holds(roles, rule.with))
      context.unknown("role", {rule.with, rule.at}, roles);
    if (context.apps_known && !rule.speaks.empty() && !context.signatures.app(rule.speaks))
      context.unknown("application", {rule.speaks, rule.at}, app_names_of(context.signatures));
  }
}

// One name must not mean an address here and a class there.
void check_names(const CheckContext& context) {
  std::vector<std::string> taken = context.class_names;
  for (const auto* groups : {&context.draft.site.roles, &context.draft.site.zones})
    for (const auto& group : *groups) {
      if (holds(taken, group.name))
        context.error(
            group.at, "policy.name",
            fmt::format("'{}' is also the name of a class, role or zone: rules could not tell them apart", group.name));
      taken.push_back(group.name);
    }
}

}  // namespace

void check_classes(const CheckContext& context) {
  check_names(context);
  for (const auto& each : context.draft.classes) {
    check_quarantine(context, each);
    check_evidence(context, each);
    check_maker_alone(context, each);
    check_reachable(context, each);
    if (each.text.name == "unidentified") check_unidentified(context, each);
  }
  if (!holds(context.class_names, "unidentified"))
    context.errors.push_back({"policy.file-missing", "classes/unidentified.yaml:1:1",
                              "the file is missing: it says what a device of no known class may do"});
}

}  // namespace wardline::policy
