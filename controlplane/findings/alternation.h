#pragma once
#include <algorithm>
#include <chrono>
#include <map>
#include <vector>

#include "controlplane/inventory/device.h"

namespace wardline::findings {

using inventory::WallTime;

// Who uses something that only one may use: an address, a MAC. Whoever takes it over from one that is gone is in his
// right, and so is one that gives it back; two that take turns are not. Bounded memory; what is older than the window
// is forgotten.
template <typename Key, typename User>
class Alternation {
 public:
  static constexpr auto kWindow = std::chrono::minutes(5);
  static constexpr std::size_t kMostKeys = 65'536, kMostUsers = 4;

  // `returns`: how often one has to come back to it within the window before it is told.
  explicit Alternation(std::size_t returns) : returns_(returns) {}

  // `user` uses it at `time`. Those that have used it since he did, with no more than the window between each two, once
  // that has happened often enough. Others that do not `count` (a predicate of a user) take no turns with him.
  template <typename Counts>
  std::vector<User> note(const Key& key, const User& user, WallTime time, Counts counts) {
    if (shared_.size() >= kMostKeys && !shared_.contains(key)) return {};
    auto& shared = shared_[key];
    auto& uses = shared.uses;
    const auto own = std::ranges::find(uses, user, &Use::user);
    if (own == uses.end()) {
      if (uses.size() == kMostUsers) uses.erase(std::ranges::min_element(uses, {}, &Use::last));
      uses.push_back({user, time});
      return {};
    }
    std::vector<User> others;
    for (const auto& other : uses)
      if (other.last > own->last && other.last < time && other.last - own->last <= kWindow &&
          time - other.last <= kWindow && counts(other.user))
        others.push_back(other.user);
    own->last = std::max(own->last, time);
    if (others.empty() || !often(shared.returned, time)) return {};
    return others;
  }

  // Once a minute.
  void forget(WallTime now) {
    for (auto it = shared_.begin(); it != shared_.end();) {
      std::erase_if(it->second.uses, [&](const Use& use) { return use.last + kWindow < now; });
      it = it->second.uses.empty() ? shared_.erase(it) : std::next(it);
    }
  }

 private:
  struct Use {
    User user;
    WallTime last;
  };
  struct Shared {
    std::vector<Use> uses;
    std::vector<WallTime> returned;  // the last times that somebody came back
  };

  bool often(std::vector<WallTime>& returned, WallTime time) const {
    returned.push_back(time);
    if (returned.size() > returns_) returned.erase(returned.begin());
    return returned.size() == returns_ && time - returned.front() <= kWindow;
  }

  const std::size_t returns_;
  std::map<Key, Shared> shared_;
};

}  // namespace wardline::findings
