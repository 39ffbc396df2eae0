// What the asset register says, against what is on the wire.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "controlplane/findings/checks.h"
#include "controlplane/identity/place.h"
#include "controlplane/inventory/address_text.h"

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

// A switch's name as two tables may both have it: caseless, without its domain. "" of an address or a MAC, which cannot
// be compared with a name.
std::string bare_name(std::string_view name) {
  if (inventory::parse_address(name) || inventory::parse_mac(name)) return "";
  std::string bare(name.substr(0, name.find('.')));
  std::ranges::transform(bare, bare.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return bare;
}

// The newest word of an imported table or of option 82. An uplink names the switch that is next, and not the device's.
void compare_switch(const Device& device, const RegisterEntry& entry, WallTime now, Conditions& out) {
  constexpr std::chrono::hours kLately{7 * 24};
  const inventory::Evidence* told = nullptr;
  for (const auto& item : device.evidence)
    if (item.attribute == "place.switch" && item.source != identity::kUplink && item.last_seen + kLately > now &&
        (told == nullptr || item.last_seen > told->last_seen))
      told = &item;
  if (told == nullptr) return;
  const auto stated = bare_name(entry.switch_name), seen = bare_name(told->value);
  if (stated.empty() || seen.empty() || stated == seen) return;
  out.push_back(
      {.kind = "register_mismatch",
       .subject = "switch",
       .explanation = fmt::format("{} has {} at the switch '{}', but by {} it is at '{}'.", entry.at.line_text(),
                                  device.id, entry.switch_name, told->source, told->value),
       .evidence = {fmt::format("{} = {}", told->attribute, told->value)}});
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
  compare_switch(device, entry, around.now, out);
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
