#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

#include "dataplane/counters.h"
#include "dataplane/event_ring.h"
#include "dataplane/offload/flow_offload.h"

namespace wardline::offload {

// What passed a flow's rules, by direction: [0] from the device.
using Moved = std::array<Traffic, 2>;

// Between one worker and the manager. The worker offers flows and asks what they moved; both only when a flow is
// decided, visited or closed, never for a packet. Its places are few and found by a flow's number alone: where two
// flows meet, the second is not offered, and stays with the worker.
class OffloadLedger {
 public:
  static constexpr std::uint32_t kPlaces = 4096;  // a power of two
  static constexpr std::size_t kOffers = 1024;

  OffloadLedger() : places_(kPlaces), offers_(kOffers) {}

  // --- the worker ---
  bool offer(OffloadFlow flow) {
    auto& place = places_[flow.place = place_of(flow.flow)];
    const bool again =
        place.flow == flow.flow;  // decided anew: its rules are gone, or will be before this is looked at
    if (!again && (place.flow != 0 || place.ruled.load(std::memory_order_acquire))) return false;
    if (offers_.size() >= offers_.capacity()) return false;
    if (!again) place.taken = read(place);
    place.flow = flow.flow;
    place.wanted.store(flow.flow, std::memory_order_release);
    return offers_.put(flow);  // there is room: nobody else puts
  }
  bool has(std::uint64_t flow) const { return places_[place_of(flow)].flow == flow; }
  // What moved since the last time.
  Moved take(std::uint64_t flow) {
    auto& place = places_[place_of(flow)];
    const Moved all = read(place);
    Moved moved;
    for (std::size_t d = 0; d < 2; ++d)
      moved[d] = {all[d].packets - place.taken[d].packets, all[d].bytes - place.taken[d].bytes};
    place.taken = all;
    return moved;
  }
  // The flow is over, or no longer what it was.
  void end(std::uint64_t flow) {
    auto& place = places_[place_of(flow)];
    if (place.flow != flow) return;
    place.flow = 0;
    place.wanted.store(0, std::memory_order_release);
  }

  // --- the manager ---
  SpscRing<OffloadFlow>& offers() { return offers_; }
  bool wants(const OffloadFlow& flow) const {
    return places_[flow.place].wanted.load(std::memory_order_acquire) == flow.flow;
  }
  bool ruled(std::uint32_t place) const { return places_[place].ruled.load(std::memory_order_relaxed); }
  void rule(std::uint32_t place, bool ruled) { places_[place].ruled.store(ruled, std::memory_order_release); }
  void add(std::uint32_t place, std::size_t direction, Traffic more) {
    places_[place].moved[direction].packets.add(more.packets);
    places_[place].moved[direction].bytes.add(more.bytes);
  }

 private:
  struct Sum {
    Counter packets, bytes;
  };
  struct Place {
    std::uint64_t flow = 0;  // the worker's own, as `taken`
    Moved taken{};
    std::atomic<std::uint64_t> wanted{0};  // the same, for the manager
    std::atomic<bool> ruled{false};        // the manager's, as `moved`
    std::array<Sum, 2> moved;
  };
  static std::uint32_t place_of(std::uint64_t flow) {
    return static_cast<std::uint32_t>(flow * 0x9e3779b97f4a7c15 >> 40) & (kPlaces - 1);
  }
  static Moved read(const Place& place) {
    Moved all;
    for (std::size_t d = 0; d < 2; ++d) all[d] = {place.moved[d].packets.read(), place.moved[d].bytes.read()};
    return all;
  }

  std::vector<Place> places_;
  SpscRing<OffloadFlow> offers_;
};

}  // namespace wardline::offload
