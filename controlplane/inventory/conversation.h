#pragma once
#include <compare>
#include <cstdint>
#include <string>

#include "controlplane/inventory/device.h"

namespace wardline::inventory {

// Who spoke with whom: what flows between a device and a peer have in common.
struct ConversationKey {
  std::string device_id{};
  bool to_device = false;  // the peer opened
  std::string peer{};      // a role's name where the peer is in one, else its address; "" of several peers
  std::string app{};       // "" when not known
  std::string proto{};     // tcp, udp, icmp ...
  std::uint16_t port = 0;  // of the side that accepts; 0 where there is none, or several
  std::string verdict{};
  auto operator<=>(const ConversationKey&) const = default;
};

// What they add up to.
struct ConversationSums {
  WallTime first_seen{}, last_seen{};
  std::uint64_t flows = 0, packets = 0, bytes_from_device = 0, bytes_to_device = 0;

  void add(const ConversationSums& more);
};

}  // namespace wardline::inventory
