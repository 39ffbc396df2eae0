// Which devices were busiest lately, from the records that memory holds.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <ranges>
#include <unordered_set>

#include "controlplane/appliance/state.h"
#include "controlplane/records/time_text.h"

namespace wardline::appliance {

namespace {

using Json = nlohmann::ordered_json;
using Counts = std::map<std::string, std::uint64_t>;

constexpr auto kLately = std::chrono::minutes(10);
constexpr std::size_t kMost = 5;

Counts violations_of(const std::deque<RecentRecord>& list, WallTime since) {
  Counts counts;
  for (const auto& recent : list)
    if (recent.told >= since && recent.type == "violation" && !recent.device_id.empty())
      counts[recent.device_id] += recent.event.count;
  return counts;
}

// A flow that is told several times is one flow.
Counts flows_of(const std::deque<RecentRecord>& list, WallTime since) {
  Counts counts;
  std::unordered_set<std::string_view> told;
  for (const auto& recent : list)
    if (recent.told >= since && !recent.device_id.empty() && told.insert(recent.id).second)
      counts[recent.device_id] += recent.event.flows;
  return counts;
}

Json most(const Counts& counts, const Appliance::Impl& impl) {
  std::vector<const Counts::value_type*> list;
  for (const auto& item : counts) list.push_back(&item);
  std::ranges::stable_sort(list, std::ranges::greater{}, [](const auto* item) { return item->second; });
  Json json = Json::array();
  for (const auto* item : list | std::views::take(kMost)) {
    const auto found = impl.devices.find(item->first);
    const auto* device = found == impl.devices.end() ? nullptr : &found->second->device;
    json.push_back(
        {{"device_id", item->first},
         {"hostname", device == nullptr || device->hostname.empty() ? Json(nullptr) : Json(device->hostname)},
         {"class", device == nullptr ? Json(nullptr) : Json(device->device_class)},
         {"count", item->second}});
  }
  return json;
}

// How far back a list reaches; from its beginning while nothing had to leave it.
WallTime reach(const std::deque<RecentRecord>& list, const Appliance::Impl& impl) {
  return list.size() < impl.options.recent_records ? impl.started : list.front().told;
}

}  // namespace

std::string Appliance::Impl::lately() const {
  const auto since = std::max({wall - kLately, reach(recent_flows, *this), reach(recent_violations, *this)});
  const Json json{{"since", records::text_of(since)},
                  {"violations", most(violations_of(recent_violations, since), *this)},
                  {"flows", most(flows_of(recent_flows, since), *this)}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace wardline::appliance
