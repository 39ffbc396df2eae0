#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "dataplane/address.h"
#include "dataplane/detect/window.h"
#include "dataplane/ids.h"
#include "dataplane/prefetch.h"

namespace wardline::detect {

// Shared by the routers of a group and rightly seen in several places: VRRP (RFC 9568), HSRP, GLBP.
bool is_virtual_router(const Mac& mac);

// Which MAC says that an address is its own, by ARP. An address has an owner for as long as it is heard; another MAC
// on the device side that claims it meanwhile is counted, and again each time that the owner has claimed it in between.
// A pair that fails over claims its address many times, but the owner is silent; so does a device that moves to an
// address which its former owner left. Direct-mapped and bounded: what is displaced is forgotten. Owner: one worker.
class AddressClaims {
 public:
  explicit AddressClaims(std::uint64_t seed = 0);
  // How often the address was claimed against its owner within the window, this claim included; 0: no conflict.
  // What the core says is remembered, not judged: routers answer for others (proxy ARP).
  std::uint32_t claim(SegmentId segment, const Address& address, const Mac& mac, bool from_device, CoarseTick now,
                      CoarseTick within);

 private:
  struct Claim {
    std::uint64_t what = 0, owner = 0, rival = 0;  // `rival`: who claimed it since the owner did
    CoarseTick heard = 0;
    Window conflicts;
  };
  std::uint64_t seed_;
  std::unique_ptr<std::array<Claim, 4096>> claims_;
};

// How many addresses a station asks for by ARP that do not answer. A device asks for its few peers, whether they are
// there or not; who walks through a network asks for all. Direct-mapped and bounded: what is displaced is forgotten.
// Owner: one worker.
class AddressSweeps {
 public:
  explicit AddressSweeps(std::uint64_t seed = 0);
  // About how many different ones within the window, this one included.
  std::uint32_t asked(SegmentId segment, const Mac& asker, const Address& address, CoarseTick now, CoarseTick within);
  void answered(SegmentId segment, const Mac& asker, const Address& address, CoarseTick now, CoarseTick within);

 private:
  struct Asker {
    std::uint64_t what = 0;
    Distinct asked, answered;
    CoarseTick heard = 0;  // the last answer
  };
  std::uint64_t key_of(SegmentId segment, const Mac& asker) const;
  Asker& place_of(std::uint64_t key) { return (*askers_)[key >> 32 & 1023]; }

  std::uint64_t seed_;
  std::unique_ptr<std::array<Asker, 1024>> askers_;
};

// On which leg a MAC is seen. Moving once is roaming; to and fro is two stations with one MAC, or a loop. A frame that
// comes back from the core at once is the same one on its way to another access switch, and no move.
class MacPlaces {
 public:
  explicit MacPlaces(std::uint64_t seed = 0);
  // How often it changed legs within the window, if it did now; else 0.
  std::uint32_t seen(SegmentId segment, const Mac& mac, bool on_device_leg, CoarseTick now, CoarseTick within);
  // Where it is looked for: fetched ahead.
  std::uint32_t prefetch(SegmentId segment, const Mac& mac) const {
    const auto number = number_of(key_of(segment, mac));
    fetch_line_to_write(&(*places_)[number]);
    return number;
  }
  // Whether it stands at this place, as it did when somebody looked ahead, and is seen there again; else ask seen().
  bool seen_again(std::uint32_t number, SegmentId segment, const Mac& mac, bool on_device_leg, CoarseTick now) {
    Place& place = (*places_)[number];
    if (place.what != key_of(segment, mac) || place.on_device_leg != on_device_leg) [[unlikely]]
      return false;
    place.heard = now;
    return true;
  }

 private:
  struct Place {
    std::uint64_t what = 0;  // 0: free, as no station's MAC is zero
    CoarseTick heard = 0;
    bool on_device_leg = false;
    Window moves;
  };
  static std::uint64_t key_of(SegmentId segment, const Mac& mac) { return mac.number() | std::uint64_t{segment} << 48; }
  std::uint32_t number_of(std::uint64_t key) const { return static_cast<std::uint32_t>(mix(key, seed_) >> 32) & 4095; }

  std::uint64_t seed_;
  std::unique_ptr<std::array<Place, 4096>> places_;
};

// An answer of a DHCP server (RFC 2131, RFC 2132): an offer or an acknowledgement, and who says to have given it.
struct DhcpAnswer {
  bool is = false;
  Address server;  // option 54, unspecified when absent
};
DhcpAnswer read_dhcp_answer(std::span<const std::byte> message);

}  // namespace wardline::detect
