#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/inventory/store.h"
#include "dataplane/enforce/device_slots.h"
#include "dataplane/enforce/snapshot.h"
#include "dataplane/error.h"

namespace wardline::quarantine {

using inventory::Quarantine;
using inventory::QuarantineState;
using inventory::WallTime;

inline constexpr std::string_view kAutomatic = "automatic";

std::optional<enforce::Profile> profile_named(std::string_view name);  // contain | isolate | cut-off

// Users who have to stand behind a person's quarantine before it is in force: two, the asker included, for anything
// above contain on a life-critical class.
std::size_t users_needed(enforce::Profile profile, enforce::Criticality criticality);

// The life of every quarantine: pending -> active | rejected; active -> released | expired. States only: the caller
// changes the slot words, saves, records and tells, for each quarantine that a call returns.
//
// Invariant: a device has at most one quarantine that is pending or active.
class Ledger {
 public:
  void restore(Quarantine quarantine);  // from the store; numbers go on after the highest restored one

  struct Request {
    std::string device_id;
    enforce::Profile profile = enforce::Profile::kContain;
    enforce::Criticality criticality = enforce::Criticality::kNone;  // of the device's class
    std::string by;                                                  // kAutomatic or a user
    std::string reason;
    std::optional<WallTime> until;
  };
  // By a person: active, or pending until enough users stand behind it. Refused where one is active at this profile
  // already; a device under another profile is moved to this one.
  Result<Quarantine> add(const Request& request, WallTime now);
  // By a worker that has already changed the word: active at once.
  Quarantine record_automatic(const Request& request, WallTime now);
  // A threshold was reached on an unarmed slot. Nothing when one is pending or active already.
  std::optional<Quarantine> ask(const Request& request, WallTime now);

  Result<Quarantine> approve(std::string_view id, std::string_view user, std::string_view policy_hash,
                             enforce::Criticality criticality, WallTime now);
  Result<Quarantine> reject(std::string_view id, WallTime now);
  Result<Quarantine> release(std::string_view id_or_device, WallTime now);
  std::vector<Quarantine> expire(WallTime now);

  const Quarantine* find(std::string_view id_or_device) const;  // a device: its pending or active one
  const Quarantine* active(std::string_view device_id) const;
  std::vector<const Quarantine*> all() const;  // oldest first

 private:
  static constexpr std::string_view kIdPrefix = "q-";
  static constexpr std::size_t kEndedKept = 1000;  // in memory; the store has the others
  Quarantine& make(const Request& request, QuarantineState state, WallTime now);
  Quarantine* open_of(std::string_view device_id);
  Result<Quarantine*> in_state(std::string_view id_or_device, QuarantineState state);
  void forget_oldest_ended();

  std::uint64_t next_ = 1;
  std::map<std::uint64_t, Quarantine> by_number_;  // in order of making
};

}  // namespace wardline::quarantine
