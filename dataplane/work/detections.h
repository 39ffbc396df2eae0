#pragma once
#include <cstdint>

#include "dataplane/detect/connections.h"
#include "dataplane/detect/logins.h"
#include "dataplane/detect/neighbours.h"
#include "dataplane/detect/watched.h"
#include "dataplane/worker.h"

namespace wardline::work {

// What behaviour detectors remember on one worker. Fixed at construction: 1 KiB per watched device and some tables.
struct Detections {
  explicit Detections(const WorkerOptions& options)
      : seed(options.seed.words[0] ^ options.seed.words[3]),
        mixed_zero(detect::mix(0, seed)),
        devices(options.watched, seed),
        claims(seed),
        sweeps(seed),
        places(seed) {}

  // Stands for an address of a peer. The upper half of any of IPv4 is zero.
  std::uint64_t hash_of(const Address& address) const {
    const auto [upper, lower] = detect::halves_of(address);
    return detect::mix(lower ^ (upper == 0 ? mixed_zero : detect::mix(upper, seed)), seed);
  }

  std::uint64_t seed, mixed_zero;
  std::uint32_t policy_epoch = 0;  // whose settings `any` sums up
  bool any = false;                // some detector is enabled
  detect::WatchedDevices devices;
  detect::AddressClaims claims;
  detect::AddressSweeps sweeps;
  detect::MacPlaces places;
  detect::Logins logins;
};

}  // namespace wardline::work
