// fingerprints/NAME.yaml: what values of which attributes show what kind of device.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "controlplane/policy/attributes.h"
#include "controlplane/policy/fingerprints.h"
#include "controlplane/policy/value_pattern.h"

namespace wardline::policy {
namespace {

constexpr std::array<std::string_view, 7> kTold{"maker", "product", "kind", "os", "firmware", "software", "serial"};
constexpr std::size_t kMostConditions = 8;

// What a device says of itself: evidence of its place or of the register is no fingerprint, nor is what another
// fingerprint told, so that none can wait for itself.
bool may_ask(const Attribute& attribute) {
  return attribute.group == EvidenceGroup::kClaims && std::ranges::find(kTold, attribute.name) == kTold.end();
}

bool check_name(const std::string& name, const YamlValue& value, const std::vector<std::string>& known) {
  if (std::ranges::find(known, name) != known.end()) return true;
  const auto near = nearest(name, known);
  value.error("fingerprint.attribute", fmt::format("'{}' has no place here; {}", name,
                                                   near.empty() ? fmt::format("known are: {}", fmt::join(known, ", "))
                                                                : fmt::format("did you mean '{}'?", near)));
  return false;
}

const std::vector<std::string>& askable() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names;
    for (const auto& each : attributes())
      if (may_ask(each)) names.emplace_back(each.name);
    return names;
  }();
  return kNames;
}

void read_when(const YamlValue& value, DeviceFingerprint& entry) {
  auto map = value.as_map();
  if (!map) return;
  map->each([&](const std::string& key, const Location&, const YamlValue& text) {
    const auto pattern = text.as_text(256);
    if (!pattern || !check_name(key, text, askable())) return;
    auto compiled = value_pattern(*pattern);
    if (compiled)
      entry.when.push_back({key, std::move(*compiled)});
    else
      text.error("fingerprint.regex", compiled.error().what);
  });
  if (entry.when.size() > kMostConditions)
    value.error("fingerprint.when",
                fmt::format("expected at most {} conditions, found {}", kMostConditions, entry.when.size()));
}

void read_sets(const YamlValue& value, DeviceFingerprint& entry) {
  auto map = value.as_map();
  if (!map) return;
  const int groups = entry.when.empty() ? 0 : entry.when.front().pattern->NumberOfCapturingGroups();
  map->each([&](const std::string& key, const Location&, const YamlValue& text) {
    auto form = text.as_text(128);
    if (!form || !check_name(key, text, {kTold.begin(), kTold.end()})) return;
    for (std::size_t i = 0; i + 1 < form->size(); ++i)
      if ((*form)[i] == '\\' && (*form)[i + 1] - '0' > groups)
        text.error("fingerprint.group",
                   fmt::format("group {} is asked for; the first pattern of `when` has {}", (*form)[i + 1], groups));
    entry.sets.emplace_back(key, std::move(*form));
  });
}

// A map of attributes and values, as one device would show them.
void run_example(const YamlValue& value, const DeviceFingerprint& entry, bool expected) {
  auto map = value.as_map();
  if (!map) return;
  std::map<std::string, std::string> values;
  map->each([&](const std::string& key, const Location&, const YamlValue& text) {
    if (auto read = text.as_text(256); read && check_name(key, text, askable())) values.emplace(key, *read);
  });
  std::vector<Seen> seen;
  for (const auto& [attribute, text] : values) seen.push_back({attribute, text});
  if (entry.told_by(seen).empty() == expected)
    value.error("fingerprint.example", fmt::format("{} says {} of this example, expected {}", entry.id,
                                                   expected ? "nothing" : "something", expected ? "a match" : "none"));
}

void read_examples(const YamlValue& value, const DeviceFingerprint& entry) {
  auto map = value.as_map();
  if (!map) return;
  const auto each = [&](const YamlValue& list, bool expected) {
    const auto examples = list.as_list();
    for (std::size_t i = 0; examples && i < examples->size(); ++i) run_example((*examples)[i], entry, expected);
  };
  each(map->require("match"), true);
  if (const auto others = map->get("no_match")) each(others, false);
  map->finish();
}

void read_entry(const YamlValue& value, DeviceFingerprint& entry) {
  auto map = value.as_map();
  if (!map) return;
  entry.at = map->at();
  entry.id = map->require("id").as_name().value_or("");
  entry.title = map->require("title").as_text(128).value_or("");
  entry.source = map->require("source").as_text().value_or("");
  read_when(map->require("when"), entry);
  read_sets(map->require("sets"), entry);
  const auto examples = map->require("examples");
  if (!entry.when.empty() && !entry.sets.empty()) read_examples(examples, entry);
  map->finish();
}

}  // namespace

void read_fingerprints(const YamlValue& root, std::vector<DeviceFingerprint>& into) {
  auto top = root.as_map();
  if (!top) return;
  const auto list = top->require("fingerprints").as_list();
  top->finish();
  for (std::size_t i = 0; list && i < list->size(); ++i) read_entry((*list)[i], into.emplace_back());
}

void check_fingerprint_ids(const std::vector<DeviceFingerprint>& all, Errors& errors) {
  std::map<std::string_view, const DeviceFingerprint*> known;
  for (const auto& each : all) {
    const auto [first, fresh] = known.emplace(each.id, &each);
    if (!fresh && !each.id.empty())
      errors.push_back(
          {"fingerprint.id", each.at.text(),
           fmt::format("'{}' stands already at {}: give each its own id", each.id, first->second->at.text())});
  }
}

}  // namespace wardline::policy
