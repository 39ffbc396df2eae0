// Devices that may be copies of others: what is heard of them by turns, and what they keep meanwhile.
#include <fmt/format.h>

#include <algorithm>

#include "controlplane/appliance/state.h"
#include "controlplane/findings/kinds.h"

namespace wardline::appliance {

namespace {

// What shows another machine, and not only that a class may be wrong: a forged MAC, and words of DHCP or LLDP that
// fitted the class and no longer do. A name may be given anew by any person.
bool shows_another_machine(const findings::Condition& condition) {
  const std::string_view about = condition.subject;
  const bool name = about.ends_with(".hostname") || about.ends_with(".fqdn") || about.ends_with(".name");
  if (condition.kind == "contradiction") return !name && (about.starts_with("dhcp.") || about.starts_with("lldp."));
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
  // Not at its turn: a copy shall not do in the meantime what the original may.
  if (whose.matters && state.check_due) check_device(state);
}

// A possible copy keeps at most what a patient may depend on, from the first evidence on, in the bounds of every
// automatic quarantine: where the device is enforced, its class may be quarantined, nobody holds it off, and budget and
// breaker allow it. A person releases it.
void Appliance::Impl::keep_essential_flows(DeviceState& state, const findings::Condition& condition) {
  const auto& device = state.device;
  if (!shows_another_machine(condition) || device.slot == kNoSlot || state.arming.threshold == 0) return;
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
