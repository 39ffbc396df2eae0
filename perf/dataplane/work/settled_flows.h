#pragma once
#include <array>
#include <cstdint>
#include <random>

#include "perf/dataplane/bench.h"
#include "perf/dataplane/work/flow_frames.h"
#include "perf/dataplane/work/loaded_worker.h"

namespace wardline::perf {

// A worker under the shipped policy with flows that are settled, and bursts of 32 frames of them. The frames lie in the
// first-level cache, as those of a source in the same process nearly do.
class SettledFlows {
 public:
  SettledFlows(const FlowShape& shape, std::uint32_t flows);

  std::uint32_t flows() const { return flows_; }
  LoadedWorker& loaded() { return loaded_; }

  // `count` bursts of flows chosen at random, by turns of both legs; only the worker's own part is in the region.
  void random_bursts(Region& region, std::uint64_t count);
  // One frame of each flow; the worker's own part is in the region. Flows may be decided again meanwhile.
  void every_flow(Region& region);

 private:
  void open_all();
  void put(std::uint32_t flow, FlowFrames::Step step);
  void expect_settled();

  std::uint32_t flows_;
  unsigned burden_;
  FlowFrames frames_of_;
  LoadedWorker loaded_;
  std::array<std::array<std::byte, FlowFrames::kRoom>, Batch::kMaxFrames> room_;
  Batch batch_;
  std::uint64_t scans_ = 0;
  std::mt19937 draw_{2026};
};

}  // namespace wardline::perf
