// What keeps a flood of made-up MAC addresses from taking every device slot: new devices come at a bounded rate, and
// when the table is nearly full those that nobody would miss give theirs back.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controlplane/appliance/state.h"

namespace wardline::appliance {

namespace {

constexpr std::uint32_t kNewPerSecond = 100;  // of one segment; a ward that comes back after a power cut has fewer
constexpr std::size_t kReleasedAtOnce = 256;
constexpr Tick kFloodToldEvery = 3600 * kSecond;
constexpr Tick kAskedAgainFor = 30 * kSecond;
constexpr auto kSilence = std::chrono::seconds(30);  // at least: who is there is announced every second

}  // namespace

// Whether one more unknown device may be made in this segment now. One that may not is announced again with its next
// flow, or when it is asked for.
bool Appliance::Impl::admit_new_device(SegmentId segment) {
  auto& rate = new_devices[segment];
  if (now >= rate.since + kSecond) rate.since = now, rate.made = 0;
  if (rate.made < kNewPerSecond) {
    ++rate.made;
    return true;
  }
  ++devices_put_off;
  rate.put_off_at = now;
  if (!rate.told_at || now >= *rate.told_at + kFloodToldEvery) {
    rate.told_at = now;
    find_out(
        {.kind = "device_flood",
         .severity = "high",
         .explanation = fmt::format("More than {} unknown devices a second turned up in segment {}: somebody makes up "
                                    "MAC addresses, or a network was joined to it. Those beyond wait; known and "
                                    "registered devices are not touched.",
                                    kNewPerSecond, segment_name(segment))},
        nullptr);
  }
  return false;
}

// A device that was put off may have one flow for hours. Its segment's unidentified ones are looked at again, each with
// the next packet of each flow, once a second until nobody was put off for a while.
void Appliance::Impl::ask_again_for_devices() {
  for (auto& [segment, rate] : new_devices) {
    if (!rate.put_off_at || now < rate.asked_at + kSecond) continue;
    if (now >= *rate.put_off_at + kAskedAgainFor) rate.put_off_at.reset();
    rate.asked_at = now;
    slots.update(segment, [](enforce::SlotWord&) { return true; });
  }
}

// Nobody identified, listed, quarantined or held it, and nobody has answered it.
bool Appliance::Impl::expendable(const DeviceState& state) const {
  const auto& device = state.device;
  if (device.slot == kNoSlot || device.device_class != "unidentified" || device.registered ||
      !device.pinned_class.empty())
    return false;
  if (state.exchanged || state.hold_until || state.former_until || device.quarantine != "none") return false;
  if (slots.word(device.slot).quarantine != enforce::Profile::kNone || ledger.find(device.id) != nullptr) return false;
  const bool answered = std::any_of(device.evidence.begin(), device.evidence.end(),
                                    [](const auto& item) { return item.source == "exchange"; });
  return !answered && device.last_seen + kSilence <= wall;
}

void Appliance::Impl::free_slots() {
  // A worker that found the device before it left the index has finished with it once every worker has passed.
  std::erase_if(retired_slots, [&](const auto& retired) {
    if (!publisher.passed(retired.second)) return false;
    slots.release(retired.first);
    return true;
  });
  const auto capacity = slots.capacity();
  const auto used = slots.used() - static_cast<std::uint32_t>(retired_slots.size());
  if (used < capacity / 5 * 4) {
    told_device_table_filling = told_device_table_full = false;
    resolve("device_table_filling", "", "");
    resolve("device_table_full", "", "");
  }
  if (std::uint64_t{used} * 10 <= std::uint64_t{capacity} * 9) return;

  std::vector<DeviceState*> list;
  for (auto& [id, state] : devices)
    if (expendable(*state)) list.push_back(state.get());
  const auto surplus = static_cast<std::size_t>(used - capacity / 10 * 9);
  const auto count = std::min({list.size(), kReleasedAtOnce, surplus});
  if (count == 0) return;
  std::ranges::nth_element(list, list.begin() + static_cast<std::ptrdiff_t>(count - 1), {},
                           [](const DeviceState* state) { return state->device.last_seen; });
  list.resize(count);
  if (!std::exchange(told_device_table_filling, true))
    raise("", {.kind = "device_table_filling",
               .explanation =
                   fmt::format("{} of {} device slots are in use. Unidentified, unregistered devices that nobody has "
                               "answered lose theirs, the longest silent first; one that comes back is seen anew.",
                               used, capacity)});
  forget(list);
}

void Appliance::Impl::forget(const std::vector<DeviceState*>& list) {
  const bool write = store && store_ready();
  for (const auto* state : list) {
    slots.retire(state->device.slot);
    by_slot.erase(state->device.slot);
    retired_slots.emplace_back(state->device.slot, 0);
    if (write) note_store(store->remove_device(state->device.id));
    findings.forget_device(state->device.id);
    devices.erase(devices.find(state->device.id));
  }
  const auto stamp = publisher.stamp();
  for (auto& [slot, passed] : retired_slots)
    if (passed == 0) passed = stamp;
}

}  // namespace wardline::appliance
