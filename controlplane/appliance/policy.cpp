// Loading, publishing and keeping policies.
#include <algorithm>

#include "controlplane/appliance/state.h"

namespace wardline::appliance {

namespace {

PolicySummary summary_of(const policy::Policy& policy, std::uint32_t epoch) {
  PolicySummary summary;
  summary.directory = policy.directory;
  summary.site = policy.site;
  summary.hash = policy.hash;
  summary.commit = policy.commit.value_or("");
  summary.epoch = epoch;
  const auto named = [](const auto& list) {
    return static_cast<std::size_t>(
        std::count_if(list.begin(), list.end(), [](const auto& item) { return !item.name.empty(); }));
  };
  summary.classes = named(policy.classes);
  summary.segments = named(policy.segments);
  summary.rules = policy.rules.size();
  summary.signatures = policy.signatures.texts.size();
  return summary;
}

}  // namespace

std::expected<PolicySummary, Errors> Appliance::Impl::load(const std::string& directory,
                                                           policy::LoadOptions load_options) {
  policy_directory = directory;
  policy_options = load_options;
  load_options.numbers = &slots;
  auto loaded = policy::load(directory, load_options);
  if (!loaded) return std::unexpected(std::move(loaded.error()));
  return use(std::move(*loaded));
}

std::expected<PolicySummary, Errors> Appliance::Impl::use(std::shared_ptr<const policy::Policy> policy) {
  publisher.reclaim();
  const std::uint32_t epoch = names.epoch() + 1;
  if (auto published = publisher.publish(policy->make_snapshot(epoch)); !published)
    return std::unexpected(Errors{published.error()});
  current = std::move(policy);
  names.add(epoch, current, now);
  refill_budgets();
  name_what_the_store_lost(*current);
  if (epoch == 1) count_former_quarantines();
  apply_policy_to_devices();
  return summary_of(*current, epoch);
}

void Appliance::Impl::apply_policy_to_devices() {
  for (auto& [id, state] : devices) {
    // The end of a grace is not in the store: after a restart it begins anew, or it would never end.
    if (!state->device.former_class.empty() && !state->former_until)
      state->former_until = wall + std::chrono::seconds(current->moved_former_class_seconds);
    identity::conclude_anew(state->device, *current, wall);
    apply_register(*state);
    reclassify(*state);
    if (state->device.inherited != enforce::Criticality::kNone) weaken_quarantine(*state);
  }
  forget_unlisted_behind();
}

// What the former run did by itself within the hour counts against budgets and breakers of this one: a daemon that
// crashes and starts again must not cut back a whole ward one budget at a time.
void Appliance::Impl::count_former_quarantines() {
  const DeviceState* last = nullptr;
  for (const auto* quarantine : ledger.all()) {
    const auto age = wall - quarantine->created;
    const auto found = devices.find(quarantine->device_id);
    using inventory::QuarantineState;
    if (quarantine->state == QuarantineState::kPending || quarantine->state == QuarantineState::kRejected) continue;
    if (quarantine->by != quarantine::kAutomatic || age >= std::chrono::hours(1) || found == devices.end()) continue;
    last = found->second.get();
    const auto ticks = static_cast<Tick>(std::max<std::int64_t>(0, std::chrono::nanoseconds(age).count()));
    breaker.add(last->device.device_class, segment_name(segment_of(*last)), now > ticks ? now - ticks : 0);
    (void)budgets.take(records::class_named(*current, last->device.device_class), segment_of(*last));
  }
  if (last != nullptr) check_breakers(last);
}

// Once an hour, and at once when the policy changes the numbers: a reload alone gives no new tokens, or reloading in a
// loop would lift the limit.
void Appliance::Impl::refill_budgets() {
  const auto& wanted = current->quarantine_budget;
  const bool same = wanted.site_per_hour == budgets_given.site_per_hour &&
                    wanted.class_per_hour == budgets_given.class_per_hour &&
                    wanted.segment_per_hour == budgets_given.segment_per_hour;
  if (same && budgets_refilled && now < *budgets_refilled + 3600 * kSecond) return;
  budgets.refill(wanted.site_per_hour, wanted.class_per_hour, wanted.segment_per_hour);
  budgets_given = wanted;
  budgets_refilled = now;
}

}  // namespace wardline::appliance
