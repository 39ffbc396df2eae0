#pragma once
#include <cstdint>
#include <optional>

#include "dataplane/flow/flow_record.h"
#include "dataplane/flow/lazy_array.h"

namespace wardline::flow {

// Connections that both sides ended, in the order in which they did, while their records wait for the time-out: the
// first to give up what only a living flow needs. Fixed size; the oldest gives way when there is no room. Owner: one
// worker.
class EndedFlows {
 public:
  struct Flow {
    FlowIndex index;
    std::uint16_t generation;  // of the record then: another one means that the place has another flow
    bool v6;
    CoarseTick ended;
  };

  explicit EndedFlows(std::uint32_t capacity) : flows_(capacity) {}

  // The one that had to give way for it.
  std::optional<Flow> add(const Flow& flow) {
    if (flows_.size() == 0) return flow;
    const auto displaced = count_ == flows_.size() ? take(flow.ended, 0) : std::nullopt;
    flows_[(first_ + count_++) % flows_.size()] = flow;
    return displaced;
  }
  // The one that ended first, where that was so long ago.
  std::optional<Flow> take(CoarseTick now, CoarseTick ago) {
    if (count_ == 0 || age(now, flows_[first_].ended) < ago) return std::nullopt;
    const Flow flow = flows_[first_];
    first_ = (first_ + 1) % flows_.size();
    --count_;
    return flow;
  }
  // One that is taken when `places` others have been: to be fetched ahead.
  std::optional<Flow> later(std::size_t places) const {
    if (places >= count_) return std::nullopt;
    return flows_[(first_ + places) % flows_.size()];
  }
  std::size_t capacity() const { return flows_.size(); }
  std::size_t memory_bytes() const { return flows_.bytes(); }

 private:
  LazyArray<Flow> flows_;
  std::size_t first_ = 0, count_ = 0;
};

}  // namespace wardline::flow
