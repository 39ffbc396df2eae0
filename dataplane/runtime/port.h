#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "dataplane/batch.h"
#include "dataplane/error.h"
#include "dataplane/runtime/leg_plan.h"
#include "dataplane/runtime/link_speed.h"
#include "dataplane/runtime/spread.h"

struct rte_mempool;

namespace wardline::runtime {

struct PortCounters {
  std::uint64_t rx_frames = 0, tx_frames = 0, rx_bytes = 0, tx_bytes = 0, missed = 0, no_buffers = 0;
  std::uint64_t rx_errors = 0, tx_errors = 0;
};

// How the workers of a bundle share a port.
struct PortShare {
  std::uint16_t workers = 1;
  bool spread = false;      // the port spreads frames by the device's address: a queue each way for every worker
  std::uint16_t table = 0;  // entries after which the spread repeats in every port of the bundle; 0: not told
};

// A DPDK port and the pool it receives into: first attached, so that it can be asked what it can do, then started.
// Owner: the runtime; closed by close() or the destructor, after the lanes ended. The link state is written by the
// link watch and read by lanes.
class Port {
 public:
  static Result<std::unique_ptr<Port>> attach(const LegPlan& plan);
  // Whether it can spread frames over so many workers by the device's address; the size of its table, 0 if not told.
  std::optional<std::uint16_t> spreads(std::uint16_t workers, Side side) const;
  Result<void> start(const RuntimeOptions& options, const PortShare& share, Side side);
  ~Port();
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;

  std::uint16_t number() const { return number_; }
  std::uint16_t send_queues() const { return send_queues_; }
  const LegPlan& plan() const { return plan_; }
  rte_mempool* pool() const { return pool_; }
  bool sends_segments() const { return sends_segments_; }  // else a frame is made one piece before it is sent
  const std::string& mac() const { return mac_; }
  std::uint32_t mtu() const { return mtu_; }
  std::atomic<bool>& usable() { return usable_; }
  const std::atomic<bool>& usable() const { return usable_; }
  std::atomic<LinkSpeed>& speed() { return speed_; }
  const std::atomic<LinkSpeed>& speed() const { return speed_; }

  // Frames that passed, and that this port did not take or could not send. Lanes count, any thread reads.
  std::atomic<std::uint64_t>& not_sent() { return not_sent_; }
  const std::atomic<std::uint64_t>& not_sent() const { return not_sent_; }

  // The carrier, from the kernel or the card; nullopt where the driver has no notion of one.
  std::optional<bool> read_carrier() const;
  LinkSpeed read_speed() const;
  PortCounters counters() const;

  // Buffers that did not come back, once every port is closed; af_xdp keeps those of its rings, so it tells none.
  std::uint32_t leaked() const;
  void close();      // the device; buffers may still be on their way home from other ports
  void free_pool();  // after all ports are closed

 private:
  Port(const LegPlan& plan) : plan_(plan) {}
  Result<void> probe();
  Result<void> make_pool();
  Result<void> configure(const PortShare& share, Side side);
  Result<void> set_queues(const RuntimeOptions& options);
  Result<void> begin();
  std::unexpected<Error> refused(const std::string& what, int code) const;

  LegPlan plan_;
  std::uint16_t number_ = 0xffff, receive_queues_ = 1, send_queues_ = 1;
  rte_mempool* pool_ = nullptr;
  std::optional<DeviceAddressSpread> spread_;  // of several workers
  bool attached_ = false, ours_ = false, started_ = false, sends_segments_ = false;
  std::uint32_t mtu_ = 0;
  std::string mac_;
  PortCounters last_;  // as they were when it was closed
  std::atomic<bool> usable_{true};
  std::atomic<LinkSpeed> speed_{};
  alignas(64) std::atomic<std::uint64_t> not_sent_{0};  // apart from `usable_`, which lanes read at each burst
};

}  // namespace wardline::runtime
