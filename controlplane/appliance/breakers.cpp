// The breaker: stops automatic quarantine of a class, a segment or the site when too large a share was hit.
#include <fmt/format.h>

#include <algorithm>

#include "controlplane/appliance/state.h"

namespace wardline::appliance {

using quarantine::Breaker;

namespace {

std::string key_of(Breaker::Scope scope, std::string_view name) {
  static constexpr std::string_view kWords[] = {"the site", "class ", "segment "};
  return fmt::format("{}{}", kWords[static_cast<std::size_t>(scope)], name);
}

}  // namespace

std::size_t Appliance::Impl::devices_of(Breaker::Scope scope, std::string_view name) const {
  if (scope == Breaker::Scope::kSite) return devices.size();
  return static_cast<std::size_t>(std::count_if(devices.begin(), devices.end(), [&](const auto& item) {
    const auto& state = *item.second;
    return (scope == Breaker::Scope::kClass ? state.device.device_class : segment_name(segment_of(state))) == name;
  }));
}

bool Appliance::Impl::quarantine_breaker_open(const DeviceState& state) const {
  if (open_breakers.empty()) return false;
  return open_breakers.contains(key_of(Breaker::Scope::kSite, "")) ||
         open_breakers.contains(key_of(Breaker::Scope::kClass, state.device.device_class)) ||
         open_breakers.contains(key_of(Breaker::Scope::kSegment, segment_name(segment_of(state))));
}

// `hit`: the device just quarantined; null: time has passed, so open ones may close.
void Appliance::Impl::check_breakers(const DeviceState* hit) {
  std::set<std::string> open;
  const auto ask = [&](Breaker::Scope scope, const std::string& name) {
    if (breaker.open(scope, name, devices_of(scope, name), now)) open.insert(key_of(scope, name));
  };
  if (hit == nullptr && open_breakers.empty()) return;
  ask(Breaker::Scope::kSite, "");
  std::set<std::string> classes, segments;
  for (const auto& [id, state] : devices) {
    classes.insert(state->device.device_class);
    segments.insert(segment_name(segment_of(*state)));
  }
  for (const auto& name : classes) ask(Breaker::Scope::kClass, name);
  for (const auto& name : segments) ask(Breaker::Scope::kSegment, name);
  if (open == open_breakers) return;
  for (const auto& name : open)
    if (!open_breakers.contains(name))
      raise("", {.kind = "quarantine_breaker",
                 .subject = name,
                 .explanation = fmt::format("Automatic quarantine is stopped for {}: too large a share of its devices "
                                            "was quarantined within an hour. An outbreak, or a policy that is wrong: "
                                            "look now. Quarantines in force stay.",
                                            name)});
  for (const auto& name : open_breakers)
    if (!open.contains(name)) resolve("quarantine_breaker", "", name);
  open_breakers = std::move(open);
  for (auto& [id, state] : devices) sync_slot(*state);
}

}  // namespace wardline::appliance
