// Where `trace` looks: records in memory, exchanges that are open, records of the store.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
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

// Its newest record says that it goes on, and its last one may have left memory.
bool still_open(const Appliance::Impl& impl, const TracedFlow& flow) {
  const auto of_this_run = fmt::format("f-{}-", impl.run);
  if (!flow.open || !flow.id.starts_with(of_this_run)) return false;
  std::uint64_t id = 0;
  const auto* end = flow.id.data() + flow.id.size();
  if (std::from_chars(flow.id.data() + flow.id.rfind('-') + 1, end, id).ptr != end) return false;
  return impl.open_exchanges.contains(id) || impl.open_unanswered.contains(id) || impl.open_blocked.contains(id) ||
         impl.long_flows.contains(id);
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
      flow->open = still_open(impl, *flow);
      found.flows.add(std::move(*flow));
    }
}

// Flows that were answered and recognised, or not answered for a while, and of which no report has come.
void add_open(Found& found, const Appliance::Impl& impl, const Question& question, const OpenFlows& open) {
  for (const auto& [event, device_id] : open.all()) {
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

// What former runs told, and what is too old for memory.
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
      flow->open = still_open(impl, *flow);
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
  add_open(found, impl, question, impl.open_unanswered);
  add_open(found, impl, question, impl.open_exchanges);
  add_from_memory(found, impl, question);
  if (!question.after.empty()) found.since = question.after;
  return found;
}

}  // namespace wardline::appliance
