#pragma once
#include <compare>
#include <map>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "dataplane/address.h"
#include "dataplane/batch.h"
#include "dataplane/error.h"
#include "dataplane/packet/packet_view.h"

namespace wardline::replay {

// Says by which leg a frame of a capture comes in, as `--device-side` asks:
//
// auto: of each two MACs that talk, the sender of the first frame is device side. A frame to a group follows its
//   sender's first pair; a sender without any is device side. Where both MACs are equal (a loopback capture), the two
//   ends of a conversation take the place of the MACs.
// CIDR,... and MAC,... (may be mixed): frames whose IP source, ARP sender or source MAC is listed are device side, also
//   when their target is listed as well. A frame without an address that could be listed (no IP, unspecified or
//   link-local) follows its source MAC's first frame that has one.
//
// Two passes: look_ahead() for every frame of the capture in order, then side_of() for each.
class DeviceSide {
 public:
  static Result<DeviceSide> from_option(std::string_view option);  // code: replay.device-side

  void look_ahead(const packet::PacketView& frame);
  Side side_of(const packet::PacketView& frame) const;

 private:
  struct Network {
    Address address;
    unsigned prefix_bits = 128;  // of the mapped form: IPv4's /24 is 120
    bool contains(const Address& other) const;
  };
  struct End {
    std::uint64_t mac = 0;
    Address address;  // only where the MACs are equal
    std::uint16_t port = 0;
    auto operator<=>(const End&) const = default;
  };
  struct Ends {
    End source, target;
  };

  static Result<Network> read_network(std::string_view text);
  static Ends ends_of(const packet::PacketView& frame);
  bool listed(const packet::PacketView& frame) const;
  bool tells(const packet::PacketView& frame) const;

  bool auto_ = false;
  std::vector<Network> networks_;
  std::unordered_set<std::uint64_t> macs_;
  std::map<std::pair<End, End>, bool> first_sender_is_low_;  // auto: of each two ends, in order
  std::unordered_map<std::uint64_t, Side> side_of_mac_;      // by its first frame that tells
};

}  // namespace wardline::replay
