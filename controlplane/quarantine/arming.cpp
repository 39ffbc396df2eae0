#include "controlplane/quarantine/arming.h"

#include <algorithm>

namespace wardline::quarantine {

using enforce::Criticality;
using enforce::Profile;

namespace {

// The design's ceiling of automatic action.
Profile ceiling(Criticality criticality) {
  return criticality == Criticality::kNone ? Profile::kIsolate : Profile::kContain;
}

}  // namespace

Arming arming_of(const policy::Policy& policy, ClassId device_class, enforce::Mode mode_in_force,
                 const ArmingCircumstances& circumstances) {
  Arming arming;
  if (device_class >= policy.plain.classes.size() || mode_in_force != enforce::Mode::kEnforce) return arming;
  const auto& traits = policy.plain.classes[device_class];
  if (!traits.defined || traits.quarantine_after == 0 || traits.profile == Profile::kNone) return arming;
  if (circumstances.held || circumstances.breaker) return arming;
  const auto criticality = std::max(traits.criticality, circumstances.inherited);
  arming.threshold = traits.quarantine_after;
  arming.within_seconds = std::max<std::uint16_t>(traits.quarantine_within_seconds, 1);
  arming.detections_only = traits.counts_detections_only || criticality == Criticality::kLifeCritical;
  arming.asks_person = traits.approval_required;
  if (!arming.asks_person) arming.profile = std::min(traits.profile, ceiling(criticality));
  return arming;
}

void arm(enforce::DeviceSlots& slots, SlotId slot, const Arming& arming) {
  auto& cold = slots.cold(slot);
  // The threshold stands before the action does: a worker that sees the slot armed finds what to count to.
  cold.within_seconds.store(arming.within_seconds, std::memory_order_relaxed);
  cold.counts_detections_only.store(arming.detections_only, std::memory_order_relaxed);
  cold.threshold.store(arming.profile == Profile::kNone ? 0 : arming.threshold, std::memory_order_relaxed);
  slots.update(slot, [&](enforce::SlotWord& word) {
    if (word.armed == arming.profile) return false;
    word.armed = arming.profile;
    return true;
  });
}

}  // namespace wardline::quarantine
