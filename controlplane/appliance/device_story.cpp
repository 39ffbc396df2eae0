// `wardline device show`: the record of a device, and all else that is known of it.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <ranges>

#include "controlplane/appliance/state.h"
#include "controlplane/records/time_text.h"

namespace wardline::appliance {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostViolations = 100;  // the newest; all of them: `violation.list`

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

// Why it has its class and what else it could be, and whose it is: what the record leaves to `explain`.
void add_identity(Json& record, const DeviceState& state, const policy::Policy* policy) {
  const auto& device = state.device;
  const auto number = policy == nullptr ? ClassId{0} : records::class_named(*policy, device.device_class);
  record["class_title"] =
      policy != nullptr && number < policy->classes.size() ? text_or_null(policy->classes[number].title) : nullptr;
  record["class_reason"] = text_or_null(device.class_reason);
  record["runners_up"] = Json::array();
  for (const auto& [name, weight] : device.runners_up)
    record["runners_up"].push_back({{"class", name}, {"weight", weight}});
  record["owner"] = text_or_null(device.owner);
  record["registered"] = device.registered;
  record["hold_until"] = state.hold_until ? Json(records::text_of(*state.hold_until)) : Json(nullptr);
}

Json conversation_json(const inventory::ConversationKey& key, const inventory::ConversationSums& sums) {
  return {{"direction", key.to_device ? "to_device" : "from_device"},
          {"peer", text_or_null(key.peer)},
          {"app", text_or_null(key.app)},
          {"proto", key.proto},
          {"port", key.port == 0 ? Json(nullptr) : Json(key.port)},
          {"verdict", key.verdict},
          {"flows", sums.flows},
          {"packets", sums.packets},
          {"bytes_from_device", sums.bytes_from_device},
          {"bytes_to_device", sums.bytes_to_device},
          {"first_seen", records::text_of(sums.first_seen)},
          {"last_seen", records::text_of(sums.last_seen)}};
}

// The last seen first.
Json conversations_json(const inventory::Conversations& conversations) {
  std::vector<const inventory::Conversations::value_type*> list;
  for (const auto& item : conversations) list.push_back(&item);
  std::ranges::stable_sort(list, std::ranges::greater{}, [](const auto* item) { return item->second.last_seen; });
  Json json = Json::array();
  for (const auto* item : list) json.push_back(conversation_json(item->first, item->second));
  return json;
}

Json history_json(const std::vector<inventory::Change>& changes) {
  Json json = Json::array();
  for (const auto& change : changes)
    json.push_back({{"time", records::text_of(change.time)},
                    {"attribute", change.attribute},
                    {"before", text_or_null(change.before)},
                    {"after", text_or_null(change.after)}});
  return json;
}

}  // namespace

// What the store has, and what it gets with the next write.
inventory::Conversations Appliance::Impl::conversations_of(const std::string& device_id) const {
  inventory::Conversations known;
  if (!store) return known;
  if (auto stored = store->load_conversations(device_id)) known = std::move(*stored);
  for (auto it = conversations.lower_bound({.device_id = device_id});
       it != conversations.end() && it->first.device_id == device_id; ++it)
    known[it->first].add(it->second);
  return known;
}

std::string Appliance::Impl::device_story(const DeviceState& state) const {
  const auto& id = state.device.id;
  auto record = Json::parse(device_json(state), nullptr, false);
  add_identity(record, state, in_force());
  const auto add = [&](const char* key, const std::string& json) {
    record[key].push_back(Json::parse(json, nullptr, false));
  };
  for (const char* key : {"quarantines", "findings", "violations"}) record[key] = Json::array();
  if (const auto* held = ledger.find(id)) add("quarantines", quarantine_json(*held));
  for (const auto* finding : findings.all())
    if (finding->device_id == id && finding->state != inventory::FindingState::kResolved)
      add("findings", finding_json(*finding));
  for (const auto& json : records_of("violation", id, kMostViolations)) add("violations", json);
  record["conversations"] = conversations_json(conversations_of(id));
  const auto changes = store ? store->load_changes(id) : Result<std::vector<inventory::Change>>();
  record["history"] = changes ? history_json(*changes) : Json::array();
  return record.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace wardline::appliance
