#include "controlplane/appliance/policy_names.h"

#include <algorithm>
#include <utility>

namespace wardline::appliance {

namespace {

// Time-outs are in units of 2^20 ns, as CoarseTick.
Tick longest_life(const policy::Policy& policy) {
  const auto& t = policy.plain.timeouts;
  const auto longest = std::max({t.tcp_opening, t.tcp_established, t.tcp_closing, t.udp_one_way, t.udp, t.other});
  return Tick{longest} << 20;
}

}  // namespace

void PolicyNames::add(std::uint32_t epoch, std::shared_ptr<const policy::Policy> policy, Tick now) {
  if (!entries_.empty()) entries_.rbegin()->second.replaced = std::max<Tick>(now, 1);
  entries_[epoch] = {std::move(policy), 0};
  if (entries_.size() > kMost) entries_.erase(entries_.begin());
}

const policy::Policy* PolicyNames::at(std::uint32_t epoch) const {
  const auto found = entries_.find(epoch);
  return found == entries_.end() ? nullptr : found->second.policy.get();
}

std::shared_ptr<const policy::Policy> PolicyNames::current() const {
  return entries_.empty() ? nullptr : entries_.rbegin()->second.policy;
}

void PolicyNames::reap(Tick now) {
  // A flow's time-out may come from any policy alive meanwhile, so the longest of all counts.
  Tick life = 0;
  for (const auto& [epoch, entry] : entries_) life = std::max(life, longest_life(*entry.policy));
  std::erase_if(entries_, [&](const auto& item) {
    return item.second.replaced != 0 && now > item.second.replaced + life + kSlack;
  });
}

}  // namespace wardline::appliance
