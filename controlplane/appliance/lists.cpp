// Flows and violations as they went out: the newest from memory, the older ones from the store.
#include <algorithm>
#include <unordered_set>

#include "controlplane/appliance/request.h"
#include "controlplane/appliance/state.h"

namespace wardline::appliance {

// What is in memory comes first: it arrived last, and a transaction that failed left some of it out of the store.
std::vector<std::string> Appliance::Impl::records_of(std::string_view type, const std::string& device_id,
                                                     std::size_t limit) const {
  const auto& recent = type == "flow" ? recent_flows : recent_violations;
  std::vector<std::string> found;
  std::unordered_set<std::string_view> in_memory;
  for (auto it = recent.rbegin(); it != recent.rend() && found.size() < limit; ++it) {
    if (it->type != type || (!device_id.empty() && it->device_id != device_id)) continue;
    found.push_back(it->json);
    in_memory.insert(it->json);
  }
  if (!store || found.size() == limit) return found;
  // As many more as memory may hold of the same.
  const auto stored =
      store->list_records({.type = std::string(type), .device_id = device_id, .limit = limit + found.size()});
  if (!stored) return found;
  for (const auto& record : *stored) {
    if (found.size() == limit) break;
    if (!in_memory.contains(record.json)) found.push_back(record.json);
  }
  return found;
}

std::optional<std::string> Appliance::Impl::explanation_of(const std::string& device_id, const std::string& id) const {
  for (const auto* list : {&recent_violations, &recent_flows})
    for (auto it = list->rbegin(); it != list->rend(); ++it)
      if (it->id == id && it->device_id == device_id) return it->explanation;
  if (!store) return std::nullopt;
  const auto stored = store->list_records({.id = id, .device_id = device_id, .limit = 1});
  if (!stored || stored->empty()) return std::nullopt;
  auto text = text_in(Json::parse(stored->front().json, nullptr, false), "explanation");
  return text.empty() ? std::nullopt : std::optional(std::move(text));
}

// The last blocks of a device, for `explain`: what is the same but for its time is told once.
std::vector<LastViolation> Appliance::Impl::last_violations(const std::string& device_id) const {
  constexpr std::size_t kLookedAt = 500;
  std::vector<LastViolation> told;
  for (const auto& json : records_of("violation", device_id, kLookedAt)) {
    const auto record = Json::parse(json, nullptr, false);
    if (!record.is_object()) continue;
    LastViolation one{.id = text_in(record, "id"),
                      .time = text_in(record, "time"),
                      .reason = text_in(record, "reason"),
                      .explanation = text_in(record, "explanation")};
    const auto same =
        std::find_if(told.begin(), told.end(), [&](const LastViolation& other) { return other.same_kind(one); });
    if (same == told.end())
      told.push_back(std::move(one));
    else
      ++same->times;
  }
  return told;
}

}  // namespace wardline::appliance
