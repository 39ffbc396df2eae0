#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/alerts/target.h"
#include "controlplane/inventory/device.h"
#include "controlplane/inventory/store_options.h"
#include "controlplane/policy/policy.h"
#include "dataplane/counters.h"
#include "dataplane/enforce/device_slots.h"
#include "dataplane/event_ring.h"
#include "dataplane/events.h"
#include "dataplane/snapshot_publisher.h"
#include "dataplane/tick.h"
#include "dataplane/worker.h"

namespace wardline::capture {
class Tap;
}

namespace wardline::appliance {

using inventory::WallTime;

struct Options {
  std::string name = "wardline";  // `appliance` of every record
  std::string version = "0.1.0";  // of the CEF header
  std::string store_path;         // SQLite file; "" = in memory (tests, replay)
  inventory::StoreOptions store;
  std::string oui_folder = "/usr/share/ieee-data";  // "" = no vendors
  std::vector<alerts::Target> alert_targets;
  std::vector<std::string> bundles;       // their names, in the workers' order
  std::chrono::seconds flow_report{300};  // how often a worker tells of a flow that goes on
  std::size_t recent_records = 4096;      // flows, and as many violations, kept for the command line
  std::size_t events_per_drain = 8192;    // bound of one drain() call, per worker
  std::size_t copies_per_drain = 512;
  std::chrono::milliseconds longest_drain{0};  // its bound in time as well; 0: none, so that a replay repeats itself
  // Silence of a device of the register that is a finding (register_silent); 0: none is.
  std::chrono::seconds register_silent_after{0};
};

// What a leg lost since the start: before it was judged, and after it had passed.
struct LegCounts {
  std::string bundle, name;
  std::uint64_t lost_in = 0, lost_out = 0;
};

// What a load that succeeded has to say.
struct PolicySummary {
  std::string directory, site, hash, commit;  // commit "" outside git
  std::uint32_t epoch = 0;
  std::size_t classes = 0, rules = 0, segments = 0, signatures = 0;
};

// The answer to a policy.reload request, as README.md has it: what was loaded, or every error.
std::string policy_reply(const std::expected<PolicySummary, Errors>& loaded);

// Turns what the workers tell into inventory, records, quarantines and alerts. The daemon calls it from a thread that
// polls, a replay after every packet: the same code.
//
// Threads: every call comes from one thread. It owns none, and opens no socket but the alert sender's.
// Order at start: open() (restores devices and quarantines, so it comes before the first packet), load_policy(),
// add_worker(), then drain() and maintenance() for ever.
// Memory: devices are bounded by the slots, lists by Options; a MAC flood cannot make it grow.
class Appliance {
 public:
  // Gets one JSON record, without the newline. Valid during the call.
  using Sink = std::function<void(std::string_view type, std::string_view json)>;

  // The references must outlive the appliance. `wall` stamps this run: ids of records begin with it.
  static Result<std::unique_ptr<Appliance>> open(Options options, SnapshotPublisher& publisher,
                                                 enforce::DeviceSlots& slots, enforce::QuarantineBudgets& budgets,
                                                 WallTime wall);
  ~Appliance();
  Appliance(const Appliance&) = delete;
  Appliance& operator=(const Appliance&) = delete;

  // Rings to drain. The worker must outlive the appliance.
  void add_worker(Worker& worker) {
    add_source({&worker.events(), &worker.frame_copies(), &worker.counters(), &worker.capture_tap()});
  }
  struct Source {
    SpscRing<Event>* events = nullptr;
    SpscRing<FrameCopy>* copies = nullptr;
    const WorkerCounters* counters = nullptr;  // for `status`; may be null
    capture::Tap* tap = nullptr;               // null: no capture reaches it
  };
  void add_source(Source source);

  // Loads, publishes under the next epoch, decides the class of every device anew and arms the slots. On any error
  // the policy in force stays. The code policy.busy means that a worker still reads the policy before the last one:
  // ask again. `options.numbers` is set by this call.
  std::expected<PolicySummary, Errors> load_policy(const std::string& directory, policy::LoadOptions options, Tick now,
                                                   WallTime wall);
  // The latter half of it, for a policy that is already loaded: publish it and decide devices anew.
  std::expected<PolicySummary, Errors> use_policy(std::shared_ptr<const policy::Policy> policy, Tick now,
                                                  WallTime wall);
  // The same directory and options as the last load_policy() that was tried.
  std::expected<PolicySummary, Errors> reload_policy(Tick now, WallTime wall);
  std::shared_ptr<const policy::Policy> policy() const;  // in force; null before the first load

  // Takes a bounded number of events and frame copies from every worker, a share of each in turn. `wall` is the time of
  // day at `now`. Returns how much was taken; 0 means that the rings are empty.
  std::size_t drain(Tick now, WallTime wall, const Sink& sink);

  // What the legs have lost by now, for `trace`. Call it as often as maintenance().
  void see_legs(const std::vector<LegCounts>& legs, WallTime wall);

  // What only time brings: quarantines that a lost event left untold or that have expired, ends of graces, hourly
  // budgets, snapshots to free, devices to write to the store (within 1 s). Call a few times a second; in a replay
  // whenever the capture's clock has moved on by a second.
  void maintenance(Tick now, WallTime wall, const Sink& sink);

  // What a leg's link runs at, told about once a second; 0 megabits (not known, or no link) says nothing. A change is a
  // finding (link_speed_changed).
  void note_link(const std::string& leg, std::uint32_t megabits, bool full_duplex, Tick now, WallTime wall);

  // Ends a capture and writes what is still unwritten. Before a clean stop, when the workers' threads have ended.
  void flush(Tick now, WallTime wall, const Sink& sink);

  // One request of the command line, one answer; both JSON, described in README.md of this folder. Never throws.
  // `user` is who asks, as the caller has authenticated them. Records that come of it (quarantine) go to the sink.
  std::string query(std::string_view request, std::string_view user, Tick now, WallTime wall, const Sink& sink);

  // The device of this id, or null. Valid until the next call.
  const inventory::Device* device(std::string_view id) const;

  // The number of this record kind made since open(): "flow", "violation", "quarantine" ...
  std::uint64_t records_made(std::string_view type) const;

  struct Impl;  // of this folder alone: state.h

 private:
  explicit Appliance(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace wardline::appliance
