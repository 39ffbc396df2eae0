#include "controlplane/appliance/appliance.h"

#include <fmt/format.h>

#include <chrono>

#include "controlplane/appliance/state.h"

namespace wardline::appliance {

Appliance::Appliance(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Appliance::~Appliance() = default;

Result<std::unique_ptr<Appliance>> Appliance::open(Options options, SnapshotPublisher& publisher,
                                                   enforce::DeviceSlots& slots, enforce::QuarantineBudgets& budgets,
                                                   WallTime wall) {
  auto impl = std::make_unique<Impl>(std::move(options), publisher, slots, budgets);
  impl->wall = impl->started = wall;
  impl->leg_losses = LegLosses(wall);
  impl->run =
      fmt::format("{:x}", std::chrono::duration_cast<std::chrono::milliseconds>(wall.time_since_epoch()).count());
  if (!impl->options.store_path.empty()) {
    auto store = inventory::Store::open(impl->options.store_path, impl->options.store);
    if (!store) return std::unexpected(store.error());
    impl->store = std::move(*store);
  }
  if (!impl->options.oui_folder.empty()) {
    auto oui = identity::OuiTable::load(impl->options.oui_folder);
    if (oui) impl->oui = std::move(*oui);  // without vendors everything works, with less evidence; status says so
  }
  Errors no_alerts;
  if (!impl->options.alert_targets.empty())
    impl->sender = alerts::UdpSender::open(impl->options.alert_targets, no_alerts);
  if (auto restored = impl->restore(); !restored) return std::unexpected(restored.error());
  impl->tell_store_warnings();
  for (const auto& problem : no_alerts)
    impl->find_out({.kind = "alert_target_lost",
                    .severity = "high",
                    .explanation = problem.text() + ". Nothing is sent there until wardlined is started again."},
                   nullptr);
  impl->commit_store();
  return std::unique_ptr<Appliance>(new Appliance(std::move(impl)));
}

void Appliance::add_source(Source source) {
  impl_->sources.push_back(source);
}

void Appliance::see_legs(const std::vector<LegCounts>& legs, WallTime wall) {
  impl_->leg_losses.note(legs, wall);
}

std::expected<PolicySummary, Errors> Appliance::load_policy(const std::string& directory, policy::LoadOptions options,
                                                            Tick now, WallTime wall) {
  impl_->now = now;
  impl_->wall = wall;
  auto loaded = impl_->load(directory, std::move(options));
  impl_->commit_store();
  return loaded;
}

std::expected<PolicySummary, Errors> Appliance::use_policy(std::shared_ptr<const policy::Policy> policy, Tick now,
                                                           WallTime wall) {
  impl_->now = now;
  impl_->wall = wall;
  auto used = impl_->use(std::move(policy));
  impl_->commit_store();
  return used;
}

std::expected<PolicySummary, Errors> Appliance::reload_policy(Tick now, WallTime wall) {
  if (impl_->policy_directory.empty())
    return std::unexpected(
        Errors{{"policy.none", "", "no policy directory was given yet, so there is none to reload"}});
  return load_policy(impl_->policy_directory, impl_->policy_options, now, wall);
}

std::shared_ptr<const policy::Policy> Appliance::policy() const {
  return impl_->current;
}

// At most so many of each worker.
std::size_t Appliance::Impl::take(std::size_t events, std::size_t copies) {
  std::size_t taken = 0;
  for (auto& source : sources) {
    for (std::size_t i = 0; i < events; ++i, ++taken) {
      const Event* event = source.events->front();
      if (event == nullptr) break;
      handle(*event);
      source.events->pop();
    }
    for (std::size_t i = 0; i < copies; ++i, ++taken) {
      const FrameCopy* copy = source.copies->front();
      if (copy == nullptr) break;
      handle(*copy);
      source.copies->pop();
    }
  }
  return taken;
}

// Small shares in turn until the time is over: neither a worker nor the copies wait for another's flood to end.
std::size_t Appliance::Impl::take_for(std::chrono::milliseconds time) {
  constexpr std::size_t kShares = 128;
  const auto end = std::chrono::steady_clock::now() + time;
  std::size_t taken = 0;
  for (std::size_t share = 0; share < kShares; ++share) {
    const auto some = take(options.events_per_drain / kShares, options.copies_per_drain / kShares);
    taken += some;
    if (some == 0 || std::chrono::steady_clock::now() >= end) break;
  }
  return taken;
}

std::size_t Appliance::drain(Tick now, WallTime wall, const Sink& sink) {
  auto& impl = *impl_;
  impl.now = now;
  impl.wall = wall;
  const auto taken = impl.options.longest_drain.count() == 0
                         ? impl.take(impl.options.events_per_drain, impl.options.copies_per_drain)
                         : impl.take_for(impl.options.longest_drain);
  if (taken != 0) impl.announce_devices();
  impl.events_taken += taken;
  impl.deliver(sink);
  return taken;
}

void Appliance::maintenance(Tick now, WallTime wall, const Sink& sink) {
  auto& impl = *impl_;
  impl.now = now;
  impl.wall = wall;
  impl.publisher.reclaim();
  impl.names.reap(now);
  if (impl.current) impl.refill_budgets();
  impl.expire_quarantines();
  impl.free_slots();
  impl.ask_again_for_devices();
  for (auto& [id, state] : impl.devices) {
    if (state->device.slot == kNoSlot) impl.seat(*state);
    impl.notice_quarantine(*state);
    bool over = false;
    if (state->former_until && *state->former_until <= wall) {
      state->former_until.reset();
      state->device.former_class.clear();
      over = true;
    }
    if (state->hold_until && *state->hold_until <= wall) {
      state->hold_until.reset();
      over = true;
    }
    if (over) impl.sync_slot(*state);
  }
  if (now >= impl.minute_at + 60 * kSecond) {
    impl.minute_at = now;
    impl.check_breakers(nullptr);
    impl.check_findings();
  }
  impl.check_due_devices();
  impl.watch_capture();
  impl.send_due_alerts();
  impl.announce_devices();
  impl.save_dirty(false);
  impl.deliver(sink);
}

void Appliance::flush(Tick now, WallTime wall, const Sink& sink) {
  impl_->now = now;
  impl_->wall = wall;
  impl_->save_dirty(true);
  impl_->stop_capture();
  impl_->deliver(sink);
}

std::string Appliance::query(std::string_view request, std::string_view user, Tick now, WallTime wall,
                             const Sink& sink) {
  impl_->now = now;
  impl_->wall = wall;
  auto reply = impl_->answer(request, user);
  impl_->announce_devices();
  impl_->deliver(sink);
  return reply;
}

const inventory::Device* Appliance::device(std::string_view id) const {
  const auto* state = impl_->find_device(id);
  return state == nullptr ? nullptr : &state->device;
}

std::uint64_t Appliance::records_made(std::string_view type) const {
  const auto found = impl_->made.find(type);
  return found == impl_->made.end() ? 0 : found->second;
}

}  // namespace wardline::appliance
