// Quarantine: what a worker did by itself, what people ask for, what time ends, and the breaker.
#include <fmt/format.h>

#include <algorithm>

#include "controlplane/appliance/state.h"
#include "controlplane/inventory/address_text.h"
#include "controlplane/inventory/text.h"

namespace wardline::appliance {

using enforce::Profile;
using inventory::QuarantineState;
using quarantine::Breaker;

// Compares the slot's word with what is known, so that a quarantine whose event was lost is told all the same.
void Appliance::Impl::notice_quarantine(DeviceState& state) {
  auto& device = state.device;
  if (device.slot == kNoSlot) return;
  const auto word = slots.word(device.slot);
  const std::string in_word(policy::text_of(word.quarantine));
  if (word.quarantine == Profile::kNone || device.quarantine == in_word) return;
  quarantine::Ledger::Request request;
  request.device_id = device.id;
  request.profile = word.quarantine;
  request.by = quarantine::kAutomatic;
  request.reason = state.arming.threshold == 0 ? "found in the device's slot after a restart"
                                               : fmt::format("{} distinct {} within {} s", state.arming.threshold,
                                                             state.arming.detections_only ? "detections" : "violations",
                                                             state.arming.within_seconds);
  if (!state.last_violation.empty()) request.reason += ". Last: " + state.last_violation;
  const auto former = open_quarantine(device.id);
  const auto made = ledger.record_automatic(request, wall);
  tell_overtaken(former);
  quarantine_changed(made);
  if (state.arming.threshold != 0) {
    breaker.add(device.device_class, segment_name(segment_of(state)), now);
    check_breakers(&state);
  }
}

// Follows a quarantine into the device, the store, a record and an alert. The word is the caller's.
void Appliance::Impl::quarantine_changed(const quarantine::Quarantine& quarantine) {
  const auto found = devices.find(quarantine.device_id);
  DeviceState* state = found == devices.end() ? nullptr : found->second.get();
  if (state != nullptr) {
    const auto* active = ledger.active(quarantine.device_id);
    state->device.quarantine = active == nullptr ? "none" : active->profile;
    changed(*state);
  }
  if (store && !store_ready()) {
    quarantines_unsaved = true;
  } else if (store) {
    auto done = store->save_quarantine(quarantine);
    for (const auto& approval : quarantine.approvals)
      if (done) done = store->add_approval(approval);
    if (done && state != nullptr) {
      done = store->save_device(state->device, wall);
      state->dirty = !done.has_value();
    }
    note_store(done);
    if (!done) quarantines_unsaved = true;
  }
  const auto head = records::head_of("quarantine", quarantine.id, wall, options.name, in_force(),
                                     state == nullptr ? nullptr : &state->device);
  emit(head, quarantine_json(quarantine), "", "");
  if (!sender) return;
  const auto* interface =
      state == nullptr || state->device.interfaces.empty() ? nullptr : &state->device.interfaces.front();
  const auto text = fmt::format("Quarantine {} ({}) of {} is {}. {}", quarantine.id, quarantine.profile,
                                quarantine.device_id, inventory::text_of(quarantine.state), quarantine.reason);
  send_alert(alerts::quarantine_alert(
                 head, quarantine, text,
                 interface == nullptr || interface->mac.zero() ? "" : inventory::text_of(interface->mac),
                 interface == nullptr || interface->ips.empty() ? "" : inventory::text_of(interface->ips.back()),
                 options.version),
             wall);
}

std::string Appliance::Impl::open_quarantine(std::string_view device_id) const {
  const auto* found = ledger.find(device_id);
  return found == nullptr ? "" : found->id;
}

// A new quarantine of a device ends the former one in the ledger. The store has to follow, or the next start would find
// two, and one of them would outlive the release of the other.
void Appliance::Impl::tell_overtaken(const std::string& quarantine_id) {
  const auto* former = quarantine_id.empty() ? nullptr : ledger.find(quarantine_id);
  if (former != nullptr && former->state == QuarantineState::kReleased)
    quarantine_changed(quarantine::Quarantine(*former));
}

void Appliance::Impl::set_word(DeviceState& state, Profile profile) {
  const SlotId slot = state.device.slot;
  if (slot == kNoSlot) return;
  if (profile == Profile::kNone) {
    // A device that was let go starts counting from nothing, or its next violation would put it back.
    auto& cold = slots.cold(slot);
    cold.counted.store(0, std::memory_order_relaxed);
    for (auto& bits : cold.seen) bits.store(0, std::memory_order_relaxed);
    state.threshold.clear();
  }
  slots.update(slot, [&](enforce::SlotWord& word) {
    word.quarantine = profile;
    return true;
  });
}

// A device that turns out to be life-critical may be under more than contain by one person's word, or by nobody's.
// Its patient comes first: contain keeps its essential flows, and two people may then ask for more.
void Appliance::Impl::weaken_quarantine(DeviceState& state) {
  const auto* active = ledger.active(state.device.id);
  if (active == nullptr || active->approvals.size() >= 2) return;
  const auto profile = quarantine::profile_named(active->profile).value_or(Profile::kContain);
  if (quarantine::users_needed(profile, criticality_of(state)) < 2) return;
  const quarantine::Quarantine former(*active);
  set_word(state, Profile::kContain);
  const auto made = ledger.record_automatic(
      {.device_id = former.device_id,
       .profile = Profile::kContain,
       .by = std::string(quarantine::kAutomatic),
       .reason = fmt::format("was {} ({}, by {}), but {}, which is life-critical: more than contain takes two people",
                             former.profile, former.id, former.by,
                             state.device.inherited == enforce::Criticality::kLifeCritical
                                 ? std::string("a device hangs on it")
                                 : fmt::format("its class is now {}", state.device.device_class)),
       .until = former.until},
      wall);
  tell_overtaken(former.id);
  quarantine_changed(made);
  find_out({.kind = "quarantine_weakened",
            .severity = "critical",
            .explanation = fmt::format("{} {}. It is contained instead ({}).", state.device.id, made.reason, made.id)},
           &state);
}

void Appliance::Impl::expire_quarantines() {
  for (const auto& quarantine : ledger.expire(wall)) {
    // A pending one that nobody answered never touched the word.
    if (auto* state = find_device(quarantine.device_id); state != nullptr && state->device.quarantine != "none")
      set_word(*state, Profile::kNone);
    quarantine_changed(quarantine);
  }
}

Result<quarantine::Quarantine> Appliance::Impl::quarantine_add(std::string_view text, std::string_view profile,
                                                               std::string_view user, std::string_view reason,
                                                               std::optional<WallTime> until) {
  auto* state = find_device(text);
  if (state == nullptr)
    return fail(
        "device.unknown", std::string(text),
        "no device of this id, MAC or address was seen, and none alone has this host name; see `wardline device list`");
  if (state->device.interfaces.empty())
    return fail("device.behind", state->device.id, "is behind a port of a serial server: that one can be quarantined");
  if (state->device.slot == kNoSlot)
    return fail("device.no-slot", state->device.id,
                "has no slot since the device table is full, so it cannot be quarantined");
  const auto wanted = quarantine::profile_named(profile);
  if (!wanted) return fail("quarantine.profile", std::string(profile), "expected contain, isolate or cut-off");
  quarantine::Ledger::Request request{.device_id = state->device.id,
                                      .profile = *wanted,
                                      .criticality = criticality_of(*state),
                                      .by = std::string(user),
                                      .reason = inventory::clean_text(reason),
                                      .until = until};
  const auto former = open_quarantine(state->device.id);
  auto made = ledger.add(request, wall);
  if (!made) return made;
  tell_overtaken(former);
  if (made->state == QuarantineState::kActive) set_word(*state, *wanted);
  quarantine_changed(*made);
  return made;
}

Result<quarantine::Quarantine> Appliance::Impl::quarantine_approve(std::string_view id, std::string_view user) {
  const auto* found = ledger.find(id);
  auto* state = found == nullptr ? nullptr : find_device(found->device_id);
  const auto criticality = state == nullptr ? enforce::Criticality::kLifeCritical : criticality_of(*state);
  auto approved = ledger.approve(id, user, current ? current->hash : "", criticality, wall);
  if (!approved) return approved;
  if (approved->state == QuarantineState::kActive && state != nullptr)
    set_word(*state, quarantine::profile_named(approved->profile).value_or(Profile::kContain));
  quarantine_changed(*approved);
  return approved;
}

Result<quarantine::Quarantine> Appliance::Impl::quarantine_reject(std::string_view id, std::string_view user) {
  auto rejected = ledger.reject(id, wall);
  if (!rejected) return rejected;
  rejected->reason += fmt::format(" (rejected by {})", user);
  quarantine_changed(*rejected);
  return rejected;
}

Result<quarantine::Quarantine> Appliance::Impl::quarantine_release(std::string_view text, std::string_view user) {
  const auto* found = ledger.find(text);
  auto* named = found == nullptr ? find_device(text) : nullptr;
  auto released = ledger.release(named == nullptr ? text : std::string_view(named->device.id), wall);
  if (!released) return released;
  released->reason += fmt::format(" (released by {})", user);
  if (auto* state = find_device(released->device_id)) set_word(*state, Profile::kNone);
  quarantine_changed(*released);
  return released;
}

std::string Appliance::Impl::quarantine_json(const quarantine::Quarantine& quarantine) const {
  const auto found = devices.find(quarantine.device_id);
  auto head = records::head_of("quarantine", quarantine.id, quarantine.created, options.name, in_force(),
                               found == devices.end() ? nullptr : &found->second->device);
  head.device_id = quarantine.device_id;
  return records::quarantine_record(head, {.profile = quarantine.profile,
                                           .state = std::string(inventory::text_of(quarantine.state)),
                                           .by = quarantine.by,
                                           .reason = quarantine.reason,
                                           .until = quarantine.until});
}

}  // namespace wardline::appliance
