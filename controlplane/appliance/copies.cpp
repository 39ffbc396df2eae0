// Devices that may be copies of others: what is heard of them by turns, and what they keep meanwhile.
#include <fmt/format.h>

#include <algorithm>

#include "controlplane/appliance/state.h"
#include "controlplane/findings/kinds.h"

namespace wardline::appliance {

namespace {

// What shows another machine, and not only that a class may be wrong: a forged MAC, and a maker's word in DHCP or LLDP
// that fitted the class and no longer does. Names are given anew by people, and lists of options by every update.
bool shows_another_machine(const findings::Condition& condition) {
  if (condition.kind == "contradiction")
    return condition.subject == "dhcp.vendor_class" || condition.subject == "lldp.vendor" ||
           condition.subject == "lldp.model";
  const auto severity =
      condition.severity.empty() ? findings::kind_named(condition.kind)->severity : condition.severity;
  return condition.kind == "forged_mac" && severity == "high";
}

}  // namespace

void Appliance::Impl::watch_voices(DeviceState& state, const std::vector<identity::Observation>& said, Tick time) {
  const auto& interfaces = state.device.interfaces;
  const findings::Voices::Whose whose{
      .device = state.device,
      .matters = criticality_of(state) != enforce::Criticality::kNone,
      .by_mac = std::ranges::none_of(interfaces, [](const auto& each) { return each.mac.zero(); })};
  for (const auto& voice : findings::voices_of(said)) {
    const auto told = voices.note(whose, voice, wall_of(time));
    if (told && raise(state.device.id, *told)) keep_essential_flows(state, *told);
  }
  // Not at its turn: a copy shall not do in the meantime what the original may. What was said before counts again, too.
  if (whose.matters) check_device(state, Because::kHeard);
}

// Whether a person has released it from a quarantine for the same: that person looked, and knows the machine.
bool Appliance::Impl::was_released_from(std::string_view device_id, std::string_view kind) const {
  return std::ranges::any_of(ledger.all(), [&](const quarantine::Quarantine* former) {
    return former->device_id == device_id && former->by == quarantine::kAutomatic &&
           former->state == inventory::QuarantineState::kReleased && former->reason.starts_with(kind);
  });
}

// A possible copy keeps at most what a patient may depend on, from the first evidence on, in the bounds of every
// automatic quarantine: where the device is enforced, its class may be quarantined, nobody holds it off, and budget and
// breaker allow it. A person releases it, for good.
void Appliance::Impl::keep_essential_flows(DeviceState& state, const findings::Condition& condition) {
  const auto& device = state.device;
  if (!shows_another_machine(condition) || device.slot == kNoSlot || state.arming.threshold == 0) return;
  if (was_released_from(device.id, condition.kind)) return;
  quarantine::Ledger::Request request;
  request.device_id = device.id;
  request.profile = enforce::Profile::kContain;
  request.by = quarantine::kAutomatic;
  request.reason = fmt::format("{}: {}", condition.kind, condition.explanation);
  if (state.arming.asks_person) {
    if (const auto asked = ledger.ask(request, wall)) quarantine_changed(*asked);
    return;
  }
  const auto word = slots.word(device.slot);
  const auto segment = segment_of(state);
  if (word.quarantine != enforce::Profile::kNone || !budgets.take(word.device_class, segment)) return;
  set_word(state, enforce::Profile::kContain);
  const auto former = open_quarantine(device.id);
  const auto made = ledger.record_automatic(request, wall);
  tell_overtaken(former);
  quarantine_changed(made);
  breaker.add(device.device_class, segment_name(segment), now);
  check_breakers(&state);
}

}  // namespace wardline::appliance
