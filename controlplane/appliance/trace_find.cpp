// Where `trace` looks: records in memory, exchanges that are open, records of the store.
#include <algorithm>
#include <set>
#include <unordered_set>

#include "controlplane/appliance/trace_question.h"
#include "controlplane/records/time_text.h"

namespace wardline::appliance {

namespace {

constexpr std::size_t kLookedAt = 500;  // stored records of each type and device

std::string bundle_name(const Options& options, const Event& event) {
  return event.bundle < options.bundles.size() ? options.bundles[event.bundle] : "";
}

void add_from_memory(Found& found, const Appliance::Impl& impl, const Question& question) {
  for (const auto* list : {&impl.recent_flows, &impl.recent_violations})
    for (const auto& recent : *list) {
      if (!question.asks(recent.event)) {
        const bool one_of_them = question.from.has(recent.event.device_ip) || question.to.has(recent.event.device_ip);
        if (recent.type == "flow" && one_of_them && recent.event.several.any())
          found.told_together += recent.event.flows;
        continue;
      }
      auto flow = read_traced(recent.json);
      if (!flow) continue;
      flow->bundle = bundle_name(impl.options, recent.event);
      found.flows.add(std::move(*flow));
    }
}

// Flows that were answered and recognised, and of which no last report has come.
void add_exchanges(Found& found, const Appliance::Impl& impl, const Question& question) {
  for (const auto& [event, device_id] : impl.open_exchanges.all()) {
    if (!question.asks(event)) continue;
    const auto device = impl.devices.find(device_id);
    const auto* state = device == impl.devices.end() ? nullptr : device->second.get();
    auto flow = read_traced(records::flow_record(impl.facts_of(event, state, "flow", impl.flow_id_of(event))));
    if (!flow) continue;
    flow->device_id = device_id;
    flow->bundle = bundle_name(impl.options, event);
    found.flows.add(std::move(*flow));
  }
}

// What former runs told, and what is too old for memory. Nothing of a former run is open any more.
void add_from_store(Found& found, const Appliance::Impl& impl, const Question& question, const DeviceState& state) {
  std::unordered_set<std::string_view> in_memory;  // violations add up, so each may come once
  for (const auto& recent : impl.recent_violations) in_memory.insert(recent.id);
  for (const char* type : {"flow", "violation"}) {
    const auto stored = impl.store->list_records({.type = type, .device_id = state.device.id, .limit = kLookedAt});
    if (!stored) continue;
    for (const auto& record : *stored) {
      if (in_memory.contains(record.id)) continue;
      auto flow = read_traced(record.json);
      if (!flow || !question.asks(*flow)) continue;
      flow->open = flow->open && record.time >= impl.started;
      found.flows.add(std::move(*flow));
    }
    if (std::string_view(type) == "flow" && !stored->empty())
      found.since = std::min(found.since, records::text_of(stored->back().time));
  }
}

}  // namespace

Found find(const Appliance::Impl& impl, const Question& question) {
  Found found;
  const bool all = impl.recent_flows.size() < impl.options.recent_records;
  found.since = records::text_of(all ? impl.started : impl.recent_flows.front().told);
  if (impl.store && question.after.empty())
    for (const auto* state : std::set{question.from.state, question.to.state})
      if (state != nullptr) add_from_store(found, impl, question, *state);
  add_exchanges(found, impl, question);
  add_from_memory(found, impl, question);
  if (!question.after.empty()) found.since = question.after;
  return found;
}

}  // namespace wardline::appliance
