// What workers tell, made into evidence and records.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "controlplane/appliance/state.h"
#include "controlplane/records/explanation.h"

namespace wardline::appliance {

WallTime Appliance::Impl::wall_of(Tick time) const {
  const Tick before = now > time ? now - time : 0;
  return wall - std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::nanoseconds(before));
}

void Appliance::Impl::handle(const Event& event) {
  if (event.kind == EventKind::kUnanswered) return note_unanswered(event);  // it shows no sign of life
  auto* state = event.slot == kNoSlot ? nullptr : state_of_slot(event.slot);
  if (state == nullptr && event.side == Side::kDevice && event.kind <= EventKind::kSpeaks)
    state = see_device(event.segment, event.device_mac, event.device_ip);
  if (state == nullptr) state = state_of_slot(slots.find_mac(event.segment, event.device_mac));
  if (state != nullptr) {
    const auto seen = wall_of(event.time);
    // A minute is fine enough for the store; a busy device would be written at every flow.
    if (seen > state->device.last_seen + std::chrono::minutes(1)) state->dirty = true;
    state->device.last_seen = std::max(state->device.last_seen, seen);
    if (event.kind == EventKind::kSpeaks || (event.packets_from_device != 0 && event.packets_to_device != 0))
      state->exchanged = true;
    watch_hours(*state, event);
    // What ends by time came in by no leg.
    if (event.kind <= EventKind::kSpeaks || event.kind == EventKind::kViolation)
      stand_behind_uplink(*state, {event.bundle, event.pair, event.side});
  }
  watch_use(event, state);
  switch (event.kind) {
    case EventKind::kDeviceSeen:
    case EventKind::kAddressSeen:
      if (state != nullptr) use_address(*state, event.device_mac, event.device_ip);
      break;
    case EventKind::kSpeaks:
      if (state != nullptr) tell_speaks(*state, event);
      break;
    case EventKind::kFlow:
      tell_flow(event, state);
      break;
    case EventKind::kViolation:
      tell_violation(event, state);
      break;
    case EventKind::kDetection:
      tell_detection(event, state);
      break;
    case EventKind::kQuarantined:
      if (state != nullptr) notice_quarantine(*state);
      break;
    case EventKind::kUnanswered:
    case EventKind::kCount:
      break;
  }
}

void Appliance::Impl::note_unanswered(const Event& event) {
  const auto* state = event.slot == kNoSlot ? nullptr : state_of_slot(event.slot);
  if (state == nullptr) state = state_of_slot(slots.find_mac(event.segment, event.device_mac));
  open_unanswered.note(event, state == nullptr ? "" : state->device.id);
}

// An application exchange: evidence that a forger on the device side cannot make up alone.
void Appliance::Impl::tell_speaks(DeviceState& state, const Event& event) {
  open_exchanges.note(event, state.device.id);
  open_unanswered.end(event.flow_id);
  const auto* policy = names.at(event.policy_epoch);
  if (policy == nullptr) policy = in_force();
  if (policy == nullptr || event.app == kNoApp || event.app >= policy->signatures.app_names.size()) return;
  if (event.opened_by == flow::OpenedBy::kUnknown) return;
  const bool device_is_client = event.opened_by == flow::OpenedBy::kDevice;
  const auto& app = policy->signatures.app_names[event.app];
  for (const auto& observation : identity::observations_of_exchange(app, device_is_client, event.peer_ip, *policy))
    add_observation(state, observation);
  watch_server(state, app, event);
  watch_exposure(state, app, event);
}

