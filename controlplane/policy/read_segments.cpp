// `segments:` of site.yaml.
#include <fmt/format.h>

#include "controlplane/policy/read_site_parts.h"
#include "controlplane/policy/values.h"

namespace wardline::policy {
namespace {

// `untagged`, 410, or [outer, inner]. 0 is the same as untagged: a priority-tagged frame (802.1Q, 6.9) has VID 0.
std::optional<Tags> read_tags(const YamlValue& value) {
  if (!value) return std::nullopt;
  if (value.raw() == "untagged") return Tags{};
  if (!value.is_list()) {
    const auto outer = value.as_number(0, 4094, "VLAN");
    if (!outer) return std::nullopt;
    return Tags{static_cast<std::uint16_t>(*outer), -1};
  }
  const auto list = *value.as_list();
  if (list.size() != 2)
    return value.error("policy.vlan", "expected 'untagged', a VLAN from 0 to 4094, or [outer, inner]"), std::nullopt;
  const auto outer = list[0].as_number(0, 4094, "outer VLAN"), inner = list[1].as_number(0, 4094, "inner VLAN");
  if (!outer || !inner) return std::nullopt;
  return Tags{static_cast<std::uint16_t>(*outer), static_cast<std::int32_t>(*inner)};
}

// The sign-off of a segment before it is enforced: who, when, and the length of monitor mode that it rests on.
bool read_sign_off(const YamlValue& value) {
  auto map = value.as_map();
  if (!map) return false;
  const auto by = map->require("by").as_text(128);
  const auto date = read_date(map->require("date"));
  const auto coverage = map->require("coverage").as_duration();
  map->finish();
  return by && !by->empty() && date && coverage;
}

std::optional<enforce::Mode> read_mode(const YamlValue& value) {
  const auto word = value.as_word({"monitor", "enforce"});
  if (!word) return std::nullopt;
  return *word == 1 ? enforce::Mode::kEnforce : enforce::Mode::kMonitor;
}

SegmentDraft read_segment(YamlMap& map) {
  SegmentDraft segment;
  segment.at = map.at();
  segment.name = read_new_name(map.require("name")).value_or("");
  segment.device_side = read_tags(map.require("vlan")).value_or(Tags{});
  segment.core_side = read_tags(map.get("core_vlan")).value_or(segment.device_side);
  const auto bundle = map.get("bundle");
  segment.bundle = bundle.as_name().value_or("");
  segment.bundle_at = bundle.at();
  segment.ward = map.get("ward").as_text(64).value_or("");
  segment.expects = read_names(map.require("expects"));
  segment.mode = read_mode(map.get("mode"));
  segment.unidentified = read_mode(map.get("unidentified")).value_or(enforce::Mode::kMonitor);
  if (const auto by = map.get("identify_by").as_word({"mac", "ip"})) segment.identify_by_ip = *by == 1;
  segment.asymmetric = map.get("asymmetric").as_bool().value_or(false);
  segment.inbound_group = read_action(map.get("inbound_group")).value_or(enforce::FailureAction::kAllow);
  segment.signed_off = read_sign_off(map.get("signed_off"));
  const auto bypass = map.get("bypass");
  if (bypass.as_word({"none", "nic", "external-switch", "second-path"})) segment.bypass = bypass.raw();
  map.finish();
  return segment;
}

}  // namespace

void read_segments(const YamlValue& value, SiteDraft& site) {
  const auto list = value.as_list();
  if (!list) return;
  for (std::size_t i = 0; i < list->size(); ++i)
    if (auto map = (*list)[i].as_map()) site.segments.push_back(read_segment(*map));
  if (list->size() == 0) value.error("policy.segments", "expected at least one segment");
}

}  // namespace wardline::policy
