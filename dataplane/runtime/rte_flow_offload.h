#pragma once
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "dataplane/error.h"
#include "dataplane/offload/flow_offload.h"

struct rte_flow;

namespace wardline::runtime {

// The DPDK ports of the pairs of a bundle, by side.
using OffloadPorts = std::vector<std::vector<std::array<std::uint16_t, 2>>>;  // [bundle][pair][side]

// Rules of cards that send a frame from port to port by themselves (rte_flow, with a count). Few cards can.
class RteFlowOffload final : public offload::FlowOffload {
 public:
  // Asks every leg whether it would take such rules, by rte_flow_validate; the first that would not is named.
  static Result<std::unique_ptr<RteFlowOffload>> make(OffloadPorts ports);
  ~RteFlowOffload() override;

  Result<Rule> insert(const offload::OffloadFlow& flow, Side in) override;
  void remove(Rule rule) override;
  offload::Traffic traffic(Rule rule) override;

 private:
  explicit RteFlowOffload(OffloadPorts ports) : ports_(std::move(ports)) {}
  struct Place {
    std::uint16_t port;
    rte_flow* handle;
  };
  OffloadPorts ports_;
  std::unordered_map<Rule, Place> rules_;
  Rule next_ = 1;
};

}  // namespace wardline::runtime
