#include "controlplane/quarantine/ledger.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "controlplane/policy/policy.h"

namespace wardline::quarantine {

using enforce::Criticality;
using enforce::Profile;

namespace {

bool open(const Quarantine& quarantine) {
  return quarantine.state == QuarantineState::kPending || quarantine.state == QuarantineState::kActive;
}

std::string subject_of(const Quarantine& quarantine) {
  return "quarantine " + quarantine.id;
}

}  // namespace

std::optional<Profile> profile_named(std::string_view name) {
  for (const auto profile : {Profile::kContain, Profile::kIsolate, Profile::kCutOff})
    if (policy::text_of(profile) == name) return profile;
  return std::nullopt;
}

std::size_t users_needed(Profile profile, Criticality criticality) {
  return criticality == Criticality::kLifeCritical && profile > Profile::kContain ? 2 : 1;
}

void Ledger::restore(Quarantine quarantine) {
  std::uint64_t number = next_;
  const std::string_view id = quarantine.id;
  if (id.starts_with(kIdPrefix)) std::from_chars(id.data() + kIdPrefix.size(), id.data() + id.size(), number);
  next_ = std::max(next_, number + 1);
  by_number_.insert_or_assign(number, std::move(quarantine));
}

Quarantine& Ledger::make(const Request& request, QuarantineState state, WallTime now) {
  forget_oldest_ended();
  Quarantine quarantine;
  quarantine.id = fmt::format("{}{}", kIdPrefix, next_);
  quarantine.device_id = request.device_id;
  quarantine.profile = policy::text_of(request.profile);
  quarantine.state = state;
  quarantine.by = request.by;
  quarantine.reason = request.reason;
  quarantine.created = now;
  quarantine.until = request.until;
  return by_number_.emplace(next_++, std::move(quarantine)).first->second;
}

Result<Quarantine> Ledger::add(const Request& request, WallTime now) {
  if (auto* former = open_of(request.device_id)) {
    if (former->profile == policy::text_of(request.profile))
      return fail("quarantine.exists", request.device_id,
                  fmt::format("is in quarantine {} ({}) already, state {}", former->id, former->profile,
                              inventory::text_of(former->state)));
    if (former->state == QuarantineState::kPending)
      return fail("quarantine.pending", request.device_id,
                  fmt::format("quarantine {} ({}) waits for an answer; approve or reject it first", former->id,
                              former->profile));
    if (users_needed(request.profile, request.criticality) > 1)
      return fail(
          "quarantine.two-users", request.device_id,
          fmt::format("is contained by quarantine {}; release it first, since {} of a life-critical class waits "
                      "for a second user",
                      former->id, policy::text_of(request.profile)));
    former->state = QuarantineState::kReleased;
  }
  const bool enough = users_needed(request.profile, request.criticality) == 1;
  auto& made = make(request, enough ? QuarantineState::kActive : QuarantineState::kPending, now);
  made.approvals.push_back({request.by, now, "", subject_of(made)});
  return made;
}

Quarantine Ledger::record_automatic(const Request& request, WallTime now) {
  // The word is the truth: what was pending is overtaken by it.
  if (auto* former = open_of(request.device_id)) former->state = QuarantineState::kReleased;
  return make(request, QuarantineState::kActive, now);
}

std::optional<Quarantine> Ledger::ask(const Request& request, WallTime now) {
  if (open_of(request.device_id) != nullptr) return std::nullopt;
  return make(request, QuarantineState::kPending, now);
}

Result<Quarantine> Ledger::approve(std::string_view id, std::string_view user, std::string_view policy_hash,
                                   Criticality criticality, WallTime now) {
  const auto found = in_state(id, QuarantineState::kPending);
  if (!found) return std::unexpected(found.error());
  auto& quarantine = **found;
  const bool again = std::any_of(quarantine.approvals.begin(), quarantine.approvals.end(),
                                 [&](const auto& approval) { return approval.user == user; });
  if (again)
    return fail("quarantine.same-user", quarantine.id,
                fmt::format("{} stands behind it already; another user has to approve", user));
  quarantine.approvals.push_back({std::string(user), now, std::string(policy_hash), subject_of(quarantine)});
  const auto profile = profile_named(quarantine.profile).value_or(Profile::kContain);
  if (quarantine.approvals.size() >= users_needed(profile, criticality)) quarantine.state = QuarantineState::kActive;
  return quarantine;
}

Result<Quarantine> Ledger::reject(std::string_view id, WallTime) {
  const auto found = in_state(id, QuarantineState::kPending);
  if (!found) return std::unexpected(found.error());
  (*found)->state = QuarantineState::kRejected;
  return **found;
}

Result<Quarantine> Ledger::release(std::string_view id_or_device, WallTime) {
  const auto found = in_state(id_or_device, QuarantineState::kActive);
  if (!found) return std::unexpected(found.error());
  (*found)->state = QuarantineState::kReleased;
  return **found;
}

std::vector<Quarantine> Ledger::expire(WallTime now) {
  std::vector<Quarantine> expired;
  for (auto& [number, quarantine] : by_number_) {
    if (!open(quarantine) || !quarantine.until || *quarantine.until > now) continue;
    quarantine.state = QuarantineState::kExpired;
    expired.push_back(quarantine);
  }
  return expired;
}

const Quarantine* Ledger::find(std::string_view id_or_device) const {
  for (auto it = by_number_.rbegin(); it != by_number_.rend(); ++it) {
    const auto& quarantine = it->second;
    if (quarantine.id == id_or_device || (quarantine.device_id == id_or_device && open(quarantine))) return &quarantine;
  }
  return nullptr;
}

const Quarantine* Ledger::active(std::string_view device_id) const {
  const auto* found = find(device_id);
  return found != nullptr && found->state == QuarantineState::kActive ? found : nullptr;
}

std::vector<const Quarantine*> Ledger::all() const {
  std::vector<const Quarantine*> list;
  for (const auto& [number, quarantine] : by_number_) list.push_back(&quarantine);
  return list;
}

Quarantine* Ledger::open_of(std::string_view device_id) {
  for (auto& [number, quarantine] : by_number_)
    if (quarantine.device_id == device_id && open(quarantine)) return &quarantine;
  return nullptr;
}

Result<Quarantine*> Ledger::in_state(std::string_view id_or_device, QuarantineState state) {
  auto* found = const_cast<Quarantine*>(find(id_or_device));
  if (found == nullptr)
    return fail("quarantine.unknown", std::string(id_or_device),
                "no quarantine of this id, and no device of this id that is in one; see `wardline quarantine list`");
  if (found->state != state)
    return fail("quarantine.state", found->id,
                fmt::format("is {}; only {} one can be {}", inventory::text_of(found->state),
                            state == QuarantineState::kPending ? "a pending" : "an active",
                            state == QuarantineState::kPending ? "approved or rejected" : "released"));
  return found;
}

void Ledger::forget_oldest_ended() {
  const auto ended =
      std::count_if(by_number_.begin(), by_number_.end(), [](const auto& item) { return !open(item.second); });
  if (static_cast<std::size_t>(ended) < kEndedKept) return;
  const auto oldest =
      std::find_if(by_number_.begin(), by_number_.end(), [](const auto& item) { return !open(item.second); });
  by_number_.erase(oldest);
}

}  // namespace wardline::quarantine
