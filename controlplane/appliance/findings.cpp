// What is not as it should be: when devices are looked at, and what becomes of it.
#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "controlplane/appliance/state.h"
#include "controlplane/findings/kinds.h"

namespace wardline::appliance {

namespace {

constexpr std::size_t kCheckedAtOnce = 512;     // devices, of one maintenance call
constexpr std::size_t kTurnsAMinute = 4096;     // devices that did not change, and are looked at all the same
constexpr std::size_t kMostUnmappedTags = 256;  // a device can write any tag
// What devices were seen to do, not what they are: over when it was not seen again for so long. Tags are seen only with
// new devices, exchanges and violations.
struct SeenToHappen {
  std::string_view kind;
  std::chrono::hours over_after;
};
constexpr SeenToHappen kSeenToHappen[] = {{"unmapped_vlan", std::chrono::hours(24)},
                                          {"duplicate_ip", std::chrono::hours(1)},
                                          {"mac_on_two_legs", std::chrono::hours(1)},
                                          {"forged_mac", std::chrono::hours(24)},
                                          {"hidden_router", std::chrono::hours(24)},
                                          {"rogue_server", std::chrono::hours(24)},
                                          {"new_server", std::chrono::hours(24)},
                                          {"unencrypted_phi", std::chrono::hours(24)},
                                          {"default_credentials", std::chrono::hours(30 * 24)},
                                          {"unusual_hours", std::chrono::hours(2)},
                                          {"one_sided_flows", std::chrono::hours(1)},
                                          {"link_speed_changed", std::chrono::hours(30 * 24)},
                                          {"register_silent", std::chrono::hours(1)}};

records::Finding in_words(const inventory::Finding& finding) {
  return {.kind = finding.kind,
          .severity = finding.severity,
          .state = std::string(inventory::text_of(finding.state)),
          .subject = finding.subject,
          .explanation = finding.explanation,
          .evidence = finding.evidence,
          .note = finding.note,
          .by = finding.by,
          .until = finding.until,
          .first_seen = finding.first_seen,
          .last_seen = finding.last_seen,
          .count = finding.count};
}

bool checked(std::string_view kind, std::string_view subject) {
  const auto* known = findings::kind_named(kind);
  return known != nullptr && known->life == findings::Life::kChecked &&
         (kind != "forged_mac" || subject != findings::kByTurns);
}

}  // namespace

bool Appliance::Impl::raise(const std::string& device_id, const findings::Condition& condition) {
  const auto begun = findings.raise(device_id, condition, new_id("n"), wall);
  if (begun) tell(*begun);
  return begun && begun->state == inventory::FindingState::kOpen;  // else a person knows of it already
}

void Appliance::Impl::resolve(std::string_view kind, const std::string& device_id, const std::string& subject) {
  if (const auto ended = findings.resolve(kind, device_id, subject, wall)) tell(*ended);
}

void Appliance::Impl::tell(const inventory::Finding& finding) {
  const auto found = devices.find(finding.device_id);
  auto head = records::head_of("finding", finding.id, wall, options.name, in_force(),
                               found == devices.end() ? nullptr : &found->second->device);
  head.device_id = finding.device_id;
  tell_finding(head, in_words(finding));
}

void Appliance::Impl::tell(const std::vector<inventory::Finding>& list) {
  for (const auto& finding : list) tell(finding);
}

std::string Appliance::Impl::finding_json(const inventory::Finding& finding) const {
  const auto found = devices.find(finding.device_id);
  auto head = records::head_of("finding", finding.id, finding.first_seen, options.name, in_force(),
                               found == devices.end() ? nullptr : &found->second->device);
  head.device_id = finding.device_id;
  return records::finding_record(head, in_words(finding));
}

Result<inventory::Finding> Appliance::Impl::acknowledge(std::string_view id, std::string_view user,
                                                        std::string_view note, std::optional<WallTime> until) {
  auto done = findings.acknowledge(id, user, note, until, wall);
  if (done) tell(*done);
  return done;
}

// One of a device that is not known any more would never be looked at again.
void Appliance::Impl::restore_finding(inventory::Finding finding) {
  if (checked(finding.kind, finding.subject) && !devices.contains(finding.device_id))
    note_store(store->remove_finding(finding.id));
  else
    findings.restore(std::move(finding));
}

// Within the transaction of the caller.
void Appliance::Impl::save_findings() {
  bool all = true;
  const auto note = [&](const Result<void>& done) {
    note_store(done);
    all = all && done.has_value();
  };
  for (const auto& id : findings.take_removed()) note(store->remove_finding(id));
  for (const auto* finding : findings.take_unsaved()) note(store->save_finding(*finding));
  const auto hours = class_hours.take_unsaved();
  for (const auto& hour : hours) note(store->save_class_hour(hour));
  for (const auto& server : class_servers.take_unsaved()) note(store->save_class_server(server));
  if (all) return;
  findings.unsaved_all();
  class_servers.unsaved_all();
  class_hours.unsaved_again(hours);
}

void Appliance::Impl::raise_contradictions(DeviceState& state,
                                           const std::vector<identity::Contradiction>& contradictions,
                                           Because because) {
  const auto& device = state.device;
  findings::Conditions conditions;
  for (const auto& [about, text] : contradictions)
    conditions.push_back({.kind = "contradiction",
                          .subject = about,
                          .explanation = fmt::format("{} is taken for a {}, but: {}. It may be a clone.", device.id,
                                                     device.device_class, text)});
  for (const auto& condition : conditions)
    if (raise(device.id, condition) && because == Because::kHeard) keep_essential_flows(state, condition);
  tell(findings.settle(
      device.id, conditions, [](std::string_view kind, std::string_view) { return kind == "contradiction"; }, wall));
}

void Appliance::Impl::check_device(DeviceState& state, Because because) {
  state.check_due = false;
  const auto& device = state.device;
  findings::Surroundings around{.policy = *current,
                                .entry = identity::register_entry(device, *current),
                                .left = segments_left(state),
                                .now = wall};
  for (const auto& interface : device.interfaces) {
    if (interface.mac.zero()) continue;
    const auto apart = id_of_mac(interface.mac) + "-";  // as see_device() calls them
    for (auto it = devices.lower_bound(apart); it != devices.end() && it->first.starts_with(apart); ++it)
      if (it->second.get() != &state) around.namesakes.push_back(&it->second->device);
  }
  const auto conditions = findings::check(device, around);
  for (const auto& condition : conditions)
    if (raise(device.id, condition) && because == Because::kHeard) keep_essential_flows(state, condition);
  tell(findings.settle(device.id, conditions, checked, wall));
}

void Appliance::Impl::check_due_devices() {
  if (!current) return;
  std::size_t done = 0;
  for (auto& [id, state] : devices) {
    if (!state->check_due) continue;
    check_device(*state);
    if (++done == kCheckedAtOnce) return;
  }
}

void Appliance::Impl::check_findings() {
  if (!current) return;
  tell(findings.reopen_due(wall));
  check_silence();
  for (const auto& [kind, over_after] : kSeenToHappen) tell(findings.resolve_unseen(kind, over_after, wall));
  // After a restart a breaker of the former run may have closed without a word.
  tell(findings.settle(
      "", {},
      [&](std::string_view kind, const std::string& name) {
        return kind == "quarantine_breaker" && !open_breakers.contains(name);
      },
      wall));
  findings.forget_old(wall);
  address_use.forget(wall);
  mac_use.forget(wall);
  voices.forget(wall);
  one_sided.forget(wall);
  count_relay_names();
  ask_uplinks();
  std::erase_if(unmapped_tags, [&](const auto& item) { return item.second + 60 * kSecond < now; });
  auto turn = devices.upper_bound(check_turn);
  for (std::size_t i = 0; i < std::min(kTurnsAMinute, devices.size()); ++i, ++turn) {
    if (turn == devices.end()) turn = devices.begin();
    turn->second->check_due = true;
    check_turn = turn->first;
  }
  if (store && store_ready()) note_store(store->trim(wall));
}

// Nothing is silent in an inventory that is younger than the silence.
void Appliance::Impl::check_silence() {
  const auto silence = options.register_silent_after;
  if (silence == std::chrono::seconds(0) || devices.empty()) return;
  std::set<std::string> seen;
  auto begun = wall;
  for (const auto& [id, state] : devices) {
    begun = std::min(begun, state->device.first_seen);
    const auto* entry = identity::register_entry(state->device, *current);
    if (entry != nullptr && state->device.last_seen + silence > wall) seen.insert(entry->id);
  }
  if (begun + silence > wall) return;
  for (const auto& condition : findings::check_register_silence(*current, seen, silence))
    raise(condition.subject, condition);
  for (const auto& id : seen) resolve("register_silent", id, id);
}

// What an event shows of addresses, MACs and tags in use. A flow shows where its device was when it began: what is told
// of it now may have ended minutes ago.
void Appliance::Impl::watch_use(const Event& event, DeviceState* state) {
  if (event.side != Side::kDevice || !current || event.several.any()) return;
  // A flow does not keep its tags, and no segment was looked up for a frame that could not be read.
  const bool tags_known = event.flow_id == 0 || event.tag_count != 0;
  if (event.segment == kUnknownSegment && tags_known && event.reason != Reason::kMalformed) watch_tags(event);
  if (state == nullptr || (event.kind == EventKind::kFlow && event.packets_from_device == 0)) return;
  const auto time = wall_of(event.kind == EventKind::kFlow && event.first_seen != 0 ? event.first_seen : event.time);
  const auto segment = segment_name(event.segment);
  const auto& id = state->device.id;
  if (std::ranges::count(state->device.interfaces, segment, &inventory::Interface::segment) != 0)
    state->seen_in[segment] = std::max(state->seen_in[segment], wall_of(event.time));
  if (event.kind == EventKind::kDeviceSeen || event.kind == EventKind::kAddressSeen)
    if (const auto twice = address_use.note(segment, event.device_ip, id, event.device_mac, time)) raise(id, *twice);
  if (const auto twice = mac_use.note(event.device_mac, {event.bundle, segment}, id, time)) raise(id, *twice);
}

// A telephone begins in the data VLAN and goes on in its own; an interface stays in the inventory when it was left. Of
// where a device was before this run nothing is known, so it may still be there on the first day.
std::vector<std::string> Appliance::Impl::segments_left(const DeviceState& state) const {
  std::vector<std::string> left;
  for (const auto& interface : state.device.interfaces) {
    const auto seen = state.seen_in.find(interface.segment);
    if ((seen == state.seen_in.end() ? started : seen->second) + findings::kStillThere <= wall)
      left.push_back(interface.segment);
  }
  return left;
}

void Appliance::Impl::watch_tags(const Event& event) {
  const std::array<std::uint16_t, 4> key{event.bundle, event.vlans[0], event.vlans[1], event.tag_count};
  if (unmapped_tags.size() >= kMostUnmappedTags || !unmapped_tags.try_emplace(key, now).second) return;
  const auto& names_of_bundles = policy_options.bundles;
  const auto bundle =
      event.bundle < names_of_bundles.size() ? names_of_bundles[event.bundle] : std::to_string(event.bundle);
  const auto count = std::min<std::size_t>(event.tag_count, event.vlans.size());
  raise("", findings::unmapped_vlan(bundle, std::span(event.vlans).first(count)));
}

}  // namespace wardline::appliance
