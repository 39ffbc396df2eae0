#pragma once
#include <cstdint>
#include <map>
#include <memory>

#include "controlplane/policy/policy.h"
#include "dataplane/tick.h"

namespace wardline::appliance {

// Policies by epoch, the dead ones too, as long as a flow may hold their epoch: a flow that saw no packet since a
// reload is reported at its end under the policy that decided it, and the record must name its rule.
// Single-threaded.
class PolicyNames {
 public:
  void add(std::uint32_t epoch, std::shared_ptr<const policy::Policy> policy, Tick now);
  const policy::Policy* at(std::uint32_t epoch) const;  // null: never was, or its names are gone
  std::shared_ptr<const policy::Policy> current() const;
  std::uint32_t epoch() const { return entries_.empty() ? 0 : entries_.rbegin()->first; }
  // Drops what was replaced longer ago than any flow can live without a packet.
  void reap(Tick now);
  std::size_t size() const { return entries_.size(); }

 private:
  static constexpr std::size_t kMost = 64;  // someone reloads in a loop: the oldest names go
  static constexpr Tick kSlack = 600 * kSecond;
  struct Entry {
    std::shared_ptr<const policy::Policy> policy;
    Tick replaced = 0;  // 0: in force
  };
  std::map<std::uint32_t, Entry> entries_;
};

}  // namespace wardline::appliance
