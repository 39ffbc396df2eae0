#pragma once
#include <compare>
#include <optional>
#include <string>
#include <utility>

#include "controlplane/findings/alternation.h"
#include "controlplane/findings/checks.h"
#include "dataplane/ids.h"

namespace wardline::findings {

// MACs that routers share among them: whoever is the active one uses it, and its address with it.
bool shared_by_routers(const Mac& mac);

// Two devices of one segment that use one address. Once there and back is a failover, or a device that was plugged in
// while its radio was still known.
class AddressUse {
 public:
  // What is to be told of `device` when it uses the address now.
  std::optional<Condition> note(const std::string& segment, const Address& address, const std::string& device,
                                const Mac& mac, WallTime time);
  void forget(WallTime now) { uses_.forget(now); }

 private:
  Alternation<std::pair<std::string, Address>, std::string> uses_{2};
};

// One MAC in segments of different bundles. A device at the edge of two radio cells may go to and fro some times.
class MacUse {
 public:
  struct Leg {
    std::uint8_t bundle = 0;
    std::string segment;
    bool operator==(const Leg&) const = default;
  };
  std::optional<Condition> note(const Mac& mac, const Leg& leg, const std::string& device, WallTime time);
  void forget(WallTime now) { uses_.forget(now); }

 private:
  Alternation<Mac, Leg> uses_{4};
};

}  // namespace wardline::findings
