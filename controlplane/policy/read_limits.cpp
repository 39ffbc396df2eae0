// What site.yaml says about failure, about bytes whose application is not known yet, and about time-outs.
#include <fmt/format.h>

#include "controlplane/policy/read_site_parts.h"
#include "controlplane/policy/values.h"

namespace wardline::policy {
namespace {

// Every cause is written out: a row that is missing would hide what happens to packets.
void read_on_failure(const YamlValue& value, SiteDraft& site) {
  auto map = value.as_map();
  if (!map) return;
  for (const auto& row : kReasons)
    if (row.failure)
      if (const auto action = read_action(map->require(row.name)))
        site.on_failure[static_cast<std::size_t>(row.reason)] = *action;
  map->finish();
}

void read_undecided_limit(const YamlValue& value, SiteDraft& site) {
  auto map = value.as_map();
  if (!map) return;
  using enum enforce::Criticality;
  for (const auto criticality : {kNone, kCareSupport, kCareCritical, kLifeCritical})
    if (const auto action = read_action(map->require(text_of(criticality))))
      site.undecided_limit[static_cast<std::size_t>(criticality)] = *action;
  map->finish();
}

void read_undecided(const YamlValue& value, enforce::UndecidedLimits& limits) {
  auto map = value.as_map();
  if (!map) return;
  const auto number = [&](std::string_view key, std::int64_t low, std::int64_t high, std::uint32_t& into) {
    if (const auto read = map->require(key).as_number(low, high, key)) into = static_cast<std::uint32_t>(*read);
  };
  number("flow_bytes", 256, 1 << 20, limits.flow_bytes);
  number("flow_packets", 1, 1024, limits.flow_packets);
  number("device_bytes", 256, 1 << 30, limits.device_bytes);
  if (const auto seconds = read_seconds(map->require("device_window"), 1, 3600)) limits.device_seconds = *seconds;
  map->finish();
}

void read_timeouts(const YamlValue& value, enforce::Timeouts& timeouts) {
  auto map = value.as_map();
  if (!map) return;
  constexpr std::uint32_t kWeek = 604'800;  // well below the 52 days after which CoarseTick wraps
  const auto read = [&](std::string_view key, std::uint32_t& into) {
    if (const auto seconds = read_seconds(map->require(key), 1, kWeek)) into = coarse_duration(*seconds * kSecond);
  };
  read("tcp_opening", timeouts.tcp_opening);
  read("tcp_established", timeouts.tcp_established);
  read("tcp_closing", timeouts.tcp_closing);
  read("udp_one_way", timeouts.udp_one_way);
  read("udp", timeouts.udp);
  read("other", timeouts.other);
  map->finish();
}

}  // namespace

void read_limits(YamlMap& site_map, SiteDraft& site) {
  read_on_failure(site_map.require("on_failure"), site);
  read_undecided(site_map.require("undecided"), site.undecided);
  read_undecided_limit(site_map.require("undecided_limit"), site);
  read_timeouts(site_map.require("timeouts"), site.timeouts);
}

}  // namespace wardline::policy
