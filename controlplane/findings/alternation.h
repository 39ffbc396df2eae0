#pragma once
#include <algorithm>
#include <chrono>
#include <map>
#include <vector>

#include "controlplane/inventory/device.h"

namespace wardline::findings {

using inventory::WallTime;

// Who uses something that only one may use: an address, a MAC. Whoever takes it over from one that is gone is in his
// right; two that take turns are not. Bounded memory; what is older than the window is forgotten.
template <typename Key, typename User>
class Alternation {
 public:
  static constexpr auto kWindow = std::chrono::minutes(5);
  static constexpr std::size_t kMostKeys = 65'536, kMostUsers = 4;

  // `user` uses it at `time`. Those that have used it since he did, with no more than the window between each two.
  std::vector<User> note(const Key& key, const User& user, WallTime time) {
    if (uses_.size() >= kMostKeys && !uses_.contains(key)) return {};
    auto& uses = uses_[key];
    const auto own = std::ranges::find(uses, user, &Use::user);
    if (own == uses.end()) {
      if (uses.size() == kMostUsers) uses.erase(std::ranges::min_element(uses, {}, &Use::last));
      uses.push_back({user, time});
      return {};
    }
    std::vector<User> others;
    for (const auto& other : uses)
      if (other.last > own->last && other.last < time && other.last - own->last <= kWindow &&
          time - other.last <= kWindow)
        others.push_back(other.user);
    own->last = std::max(own->last, time);
    return others;
  }

  // Once a minute.
  void forget(WallTime now) {
    for (auto it = uses_.begin(); it != uses_.end();) {
      std::erase_if(it->second, [&](const Use& use) { return use.last + kWindow < now; });
      it = it->second.empty() ? uses_.erase(it) : std::next(it);
    }
  }

 private:
  struct Use {
    User user;
    WallTime last;
  };
  std::map<Key, std::vector<Use>> uses_;
};

}  // namespace wardline::findings
