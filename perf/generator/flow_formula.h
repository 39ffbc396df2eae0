#pragma once
#include <bit>
#include <cstdint>

#include "perf/generator/udp_frame.h"
#include "perf/generator/workload.h"
#include "perf/generator/workload_spec.h"

namespace wardline::perf {

// Which conversations a queue has: each of its devices has `rounds` of them. From round to round a device goes to its
// next peer, and after all peers takes its next port.
class FlowFormula {
 public:
  static constexpr std::uint16_t kFirstPort = 1024;

  FlowFormula(const WorkloadSpec& spec, Share share, std::uint16_t peer_port)
      : share_(share),
        devices_((spec.devices + share.queues - 1 - share.queue) / share.queues),
        rounds_(spec.flows / spec.devices),
        peer_mask_(spec.peers - 1),
        peer_bits_(static_cast<std::uint32_t>(std::countr_zero(spec.peers))),
        peer_port_(peer_port) {}

  std::uint32_t devices() const { return devices_; }
  std::uint32_t rounds() const { return rounds_; }
  std::uint32_t flows() const { return devices_ * rounds_; }

  // The queue's device `place` in round `round`.
  Conversation of(std::uint32_t place, std::uint32_t round) const {
    return {place * share_.queues + share_.queue, round & peer_mask_,
            static_cast<std::uint16_t>(kFirstPort + (round >> peer_bits_)), peer_port_};
  }

 private:
  Share share_;
  std::uint32_t devices_, rounds_;
  std::uint32_t peer_mask_, peer_bits_;
  std::uint16_t peer_port_;
};

}  // namespace wardline::perf
