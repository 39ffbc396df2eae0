#include "controlplane/identity/score.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "controlplane/identity/exchange.h"
#include "controlplane/identity/pattern_cache.h"

namespace wardline::identity {
namespace {

using inventory::Device;
using inventory::Evidence;
using policy::EvidenceGroup;

constexpr std::string_view name_of(EvidenceGroup group) {
  switch (group) {
    case EvidenceGroup::kClaims:
      return "claims";
    case EvidenceGroup::kExchange:
      return "exchange";
    case EvidenceGroup::kPlace:
      return "place";
    case EvidenceGroup::kRegister:
      return "register";
  }
  return "claims";
}

// Place speaks only while the device is there: evidence of a segment that it left is history.
bool still_true(const Evidence& evidence, const Device& device, const policy::Policy& policy) {
  if (evidence.source != "segment") return true;
  return std::ranges::any_of(device.interfaces, [&](const inventory::Interface& interface) {
    if (evidence.attribute == "segment") return interface.segment == evidence.value;
    const auto segment = std::ranges::find(policy.segments, interface.segment, &policy::SegmentText::name);
    if (segment == policy.segments.end()) return false;
    return evidence.attribute == "ward" ? segment->ward == evidence.value
                                        : std::ranges::count(segment->expects, evidence.value) > 0;
  });
}

// A fingerprint's conclusion, "dhcp (ID)", is no other source than the evidence that it was drawn from.
std::string_view root_of(const Evidence& evidence) {
  return std::string_view(evidence.source).substr(0, evidence.source.find(" ("));
}

// What may not add up with itself: outside life-critical classes all that one source says, for these all that one
// group says. Exchanges with different applications and roles are different sources: other peers have answered.
std::string origin_of(const Evidence& evidence, bool by_group) {
  if (by_group) return std::string(name_of(evidence.group));
  if (evidence.source == "exchange") return "exchange " + evidence.value;
  return std::string(root_of(evidence));
}

std::string refusal_of(const Score& score, const Device& device, bool listed) {
  const auto& text = *score.text;
  if (text.requires_register && !listed) return "it demands an entry in the asset register";
  if (text.criticality == enforce::Criticality::kNone) return {};
  const auto only = [&](auto test) { return std::ranges::all_of(score.counted, test); };
  if (text.criticality == enforce::Criticality::kLifeCritical &&
      only([](const Counted& c) { return c.group == EvidenceGroup::kClaims; })) {
    return "a life-critical class needs more than what the device says of itself";
  }
  if (only([&](const Counted& c) { return root_of(device.evidence[c.evidence]) == "oui"; })) {
    return "the maker of the MAC address alone gives no class that matters to patients";
  }
  return {};
}

}  // namespace

bool fits(const policy::EvidenceRule& rule, const Evidence& evidence) {
  if (rule.speaks.empty()) return rule.attribute == evidence.attribute && pattern_found(rule.matches, evidence.value);
  if (evidence.attribute != "speaks") return false;
  const auto exchange = Exchange::parse(evidence.value);
  return exchange && exchange->app == rule.speaks && exchange->as_client == rule.as_client &&
         (rule.with.empty() || exchange->with == rule.with);
}

Score score_of(const Device& device, const policy::ClassText& text, const policy::Policy& policy, bool listed) {
  Score score;
  score.text = &text;
  const bool by_group = text.criticality == enforce::Criticality::kLifeCritical;
  std::map<std::string, Counted> best;  // by origin
  for (std::size_t i = 0; i < device.evidence.size(); ++i) {
    const auto& evidence = device.evidence[i];
    if (!still_true(evidence, device, policy)) continue;
    for (const auto& rule : text.evidence) {
      if (rule.weight <= 0 || !fits(rule, evidence)) continue;
      const Counted counted{i, rule.weight, evidence.group};
      const auto [at, fresh] = best.emplace(origin_of(evidence, by_group), counted);
      if (!fresh && at->second.weight < counted.weight) at->second = counted;
    }
  }
  for (const auto& [origin, counted] : best) {
    score.total += counted.weight;
    score.counted.push_back(counted);
  }
  std::ranges::stable_sort(score.counted, {}, &Counted::group);
  score.refusal = refusal_of(score, device, listed);
  return score;
}

std::string sum_text(const Score& score, const Device& device) {
  if (score.counted.empty()) return "nothing";
  std::string text;
  for (const auto& counted : score.counted) {
    const auto& evidence = device.evidence[counted.evidence];
    const bool speaks = evidence.attribute == "speaks";
    text += fmt::format("{}{} {} ({} {}{}{})", text.empty() ? "" : " + ", name_of(counted.group), counted.weight,
                        evidence.attribute, speaks ? "" : "'", evidence.value, speaks ? "" : "'");
  }
  return text;
}

}  // namespace wardline::identity
