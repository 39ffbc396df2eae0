#pragma once
#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controlplane/findings/alternation.h"
#include "controlplane/findings/checks.h"
#include "controlplane/identity/identity.h"

namespace wardline::findings {

// The TCP stack that opened a connection, without what differs from one connection of it to the next.
struct Stack {
  int hops = 0;       // that it begins with
  std::string order;  // of its options: "mss,sok,ts,ws"
  auto operator<=>(const Stack&) const = default;
  std::string text() const;
};

// Of the evidence `tcp.syn`. Nothing of an opening that does not show a whole stack: one that was made by hand, or has
// shed its options since nobody answered the first.
std::optional<Stack> stack_of(std::string_view syn);

// Numbers of DHCP options asked for, "1,3,6", in their order.
std::vector<int> numbers_of(std::string_view dhcp_params);
// Whether they are asked for by firmware that boots over the network, which comes before the system's own client.
bool boots(std::string_view dhcp_params);

// windows, apple, linux, or "" when the name of a system or a browser tells none of them.
std::string_view family_of(std::string_view system);

// One way in which machines of different kinds differ, and how this one does it.
struct Voice {
  std::string what;   // "opens connections", "asks for its address" ...
  std::string heard;  // "64 hops, options mss,sok,ts,ws"
  int distance = 0;   // routers between, where it shows
};
// Of what was observed in one frame, or in the first bytes of one flow.
std::vector<Voice> voices_of(const std::vector<identity::Observation>& said);

// Machines that speak by turns with the address of one device. One that is upgraded, or boots another system, does not
// go back and forth. Bounded memory.
class Voices {
 public:
  // Who may be meant: a device that matters to patients and is told by its MAC is no router, so that two machines at
  // no distance are a copy of it.
  struct Whose {
    const inventory::Device& device;
    bool matters = false, by_mac = true;
  };
  // What is to be told once two have taken turns twice: hidden_router or forged_mac.
  std::optional<Condition> note(const Whose& whose, const Voice& voice, WallTime time);
  void forget(WallTime now) { uses_.forget(now); }

 private:
  using Key = std::pair<std::string, std::string>;  // device, what
  using Heard = std::pair<std::string, int>;        // how, from how far
  Alternation<Key, Heard> uses_{2};
};

}  // namespace wardline::findings
