#pragma once
#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

#include "dataplane/tick.h"

namespace wardline::quarantine {

// Stops automatic quarantine where it would hit too large a share of a class, a segment or the site within a window: an
// outbreak, or a policy that is wrong. Either way a person has to look before more devices are cut back.
//
// The budgets that workers take tokens from bound how many can be hit before this is asked; this one says when to
// stop giving more. Single-threaded.
class Breaker {
 public:
  struct Limits {
    double share = 0.2;        // of the devices of the scope
    std::size_t at_least = 3;  // fewer never trip it: three of four devices of a small ward may
    Tick window = 3600 * kSecond;
  };
  Breaker() = default;
  explicit Breaker(Limits limits) : limits_(limits) {}

  void add(std::string_view device_class, std::string_view segment, Tick now);

  enum class Scope : unsigned char { kSite, kClass, kSegment };
  // Whether automatic quarantine is off for `name` of this scope, which has `devices` devices.
  bool open(Scope scope, std::string_view name, std::size_t devices, Tick now) const;
  std::size_t hits(Scope scope, std::string_view name, Tick now) const;

 private:
  struct Hit {
    Tick time;
    std::string device_class, segment;
  };
  static constexpr std::size_t kMost = 4096;
  Limits limits_;
  std::deque<Hit> hits_;
};

}  // namespace wardline::quarantine