void Appliance::Impl::handle(const FrameCopy& copy) {
  hear_neighbour(copy);
  const auto* policy = in_force();
  const std::string_view app = policy != nullptr && copy.app < policy->signatures.app_names.size()
                                   ? std::string_view(policy->signatures.app_names[copy.app])
                                   : std::string_view();
  auto observations = identity::observe(copy, app);
  if (policy != nullptr)
    std::ranges::move(identity::observations_of_signatures(copy, *policy), std::back_inserter(observations));
  if (policy != nullptr && copy.app < policy->signatures.app_traits.size())
    std::ranges::move(identity::observations_of_facts(copy, policy->signatures.app_traits[copy.app].reader),
                      std::back_inserter(observations));
  DeviceState* speaker = nullptr;
  for (const auto& observation : observations) {
    DeviceState* state = nullptr;
    if (observation.about && *observation.about != copy.device_mac) {
      // What calls itself a relay on the device side could say anything of its neighbours, and so take a class or a
      // lease from them. A client is heard when it speaks for itself, and when a server answers it.
      if (copy.side == Side::kDevice) continue;
      if (observation.address) follow_lease(copy.segment, *observation.about, *observation.address);
      state = state_of_slot(slots.find_mac(copy.segment, *observation.about));
    } else {
      state = copy.slot == kNoSlot ? nullptr : state_of_slot(copy.slot);
      if (state == nullptr && copy.side == Side::kDevice)
        state = see_device(copy.segment, copy.device_mac, copy.device_ip);
      if (state == nullptr) state = state_of_slot(slots.find_mac(copy.segment, copy.device_mac));
      if (copy.side == Side::kDevice) speaker = state;
    }
    if (state == nullptr) continue;
    if (observation.place) hear_option_82(*state, copy.side, *observation.place);
    add_observation(*state, observation);
  }
  if (speaker == nullptr) return;
  if (copy.what == FrameCopy::What::kFrame) stand_behind_uplink(*speaker, {copy.bundle, copy.pair, copy.side});
  watch_voices(*speaker, observations, copy.time);
}

records::Facts Appliance::Impl::facts_of(const Event& event, const DeviceState* state, std::string_view type,
                                         const std::string& id) const {
  records::Surroundings around;
  around.appliance = options.name;
  around.policy = names.at(event.policy_epoch);
  around.device = state == nullptr ? nullptr : &state->device;
  around.time = wall_of(event.time);
  around.started = wall_of(event.first_seen == 0 ? event.time : event.first_seen);
  around.id = id;
  const std::string flow_id = event.flow_id == 0 ? "" : flow_id_of(event);
  around.flow_id = flow_id;
  auto facts = records::describe(event, type, around);
  if (event.kind == EventKind::kFlow)
    facts.count = static_cast<std::uint32_t>(
        std::clamp<std::uint64_t>(event.packets_from_device + event.packets_to_device, 1, UINT32_MAX));
  facts.explanation = records::explain(facts);
  return facts;
}

// A worker tells what a flow counted since its last report; a record gives the flow's totals. Kept for flows that were
// reported before their end, at most kMostLongFlows of them: past that a record's counts are those of its report.
Event Appliance::Impl::with_totals(Event event) {
  constexpr std::size_t kMostLongFlows = 262144;
  const auto known = long_flows.find(event.flow_id);
  if (event.flow_id == 0 || (known == long_flows.end() && (event.final || long_flows.size() >= kMostLongFlows)))
    return event;
  FlowTotals& totals = known != long_flows.end() ? known->second : long_flows[event.flow_id];
  event.packets_from_device = totals.packets_from_device += event.packets_from_device;
  event.packets_to_device = totals.packets_to_device += event.packets_to_device;
  event.bytes_from_device = totals.bytes_from_device += event.bytes_from_device;
  event.bytes_to_device = totals.bytes_to_device += event.bytes_to_device;
  if (event.final) long_flows.erase(event.flow_id);
  return event;
}

