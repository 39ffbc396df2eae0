#include "controlplane/assets/places_in.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <ranges>
#include <set>

#include "controlplane/assets/devices_in.h"
#include "controlplane/assets/time_text.h"

namespace wardline::assets {
namespace {

using inventory::WallTime;

constexpr std::size_t kMostText = 128;

std::optional<PlaceIn> read_place(const MappedTable& table, const CsvRow& row, WallTime now, Errors& errors) {
  const auto before = errors.size();
  const auto refuse = [&](const CsvCell& cell, std::string what) {
    errors.push_back({"place.line", cell.at.text(), std::move(what)});
  };
  const auto mac_text = table.cell(row, "mac", kMostText, errors);
  const auto mac = read_written_mac(mac_text.text);
  if (!mac) refuse(mac_text, fmt::format("expected a MAC such as 58:46:e1:00:01:07, found '{}'", mac_text.text));
  const auto switch_name = table.cell(row, "switch", kMostText, errors),
             port = table.cell(row, "port", kMostText, errors), time = table.cell(row, "time", kMostText, errors);
  if (switch_name.text.empty()) refuse(switch_name, "the name of the switch is missing");
  if (port.text.empty()) refuse(port, "the port is missing");
  const auto at = time.text.empty() ? std::optional(now) : read_time(time.text);
  if (!at)
    refuse(time,
           fmt::format("expected a time such as 2026-11-29T07:00:00Z or seconds since 1970, found '{}'", time.text));
  if (errors.size() != before) return std::nullopt;
  return PlaceIn{*mac, switch_name.text, port.text, std::min(*at, now)};
}

using Port = std::pair<std::string, std::string>;
using MacsOfPorts = std::map<Port, std::set<Mac>>;

Port port_of(const PlaceIn& place) {
  return {place.switch_name, place.port};
}

// Of the ports that are no uplink the one with the fewest MACs; none where two have as few.
std::optional<PlaceIn> nearest_place(const std::vector<PlaceIn>& places, const MacsOfPorts& macs) {
  const PlaceIn* found = nullptr;
  std::size_t fewest = kMostMacs + 1;
  bool alike = false;
  for (const auto& place : places) {
    const auto count = macs.at(port_of(place)).size();
    if (found != nullptr && port_of(*found) == port_of(place)) continue;
    alike = count == fewest ? true : count < fewest ? false : alike;
    if (count >= fewest) continue;
    fewest = count;
    found = &place;
  }
  return found == nullptr || alike ? std::nullopt : std::optional(*found);
}

// Of sessions at one time the one that stands last: logs are written in order.
PlaceIn last_place(const std::vector<PlaceIn>& places) {
  return *std::ranges::max_element(places | std::views::reverse, {}, &PlaceIn::time);
}

}  // namespace

PlacesIn places_in(const MappedTable& table, PlaceKind kind, WallTime now, Errors& errors) {
  std::map<Mac, std::vector<PlaceIn>> by_mac;
  MacsOfPorts macs;
  for (const auto& row : table.rows()) {
    if (table.skipped(row)) continue;
    if (enough_problems(row.front().at, errors)) break;
    const auto place = read_place(table, row, now, errors);
    if (!place || place->mac.group() || place->mac.zero()) continue;  // groups that the switch listens to
    macs[port_of(*place)].insert(place->mac);
    by_mac[place->mac].push_back(*place);
  }
  PlacesIn in;
  for (const auto& [mac, places] : by_mac) {
    const auto found = kind == PlaceKind::kRadius ? std::optional(last_place(places)) : nearest_place(places, macs);
    if (found)
      in.places.push_back(*found);
    else
      ++in.passed_over;
  }
  if (kind == PlaceKind::kSwitchTable)
    in.uplinks = static_cast<std::size_t>(
        std::ranges::count_if(macs, [](const auto& item) { return item.second.size() > kMostMacs; }));
  return in;
}

}  // namespace wardline::assets
