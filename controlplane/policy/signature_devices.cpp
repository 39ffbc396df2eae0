// What a device signature tells: parts of what it matched, and values that a match alone proves.
#include <algorithm>

#include <fmt/format.h>

#include "controlplane/policy/attributes.h"
#include "controlplane/policy/signature_reader.h"

namespace wardline::policy {
namespace {

constexpr std::size_t kMaxCaptures = 8;

// A device says it of itself, so only what counts as a claim may be told by its bytes.
bool check_attribute(const std::string& name, const YamlValue& value) {
  std::vector<std::string> names;
  for (const auto& each : attributes()) {
    if (each.group == EvidenceGroup::kClaims && each.name == name) return true;
    if (each.group == EvidenceGroup::kClaims) names.emplace_back(each.name);
  }
  const auto near = nearest(name, names);
  value.error("signature.attribute", fmt::format("'{}' is no attribute that a device can tell of itself; {}", name,
                                                 near.empty() ? fmt::format("known are: {}", fmt::join(names, ", "))
                                                              : fmt::format("did you mean '{}'?", near)));
  return false;
}

void read_capture(const YamlValue& value, SignatureEntry& entry) {
  auto map = value.as_map();
  if (!map) return;
  CaptureDraft capture;
  capture.at = value.at();
  const auto attribute = map->require("attribute");
  capture.attribute = attribute.as_text(64).value_or("");
  if (!capture.attribute.empty()) check_attribute(capture.attribute, attribute);
  if (const auto group = map->get("group"))
    capture.group = static_cast<int>(group.as_number(0, 9, "the number of a group").value_or(1));
  const auto patterns = static_cast<std::int64_t>(std::max<std::size_t>(entry.patterns.size(), 1));
  if (const auto from = map->get("from"))
    capture.pattern = static_cast<std::size_t>(from.as_number(1, patterns, "the number of a pattern").value_or(1)) - 1;
  map->finish();
  entry.captures.push_back(std::move(capture));
}

}  // namespace

void read_device(YamlMap& map, SignatureEntry& entry) {
  const auto captures = map.get("captures"), sets = map.get("sets");
  if (entry.text.device.empty()) {
    for (const auto& value : {captures, sets})
      if (value) value.error("signature.kind", "only devices have captures and sets, this is none; take them out");
    return;
  }
  if (!captures && !sets) map.require("captures");
  if (captures) each_of(captures, "capture", [&](const YamlValue& value) { read_capture(value, entry); });
  if (entry.captures.size() > kMaxCaptures)
    captures.error("signature.captures",
                   fmt::format("expected at most {} captures, found {}", kMaxCaptures, entry.captures.size()));
  if (sets)
    if (auto values = sets.as_map())
      values->each([&](const std::string& key, const Location&, const YamlValue& value) {
        if (auto text = value.as_text(128); text && check_attribute(key, value))
          entry.sets.emplace_back(key, std::move(*text));
      });
  if (entry.within.empty())
    map.require("within");  // first bytes are copied for the applications that some device signature names
}

}  // namespace wardline::policy
