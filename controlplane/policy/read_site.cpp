// site.yaml, but for its segments (read_segments.cpp) and its rows of what happens on failure (read_limits.cpp).
#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "controlplane/policy/read_site_parts.h"
#include "controlplane/policy/values.h"

namespace wardline::policy {
namespace {

std::vector<AddressRange> read_ranges(const YamlValue& value) {
  std::vector<AddressRange> ranges;
  const auto list = value.as_list();
  for (std::size_t i = 0; list && i < list->size(); ++i)
    if (const auto range = read_range((*list)[i])) ranges.push_back(*range);
  return ranges;
}

// `roles:` and `zones:`. An empty list is allowed: nothing plays the role here, so its rules fit nothing.
void read_groups(const YamlValue& value, std::vector<AddressGroup>& groups) {
  auto map = value.as_map();
  if (!map) return;
  map->each([&](const std::string& key, const Location& key_at, const YamlValue& ranges) {
    const bool good = !key.empty() && key.size() <= 64 &&
                      key.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-") == std::string::npos;
    if (!good || reserved_name(key))
      ranges.error("policy.name", fmt::format("'{}' can't be a name here: 1 to 64 of a-z 0-9 . _ -, and no word that "
                                              "rules use for peers",
                                              key));
    groups.push_back({key, read_ranges(ranges), key_at});
  });
}

void read_infrastructure(const YamlValue& value, SiteDraft& site) {
  const auto list = value.as_list();
  for (std::size_t i = 0; list && i < list->size(); ++i) {
    auto map = (*list)[i].as_map();
    if (!map) continue;
    auto rule = read_rule(*map);
    rule.living = map->get("living").as_bool();
    if (rule.essential)
      map->get("essential").error("policy.essential", "infrastructure is kept by 'living: true', not 'essential'");
    map->finish();
    site.infrastructure.push_back(std::move(rule));
  }
}

void read_ethertypes(const YamlValue& value, SiteDraft& site) {
  auto map = value.as_map();
  if (!map) return;
  map->each([&](const std::string& key, const Location&, const YamlValue& action) {
    std::uint32_t type = 0;
    const char* end = key.data() + key.size();
    const bool hex = key.size() == 6 && key.starts_with("0x");
    const auto read = std::from_chars(key.data() + std::min<std::size_t>(2, key.size()), end, type, 16);
    if (!hex || read.ec != std::errc{} || read.ptr != end || type < 0x600)
      return action.error("policy.ethertype",
                          fmt::format("'{}' is no ethertype; expected \"0x0600\" to \"0xffff\", four "
                                      "hex digits in quotes",
                                      key));
    if (const auto allowed = read_action(action))
      site.ethertypes.push_back({static_cast<std::uint16_t>(type), *allowed});
  });
  std::ranges::sort(site.ethertypes, {}, &enforce::EthertypeRule::ethertype);
}

std::uint32_t read_budget(const YamlValue& value, std::uint32_t otherwise) {
  auto map = value.as_map();
  if (!map) return otherwise;
  const auto number = map->require("per_hour").as_number(0, 100'000, "per_hour");
  map->finish();
  return static_cast<std::uint32_t>(number.value_or(otherwise));
}

void read_budgets(const YamlValue& value, QuarantineBudget& budget) {
  auto outer = value.as_map();
  if (!outer) return;
  if (auto map = outer->require("quarantine").as_map()) {
    budget.site_per_hour = read_budget(map->require("site"), budget.site_per_hour);
    budget.class_per_hour = read_budget(map->require("class"), budget.class_per_hour);
    budget.segment_per_hour = read_budget(map->require("segment"), budget.segment_per_hour);
    map->finish();
  }
  outer->finish();
}

void read_exception_defaults(const YamlValue& value, SiteDraft& site) {
  auto map = value.as_map();
  if (!map) return;
  constexpr std::uint32_t kDay = 86'400;
  if (const auto seconds = read_seconds(map->require("longest"), kDay, 3650 * kDay))
    site.longest_exception = std::chrono::days(*seconds / kDay);
  map->finish();
}

void read_inspect(const YamlValue& value, SiteDraft& site) {
  auto map = value.as_map();
  if (!map) return;
  if (const auto depth = map->get("depth")) site.inspect_bytes = read_depth(depth).value_or(site.inspect_bytes);
  site.classify_only = read_names(map->get("classify_only"));
  map->finish();
}

}  // namespace

void read_site(const YamlValue& root, SiteDraft& site) {
  auto map = root.as_map();
  if (!map) return;
  site.site = map->require("site").as_name().value_or("");
  if (const auto mode = map->require("mode").as_word({"monitor", "enforce"}))
    site.mode = *mode == 1 ? enforce::Mode::kEnforce : enforce::Mode::kMonitor;
  read_groups(map->require("roles"), site.roles);
  read_groups(map->get("zones"), site.zones);
  read_infrastructure(map->require("infrastructure"), site);
  read_ethertypes(map->get("ethertypes"), site);
  read_budgets(map->get("budgets"), site.budget);
  read_exception_defaults(map->get("exceptions"), site);
  site.former_class_seconds =
      read_seconds(map->get("former_class_grace"), 0, 604'800).value_or(site.former_class_seconds);
  site.rejects_per_second = static_cast<std::uint32_t>(
      map->get("rejects_per_second").as_number(0, 10'000, "rejects_per_second").value_or(site.rejects_per_second));
  site.detections = read_detections(map->get("detections"));
  read_inspect(map->get("inspect"), site);
  read_segments(map->require("segments"), site);
  read_limits(*map, site);
  map->finish();
}

}  // namespace wardline::policy
