#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "controlplane/identity/identity.h"
#include "controlplane/identity/score.h"

namespace wardline::identity {
namespace {

using inventory::Device;
using inventory::Evidence;
using policy::ClassText;
using policy::Policy;

constexpr std::size_t kMaxRunnersUp = 3, kMaxContradictions = 8;
constexpr std::string_view kUnidentified = "unidentified";
constexpr std::string_view kPinned = "pinned ";  // every reason of a pin begins so

const ClassText* find_class(const Policy& policy, std::string_view name) {
  if (name.empty() || name == kUnidentified) return nullptr;
  const auto found = std::ranges::find(policy.classes, name, &ClassText::name);
  return found == policy.classes.end() ? nullptr : &*found;
}

bool life_critical(const ClassText& text) {
  return text.criticality == enforce::Criticality::kLifeCritical;
}

const std::string* last_value(const Device& device, std::string_view attribute) {
  const Evidence* last = nullptr;
  for (const auto& evidence : device.evidence)
    if (evidence.attribute == attribute && (last == nullptr || evidence.last_seen >= last->last_seen)) last = &evidence;
  return last == nullptr ? nullptr : &last->value;
}

// Each class that any evidence speaks for, the best first. Equal ones stay in the policy's order, so that the answer
// does not depend on the order of observations.
std::vector<Score> all_scores(const Device& device, const Policy& policy, bool listed) {
  std::vector<Score> scores;
  for (const auto& text : policy.classes) {
    if (text.name.empty() || text.name == kUnidentified) continue;
    auto score = score_of(device, text, policy, listed);
    if (score.total > 0) scores.push_back(std::move(score));
  }
  std::ranges::stable_sort(scores, [](const Score& a, const Score& b) { return a.share() > b.share(); });
  return scores;
}

void take(Classification& result, const Score& score, const Device& device) {
  result.confidence = std::min(100, static_cast<int>(score.share() * 100));
  for (const auto& counted : score.counted) result.weights[counted.evidence] = counted.weight;
  result.reason = fmt::format("{} = {} of {}", sum_text(score, device), score.total, score.text->threshold);
}

const Score* score_for(const std::vector<Score>& scores, const ClassText& text) {
  const auto found = std::ranges::find(scores, &text, &Score::text);
  return found == scores.end() ? nullptr : &*found;
}

// Firmware that boots over the network asks for an address before the system does, in words of its own: PXE (RFC 4578),
// HTTP boot (UEFI), iPXE, NetBoot, U-Boot.
bool boots(const Evidence& evidence) {
  static constexpr std::array<std::string_view, 5> kWords{"PXEClient", "HTTPClient", "iPXE", "AAPLBSDPC", "U-Boot"};
  return std::ranges::any_of(kWords, [&](std::string_view word) { return evidence.value.starts_with(word); });
}

// A device that begins to say other things than those its class was given for may be another one behind the same MAC.
void find_changed_claims(Classification& result, const ClassText& text, const Device& device) {
  const auto fits_class = [&](const Evidence& evidence) {
    return std::ranges::any_of(text.evidence, [&](const auto& rule) { return fits(rule, evidence); });
  };
  for (const auto& before : device.evidence) {
    if (before.source != "dhcp" && before.source != "lldp") continue;
    if (!fits_class(before)) continue;
    for (const auto& after : device.evidence) {
      if (after.source != before.source || after.attribute != before.attribute) continue;
      if (after.first_seen <= before.first_seen || fits_class(after) || boots(after)) continue;
      result.contradictions.push_back(
          {after.attribute, fmt::format("{} was '{}', which fits {}, and later '{}', which does not", after.attribute,
                                        before.value, text.name, after.value)});
    }
  }
}

// A maker of pumps makes other machines, which speak as pumps do: a class that is shown by nothing but what fits the
// given one, and no better, only came second.
bool is_runner_up(const Score& score, const ClassText& given, const Device& device, const std::vector<Score>& scores) {
  const auto* own = score_for(scores, given);
  if (own == nullptr || score.share() > own->share()) return false;
  return std::ranges::all_of(score.counted, [&](const auto& counted) {
    return std::ranges::any_of(given.evidence,
                               [&](const auto& rule) { return fits(rule, device.evidence[counted.evidence]); });
  });
}

void find_contradictions(Classification& result, const ClassText& given, const Device& device,
                         const std::vector<Score>& scores) {
  if (given.criticality != enforce::Criticality::kNone) find_changed_claims(result, given, device);
  for (const auto& score : scores) {
    if (score.text == &given || !score.passes() || is_runner_up(score, given, device, scores)) continue;
    result.contradictions.push_back(
        {score.text->name, fmt::format("evidence is enough for {} too: {} = {} of {}", score.text->name,
                                       sum_text(score, device), score.total, score.text->threshold)});
  }
  if (result.contradictions.size() > kMaxContradictions) result.contradictions.resize(kMaxContradictions);
}

struct Pin {
  const ClassText* text = nullptr;
  std::string reason;
};

// The operator's word comes before the register's. A pin to a class that the policy lacks is told, and then ignored.
Pin find_pin(const Device& device, const policy::RegisterEntry* entry, const Policy& policy, Classification& result) {
  const bool same = entry != nullptr && entry->pin() == device.pinned_class;
  if (!device.pinned_class.empty() && !same) {
    if (const auto* text = find_class(policy, device.pinned_class)) {
      const auto* by = last_value(device, "pinned_by");
      return {text, by == nullptr ? "pinned by an operator" : "pinned by operator " + *by};
    }
    result.contradictions.push_back(
        {"pin by an operator",
         fmt::format("an operator pinned it to {}, a class that the policy does not have", device.pinned_class)});
  }
  if (entry == nullptr || entry->pin().empty()) return {};
  if (const auto* text = find_class(policy, entry->device_class)) return {text, "pinned in " + entry->at.line_text()};
  result.contradictions.push_back(
      {"pin in the register", fmt::format("{} pins it to {}, a class that the policy does not have",
                                          entry->at.line_text(), entry->device_class)});
  return {};
}

void give_pinned(Classification& result, const Pin& pin, const Device& device, const std::vector<Score>& scores) {
  if (const auto* score = score_for(scores, *pin.text)) take(result, *score, device);
  result.device_class = pin.text->name;
  result.confidence = 100;
  result.reason = pin.reason;
  find_contradictions(result, *pin.text, device, scores);
}

// The former class while it passes; a life-critical one also when it does not, unless it came from a pin that a person
// has since taken away.
bool keep_former(Classification& result, const Device& device, const Policy& policy, const std::vector<Score>& scores) {
  const auto* former = find_class(policy, device.device_class);
  if (former == nullptr) return false;
  const auto* score = score_for(scores, *former);
  const bool passes = score != nullptr && score->passes();
  const bool held = life_critical(*former) && !device.class_reason.starts_with(kPinned);
  if (!passes && !held) return false;
  if (score != nullptr) take(result, *score, device);
  result.device_class = former->name;
  if (!passes) {
    const auto sum = score == nullptr ? fmt::format("0 of {}", former->threshold) : result.reason;
    result.reason =
        fmt::format("kept, since only a person takes a device out of a life-critical class; evidence: {}", sum);
    result.contradictions.push_back({former->name, fmt::format("evidence no longer gives {}: {}", former->name, sum)});
  }
  find_contradictions(result, *former, device, scores);
  return true;
}

void give_unidentified(Classification& result, const Device& device, const std::vector<Score>& scores) {
  result.device_class = kUnidentified;
  if (scores.empty()) {
    result.reason = "nothing that was seen speaks for any class";
    return;
  }
  const auto& nearest = scores.front();
  result.reason = fmt::format("nearest is {}: {} = {} of {}", nearest.text->name, sum_text(nearest, device),
                              nearest.total, nearest.text->threshold);
  if (nearest.enough()) result.reason += "; " + nearest.refusal;
}

}  // namespace

const policy::RegisterEntry* register_entry(const Device& device, const Policy& policy) {
  if (device.interfaces.empty()) return policy.find_register_id(device.id);
  for (const auto& interface : device.interfaces)
    if (const auto* entry = policy.find_register(interface.mac)) return entry;
  const auto* client_id = last_value(device, "dhcp.client_id");
  for (const auto& entry : policy.devices) {
    if (client_id != nullptr && !entry.dhcp_client_id.empty() && entry.dhcp_client_id == *client_id) return &entry;
    if (!device.serial.empty() && entry.serial == device.serial) return &entry;
  }
  return nullptr;
}

Classification classify(const Device& device, const Policy& policy) {
  Classification result;
  result.weights.assign(device.evidence.size(), 0);
  const auto* entry = register_entry(device, policy);
  const auto scores = all_scores(device, policy, entry != nullptr);
  const auto pin = find_pin(device, entry, policy, result);
  const auto winner = std::ranges::find_if(scores, &Score::passes);
  if (pin.text != nullptr) {
    give_pinned(result, pin, device, scores);
  } else if (!keep_former(result, device, policy, scores)) {
    if (winner == scores.end()) {
      give_unidentified(result, device, scores);
    } else {
      result.device_class = winner->text->name;
      take(result, *winner, device);
      find_contradictions(result, *winner->text, device, scores);
    }
  }
  for (const auto& score : scores) {
    if (result.runners_up.size() == kMaxRunnersUp) break;
    if (score.text->name != result.device_class) result.runners_up.emplace_back(score.text->name, score.total);
  }
  return result;
}

}  // namespace wardline::identity
