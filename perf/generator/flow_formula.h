#pragma once
#include <bit>
#include <cstdint>

#include "perf/generator/pick.h"
#include "perf/generator/udp_frame.h"
#include "perf/generator/workload.h"
#include "perf/generator/workload_spec.h"

namespace wardline::perf {

// Which conversation the nth flow of a queue is. Flow n belongs to the queue's device n modulo their number; a device's
// flows go round its peers, and then take the next port.
class FlowFormula {
 public:
  static constexpr std::uint16_t kFirstPort = 1024;

  FlowFormula(const WorkloadSpec& spec, Share share, std::uint16_t peer_port)
      : share_(share),
        devices_((spec.devices + share.queues - 1 - share.queue) / share.queues),
        flows_((spec.flows + share.queues - 1 - share.queue) / share.queues),
        peer_mask_(spec.peers - 1),
        peer_bits_(static_cast<unsigned>(std::countr_zero(spec.peers))),
        peer_port_(peer_port) {}

  std::uint32_t flows() const { return flows_; }
  std::uint32_t devices() const { return devices_.value(); }

  Conversation of(std::uint32_t flow) const {
    const auto round = devices_.quotient(flow);
    return of(flow - round * devices_.value(), round);
  }

  // The queue's device `place` in its `round`th flow.
  Conversation of(std::uint32_t place, std::uint32_t round) const {
    return {place * share_.queues + share_.queue, round & peer_mask_,
            static_cast<std::uint16_t>(kFirstPort + (round >> peer_bits_)), peer_port_};
  }

 private:
  Share share_;
  Divisor devices_;
  std::uint32_t flows_;
  std::uint32_t peer_mask_;
  unsigned peer_bits_;
  std::uint16_t peer_port_;
};

}  // namespace wardline::perf