void Appliance::Impl::tell_flow(const Event& told, DeviceState* state) {
  const bool first_report = told.flow_id == 0 || !long_flows.contains(told.flow_id);
  const Event event = with_totals(told);
  open_unanswered.end(event.flow_id);
  if (event.final)
    for (auto* open : {&open_exchanges, &open_blocked}) open->end(event.flow_id);
  const auto id = event.flow_id == 0 ? new_id("f") : flow_id_of(event);
  const auto facts = facts_of(event, state, "flow", id);
  if (state != nullptr && !facts.behind.empty() && told.payload_from_device)
    see_behind(facts.behind, *state, facts.head.time);
  count_conversation(told, facts, first_report);
  if (state != nullptr) {
    watch_exposure(*state, facts.app, event);
    if (first_report) watch_directions(*state, event);
  }
  auto json = records::flow_record(facts);
  remember(event, facts, json);
  emit(facts.head, std::move(json), std::string(enforce::kVerdictNames[static_cast<std::size_t>(facts.verdict)]),
       facts.rule);
}

void Appliance::Impl::tell_violation(const Event& event, DeviceState* state) {
  const auto facts = facts_of(event, state, "violation", new_id("v"));
  auto json = records::violation_record(facts);
  remember(event, facts, json);
  if (event.flow_id != 0) open_blocked.note(event, facts.head.device_id);
  emit(facts.head, std::move(json), std::string(enforce::kVerdictNames[static_cast<std::size_t>(facts.verdict)]),
       facts.rule);
  if (state != nullptr) {
    state->last_violation = records::what_happened(facts);
    count_for_approval(event, *state);
  }
  if (!sender) return;
  const auto kind = fmt::format("{} {} {} {} {}", facts.device_mac, facts.rule, name_of(facts.reason),
                                facts.server_port(), facts.app);
  if (const auto count = throttle.pass(kind, facts, facts.count, now))
    send_alert(alerts::violation_alert(facts, options.version, *count), facts.head.time);
}

void Appliance::Impl::tell_detection(const Event& event, DeviceState* state) {
  const auto facts = facts_of(event, state, "detection", new_id("t"));
  auto json = records::detection_record(facts);
  remember(event, facts, json);
  emit(facts.head, std::move(json), facts.applied_drop ? "block" : "allow", facts.rule);
  watch_detection(event, state);
  if (state != nullptr) {
    state->last_violation = records::what_happened(facts) + " " + records::why(facts);
    count_for_approval(event, *state);
  }
  if (!sender) return;
  const auto kind = fmt::format("{} {} {}", facts.device_mac, facts.signature, facts.peer_ip);
  if (const auto count = detection_throttle.pass(kind, facts, facts.count, now))
    send_alert(alerts::detection_alert(facts, options.version, *count), facts.head.time);
}

// Classes whose quarantine a person approves are unarmed, so the threshold is counted here. A guessed direction never
// counts, nor does what already comes of a quarantine, nor a detection that the policy only wants told. One that is to
// quarantine waits for no threshold.
void Appliance::Impl::count_for_approval(const Event& event, DeviceState& state) {
  using enforce::DetectionAction;
  if (!state.arming.asks_person || event.guessed || event.reason == Reason::kQuarantine) return;
  const bool detection = event.kind == EventKind::kDetection;
  if (detection ? event.action < DetectionAction::kCount || event.essential || event.side != Side::kDevice
                : state.arming.detections_only)
    return;
  const bool at_once = detection && event.action == DetectionAction::kQuarantine;
  if (!state.threshold.add(event, state.arming.threshold, state.arming.within_seconds) && !at_once) return;
  state.threshold.clear();
  quarantine::Ledger::Request request;
  request.device_id = state.device.id;
  request.profile = current->plain.classes[records::class_named(*current, state.device.device_class)].profile;
  request.by = quarantine::kAutomatic;
  request.reason =
      at_once ? fmt::format("a detection that quarantines, and its class asks for approval: {}", state.last_violation)
              : fmt::format("{} distinct {} within {} s, and its class asks for approval. Last: {}",
                            state.arming.threshold, state.arming.detections_only ? "detections" : "violations",
                            state.arming.within_seconds, state.last_violation);
  if (const auto asked = ledger.ask(request, wall)) quarantine_changed(*asked);
}

}  // namespace wardline::appliance
