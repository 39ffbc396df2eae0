#pragma once
#include <cstdint>

#include "controlplane/policy/policy.h"
#include "dataplane/enforce/device_slots.h"

namespace wardline::quarantine {

// What a device's slot is told about quarantine by itself. The worker counts and swaps the word; see SlotCold.
struct Arming {
  enforce::Profile profile = enforce::Profile::kNone;  // kNone: the worker does nothing by itself
  std::uint16_t threshold = 0;                         // distinct violations; 0: never
  std::uint16_t within_seconds = 60;
  bool detections_only = true;
  bool asks_person = false;  // unarmed since `approval: required`: the threshold makes a pending quarantine

  bool operator==(const Arming&) const = default;
};

struct ArmingCircumstances {
  bool held = false;     // an operator holds automatic quarantine of this device off
  bool breaker = false;  // too many devices of its class, segment or site were hit
  // Of what hangs on it, where that is higher than its class's.
  enforce::Criticality inherited = enforce::Criticality::kNone;
};

// From the class of the device, the mode in force for it and the circumstances. Where the mode is monitor nothing is
// armed: a quarantine would enforce what the site has not asked for. Life-critical classes count detections only and
// are never armed above contain, whatever the class says.
Arming arming_of(const policy::Policy& policy, ClassId device_class, enforce::Mode mode_in_force,
                 const ArmingCircumstances& circumstances);

// Writes it to the slot. The word changes (and its flows are decided again) only when its armed action does.
void arm(enforce::DeviceSlots& slots, SlotId slot, const Arming& arming);

}  // namespace wardline::quarantine
