#pragma once
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "dataplane/error.h"
#include "dataplane/offload/flow_offload.h"
#include "dataplane/runtime/frame_processor.h"
#include "dataplane/runtime/link_speed.h"
#include "dataplane/runtime/options.h"

namespace wardline::runtime {

// A worker's place: number `queue` in bundle `bundle`. Where the ports spread frames, its thread takes that queue of
// each; else worker 0 polls them and hands the others their frames.
struct LaneInfo {
  std::uint16_t bundle = 0, queue = 0;
  int core = -1;  // -1: not pinned
};

struct LaneStatus {
  LaneInfo lane;
  std::uint64_t turns = 0;        // the heartbeat: it rises while the worker lives
  std::uint64_t busy_turns = 0;   // turns that brought at least one frame
  std::uint64_t busy_cycles = 0;  // TSC cycles of busy turns, but those of looks at empty legs (Lane::idle_cycles)
  std::uint64_t cycles = 0;       // TSC cycles since the thread began
};

struct LegStatus {
  std::string bundle, pair, spec;
  Side side = Side::kDevice;
  std::string driver;          // "af_xdp", "af_packet", "net_pcap", ...
  bool up = false;             // carrier, as the kernel tells it where the driver does not
  bool carrier_known = false;  // false: the driver has no notion of a link, `up` is assumed
  LinkSpeed speed;             // unknown where the driver has no notion of a link
  std::uint32_t mtu = 0;
  std::string mac;
  std::uint64_t rx_frames = 0, tx_frames = 0, rx_bytes = 0, tx_bytes = 0;
  std::uint64_t missed = 0, no_buffers = 0, rx_errors = 0, tx_errors = 0;
  std::uint64_t not_sent = 0;  // passed, and it did not take them

  std::uint64_t lost_in() const { return missed + no_buffers + rx_errors; }
  std::uint64_t lost_out() const { return not_sent + tx_errors; }

  std::string name() const { return pair + (side == Side::kDevice ? "/device (" : "/core (") + spec + ")"; }
};

// The ports and the threads that move frames between them. The only part of Wardline that knows DPDK.
//
// open() starts EAL (once in a process; a later open() shares it), makes and starts the ports. start() launches one
// thread a lane. stop() ends the threads and closes the ports; afterwards the object only tells its last figures.
// Control-thread calls come from one thread at a time; status calls from any. The clock given to processors is
// CLOCK_MONOTONIC in nanoseconds (std::chrono::steady_clock), read once a turn.
class DataplaneRuntime {
 public:
  // All faults of all legs at once.
  static std::expected<std::unique_ptr<DataplaneRuntime>, Errors> open(const RuntimeOptions& options);
  ~DataplaneRuntime();  // stops if need be
  DataplaneRuntime(const DataplaneRuntime&) = delete;
  DataplaneRuntime& operator=(const DataplaneRuntime&) = delete;

  // One processor is wanted for each lane, in this order.
  std::vector<LaneInfo> lanes() const;

  // Every processor must outlive stop(). Refused when the number is not that of the lanes.
  Result<void> start(std::vector<FrameProcessor*> processors);
  Result<void> start_bypass();  // with processors of its own: everything passes

  // What makes the ports forward decided flows by themselves; fails where one of them cannot. It must be gone before
  // stop().
  Result<std::unique_ptr<offload::FlowOffload>> make_offload() const;

  // Fails (runtime.leak) when a buffer did not come back: a fault of ours, said and not hidden.
  Result<void> stop();

  std::vector<LegStatus> legs() const;
  std::vector<LaneStatus> lane_status() const;
  const WorkerCounters& counters(std::size_t lane) const;  // after start

  // What there is to say since the last call: after open() the notices of the start, later changes of links.
  std::vector<Notice> take_notices();

  static Tick now();  // the clock of the lanes

 private:
  struct Impl;
  explicit DataplaneRuntime(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace wardline::runtime
