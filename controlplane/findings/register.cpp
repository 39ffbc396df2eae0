// What the asset register says, against what is on the wire.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "controlplane/findings/checks.h"

namespace wardline::findings {
namespace {

using inventory::Device;
using policy::RegisterEntry;

// "B.Braun Melsungen AG" as {braun, melsungen}: letters and digits, caseless, without what says nothing of a maker.
std::set<std::string> words_of(std::string_view text) {
  static const std::set<std::string> kSayNothing{
      "inc",        "ltd",          "gmbh", "corp",    "corporation", "company",       "limited",     "llc", "systems",
      "technology", "technologies", "the",  "medical", "group",       "international", "electronics", "and"};
  std::set<std::string> words;
  std::string word;
  const auto end = [&] {
    if (word.size() > 2 && !kSayNothing.contains(word)) words.insert(word);
    word.clear();
  };
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && static_cast<unsigned char>(c) < 0x80)
      end();
    else
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  end();
  return words;
}

bool share_a_word(std::string_view one, std::string_view other) {
  const auto left = words_of(one), right = words_of(other);
  if (left.empty() || right.empty()) return true;  // nothing to compare
  return std::ranges::any_of(left, [&](const auto& word) { return right.contains(word); });
}

// What it says of itself. The maker of its MAC is not asked: many medical devices have a module of another's.
void compare_claims(const Device& device, const RegisterEntry& entry, Conditions& out) {
  struct Claim {
    std::string_view attribute, what;
    std::string RegisterEntry::* said;
  };
  static constexpr Claim kClaims[] = {{"lldp.vendor", "maker", &RegisterEntry::vendor},
                                      {"maker", "maker", &RegisterEntry::vendor},
                                      {"lldp.model", "model", &RegisterEntry::model},
                                      {"product", "model", &RegisterEntry::model}};
  for (const auto& claim : kClaims) {
    const auto& said = entry.*claim.said;
    std::vector<std::string> other;
    bool same = said.empty();
    for (const auto& item : device.evidence) {
      if (item.attribute != claim.attribute || item.source == "register") continue;
      same = same || share_a_word(said, item.value);
      other.push_back(fmt::format("{} = {}", item.attribute, item.value));
    }
    if (same || other.empty()) continue;
    out.push_back({.kind = "register_mismatch",
                   .subject = std::string(claim.what),
                   .explanation = fmt::format("{} gives {} the {} '{}', but the device says another: {}.",
                                              entry.at.line_text(), device.id, claim.what, said, other.front()),
                   .evidence = std::move(other)});
  }
}

}  // namespace

void check_register(const Device& device, const Surroundings& around, Conditions& out) {
  const auto& policy = around.policy;
  if (policy.devices.empty()) return;
  if (around.entry == nullptr) {
    out.push_back(
        {.kind = "not_in_register", .explanation = fmt::format("{} is in no line of the asset register.", device.id)});
    return;
  }
  const auto& entry = *around.entry;
  if (!entry.pin().empty() && entry.pin() != device.device_class)
    out.push_back(
        {.kind = "register_mismatch",
         .subject = "class",
         .explanation = fmt::format("{} gives {} the class {}, but it has {} ({}).", entry.at.line_text(), device.id,
                                    entry.device_class, device.device_class, device.class_reason)});
  const bool there = entry.segment.empty() || device.interfaces.empty() ||
                     std::ranges::count(device.interfaces, entry.segment, &inventory::Interface::segment) != 0;
  if (!there)
    out.push_back({.kind = "register_mismatch",
                   .subject = "segment",
                   .explanation = fmt::format("{} puts {} into segment {}, but it is in {}.", entry.at.line_text(),
                                              device.id, entry.segment, device.interfaces.back().segment)});
  compare_claims(device, entry, out);
}

Conditions check_register_silence(const policy::Policy& policy, const std::set<std::string>& seen,
                                  std::chrono::seconds silence) {
  const auto days = std::chrono::duration_cast<std::chrono::days>(silence).count();
  Conditions out;
  for (const auto& entry : policy.devices)
    if (!seen.contains(entry.id))
      out.push_back({.kind = "register_silent",
                     .subject = entry.id,
                     .explanation = fmt::format("{} of the asset register ({}) was not seen for {} days.", entry.id,
                                                entry.at.line_text(), days)});
  return out;
}

}  // namespace wardline::findings
