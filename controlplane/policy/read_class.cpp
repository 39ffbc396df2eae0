// classes/NAME.yaml
#include <algorithm>

#include <fmt/format.h>

#include "controlplane/policy/attributes.h"
#include "controlplane/policy/value_pattern.h"
#include "controlplane/policy/values.h"

namespace wardline::policy {
namespace {

void read_attribute(const YamlValue& attribute, const YamlValue& matches, EvidenceRule& rule) {
  rule.matches = matches.as_text(256).value_or("");
  if (!rule.matches.empty())
    if (const auto compiled = value_pattern(rule.matches); !compiled)
      matches.error("policy.regex", compiled.error().what);
  const auto name = attribute.as_text(64);
  if (!name) return;
  rule.attribute = *name;
  const auto known = attributes();
  const auto found = std::find_if(known.begin(), known.end(), [&](const Attribute& a) { return a.name == *name; });
  if (found != known.end()) {
    rule.group = found->group;
    return;
  }
  std::vector<std::string> names;
  for (const auto& each : known) names.emplace_back(each.name);
  const auto near = nearest(*name, names);
  attribute.error("policy.attribute", fmt::format("'{}' is no attribute that is observed; {}", *name,
                                                  near.empty() ? fmt::format("known are: {}", fmt::join(names, ", "))
                                                               : fmt::format("did you mean '{}'?", near)));
}

EvidenceRule read_evidence(const YamlValue& value) {
  EvidenceRule rule;
  rule.at = value.at();
  auto map = value.as_map();
  if (!map) return rule;
  rule.weight = static_cast<int>(map->require("weight").as_number(1, 100, "weight").value_or(0));
  const auto attribute = map->get("attribute"), speaks = map->get("speaks");
  if (attribute && speaks) speaks.error("policy.evidence", "expected either 'attribute' or 'speaks', found both");
  if (speaks) {
    rule.group = EvidenceGroup::kExchange;
    rule.speaks = speaks.as_name().value_or("");
    if (const auto as = map->require("as").as_word({"client", "server"})) rule.as_client = *as == 0;
    rule.with = map->get("with").as_name().value_or("");
  } else {
    read_attribute(map->require("attribute"), map->require("matches"), rule);
  }
  map->finish();
  return rule;
}

void read_identify(const YamlValue& value, ClassDraft& draft) {
  if (!value) return;
  draft.identify_at = value.at();
  auto map = value.as_map();
  if (!map) return;
  draft.text.threshold = static_cast<int>(map->require("threshold").as_number(1, 1000, "threshold").value_or(60));
  if (const auto list = map->require("evidence").as_list())
    for (std::size_t i = 0; i < list->size(); ++i) draft.text.evidence.push_back(read_evidence((*list)[i]));
  map->finish();
}

void read_threshold(const YamlValue& value, ClassDraft& draft) {
  auto map = value.as_map();
  if (!map) return;
  const auto counts = map->require("counts");
  draft.counts_at = counts.at();
  if (const auto word = counts.as_word({"violations", "detections"})) draft.counts_detections = *word == 1;
  draft.after = static_cast<std::uint16_t>(map->require("after").as_number(1, 200, "after").value_or(0));
  draft.within_seconds = static_cast<std::uint16_t>(read_seconds(map->require("within"), 1, 3600).value_or(60));
  map->finish();
}

void read_on_violation(const YamlValue& value, ClassDraft& draft) {
  auto map = value.as_map();
  if (!map) return;
  if (const auto action = map->require("action").as_word({"drop", "reject", "alert"}))
    draft.on_violation = static_cast<enforce::OnViolation>(*action);
  read_threshold(map->get("quarantine"), draft);
  map->finish();
}

void read_quarantine(const YamlValue& value, ClassDraft& draft) {
  auto map = value.as_map();
  if (!map) return;
  const auto profile = map->require("profile");
  draft.profile_at = profile.at();
  if (const auto word = profile.as_word({"contain", "isolate", "cut-off"}))
    draft.profile = static_cast<enforce::Profile>(*word + 1);
  if (const auto approval = map->require("approval").as_word({"none", "required"}))
    draft.approval_required = *approval == 1;
  map->finish();
}

void read_requires(const YamlValue& value, ClassDraft& draft) {
  const auto list = value.as_list();
  for (std::size_t i = 0; list && i < list->size(); ++i)
    if ((*list)[i].as_word({"register"})) draft.text.requires_register = true;
}

void read_mode(const YamlValue& value, ClassDraft& draft) {
  const auto word = value.as_word({"inherit", "monitor", "enforce"});
  if (!word) return;
  if (*word == 2)
    value.error("policy.mode", "a class may only weaken to 'monitor': enforcing is said by the segment or the site");
  if (*word == 1) draft.text.mode = enforce::Mode::kMonitor;
}

void read_rules(const YamlValue& value, ClassDraft& draft) {
  const auto list = value.as_list();
  for (std::size_t i = 0; list && i < list->size(); ++i) {
    auto map = (*list)[i].as_map();
    if (!map) continue;
    draft.rules.push_back(read_rule(*map));
    map->finish();
  }
}

}  // namespace

void read_class(const YamlValue& root, const std::string& expected_name, ClassDraft& draft) {
  draft.text.at = root.at();
  auto map = root.as_map();
  if (!map) return;
  const auto name = map->require("class");
  draft.name_at = name ? name.at() : root.at();
  draft.text.name = read_new_name(name).value_or("");
  if (!draft.text.name.empty() && draft.text.name != expected_name)
    name.error("policy.class-name", fmt::format("the class is '{}', but the file's name says '{}': they must agree",
                                                draft.text.name, expected_name));
  draft.text.title = map->require("title").as_text(128).value_or("");
  if (const auto purpose = map->require("purpose").as_word({"medical", "operational", "none"}))
    draft.text.purpose = static_cast<Purpose>(*purpose);
  const auto criticality = map->require("criticality");
  draft.criticality_at = criticality.at();
  if (const auto word = criticality.as_word({"none", "care-support", "care-critical", "life-critical"}))
    draft.text.criticality = static_cast<enforce::Criticality>(*word);
  read_mode(map->get("mode"), draft);
  const auto must = map->get("requires");
  draft.requires_at = must.at();
  read_requires(must, draft);
  read_identify(map->get("identify"), draft);
  read_rules(map->require("rules"), draft);
  if (const auto inspect = map->get("inspect")) draft.inspect_bytes = read_depth(inspect);
  draft.detections = read_detections(map->get("detections"));
  read_on_violation(map->require("on_violation"), draft);
  read_quarantine(map->require("quarantine"), draft);
  map->finish();
}

}  // namespace wardline::policy
