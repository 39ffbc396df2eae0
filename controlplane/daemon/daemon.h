#pragma once
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controlplane/appliance/appliance.h"
#include "controlplane/daemon/config.h"
#include "controlplane/daemon/control_socket.h"
#include "controlplane/policy/policy.h"
#include "dataplane/offload/manager.h"
#include "dataplane/runtime/dataplane_runtime.h"
#include "dataplane/worker.h"

namespace wardline::daemon {

// Set by signal handlers, looked at by the control loop.
struct Signals {
  std::atomic<bool> stop{false}, reload{false};
};

// The daemon: ports and workers on one side, the appliance and its control socket on the other, one control thread
// between them. Workers never wait for it.
//
// A policy is read and compiled on a thread of its own, so that draining goes on meanwhile; it is put in force by the
// control thread. If the first policy is bad, or takes longer than a moment to compile, the daemon runs without one
// (on_failure.no_policy), loudly: cutting a ward off because of a typing error would be worse than not enforcing.
class Daemon {
 public:
  static std::expected<std::unique_ptr<Daemon>, Errors> start(Config config);
  ~Daemon();

  void run(Signals& signals);  // until signals.stop
  Result<void> stop();         // ends the ports, writes what is unwritten
  // A thread still reads a policy or the inventory, and the destructor would wait for it.
  bool still_reading() const { return loading_.has_value() || store_check_.valid(); }

 private:
  explicit Daemon(Config config);
  std::expected<void, Errors> open_ports();
  Result<void> open_state();
  std::expected<void, Errors> make_workers();
  std::expected<void, Errors> check_memory() const;
  std::string store_path() const;
  void begin_store_check();
  void end_store_check();
  void seat_workers();
  Result<void> start_workers();

  struct Loading {
    std::string directory;
    int client = -1;  // who waits for the answer; -1: nobody
    std::future<std::expected<std::shared_ptr<const policy::Policy>, Errors>> result;
  };
  void start_offload();
  void begin_load(const std::string& directory, int client);
  void finish_load();
  std::uint64_t passed_unjudged() const;
  void handle(int client, const std::string& request, const std::string& user);
  void look_for_new_commit();
  bool an_exception_ended();
  void tell_notices();
  void watch_load(Tick now, const std::vector<runtime::LegStatus>& legs);
  void watch_links(Tick now, const std::vector<runtime::LegStatus>& legs);
  void see_legs(const std::vector<runtime::LegStatus>& legs, appliance::WallTime wall);

  Config config_;
  SnapshotPublisher publisher_;
  std::unique_ptr<enforce::DeviceSlots> slots_;
  enforce::QuarantineBudgets budgets_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::unique_ptr<runtime::WorkerProcessor>> processors_;
  std::unique_ptr<runtime::DataplaneRuntime> runtime_;
  std::unique_ptr<offload::FlowOffload> card_;  // null where no port forwards flows by itself
  std::unique_ptr<offload::OffloadManager> offload_;
  std::unique_ptr<appliance::Appliance> appliance_;
  std::optional<ControlSocket> socket_;
  std::optional<Loading> loading_;
  std::future<Result<void>> store_check_;
  std::string loaded_commit_;
  std::chrono::sys_seconds tried_change_{};
  Tick last_maintenance_ = 0, last_commit_look_ = 0, last_link_look_ = 0, overloaded_until_ = 0;
  std::uint64_t lost_frames_ = 0;
};

}  // namespace wardline::daemon
