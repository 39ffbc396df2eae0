#include "dataplane/runtime/dataplane_runtime.h"

#include <fmt/format.h>
#include <sched.h>
#include <unistd.h>

#include <chrono>
#include <mutex>
#include <optional>
#include <set>

#include "dataplane/runtime/eal.h"
#include "dataplane/runtime/lane.h"
#include "dataplane/runtime/lane_thread.h"
#include "dataplane/runtime/link_watch.h"
#include "dataplane/runtime/port.h"
#include "dataplane/runtime/start_advice.h"

namespace wardline::runtime {
namespace {

struct Leg {
  std::size_t bundle = 0, pair = 0;
  Side side = Side::kDevice;
  LegStatus label;  // names alone
  LegPlan plan;
  std::unique_ptr<Port> port;
};

LanePort lane_port(const Port& port, std::uint16_t queue) {
  return {.port = port.number(),
          .queue = queue,
          .pool = port.pool(),
          .cut_at = port.plan().cut_at,
          .send_limit = port.plan().send_limit,
          .sends_segments = port.sends_segments(),
          .usable = &port.usable()};
}

std::optional<KernelFacts> facts_of(const std::string& interface) {
  if (!kernel_interface_exists(interface)) return std::nullopt;
  auto facts = read_kernel_interface(interface);
  return facts ? std::optional(*facts) : std::nullopt;
}

// Names of devices are unique in the process, over several runtimes.
unsigned next_number() {
  static std::atomic<unsigned> number{0};
  return number++;
}

void check_shape(const RuntimeOptions& options, Errors& errors) {
  const auto add = [&errors](std::string where, std::string what) {
    errors.push_back({"runtime.options", std::move(where), std::move(what)});
  };
  if (options.bundles.empty()) add({}, "there is no bundle; at least one pair of legs is needed");
  std::set<std::string> specs;
  for (const auto& bundle : options.bundles) {
    if (bundle.pairs.empty() || bundle.pairs.size() > 16)
      add(bundle.name, fmt::format("a bundle has 1 to 16 pairs, and this one has {}", bundle.pairs.size()));
    if (bundle.workers == 0) add(bundle.name, "0 workers would forward nothing; give 1 or more");
    for (const auto& pair : bundle.pairs)
      for (const auto* leg : {&pair.device, &pair.core})
        if (!specs.insert(leg->spec).second) add(pair.name, fmt::format("'{}' is already another leg", leg->spec));
  }
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  for (const unsigned core : options.cores)
    if (core >= CPU_SETSIZE || !CPU_ISSET(core, &allowed))
      add({}, fmt::format("core {} is not one that this process may use; `taskset -cp {}` lists them", core, getpid()));
}

}  // namespace

struct DataplaneRuntime::Impl {
  RuntimeOptions options;
  std::vector<Leg> legs;
  std::vector<LaneInfo> lanes;
  std::vector<std::unique_ptr<BypassProcessor>> bypass;
  std::vector<FrameProcessor*> processors;
  std::vector<std::unique_ptr<LaneThread>> threads;
  NoticeBoard board;
  std::unique_ptr<LinkWatch> watch;
  bool stopped = false;
  std::mutex ports;  // a port is not asked for figures while it is closed

  Errors plan();
  Errors start_environment();
  Result<std::unique_ptr<Port>> open_port(Leg& leg) const;
  Errors open_ports();
  void advise();
  void plan_lanes();
  std::unique_ptr<Lane> make_lane(const LaneInfo& info, FrameProcessor& processor) const;
  bool sleeps_when_idle() const;
  Result<void> close_ports();
};

Errors DataplaneRuntime::Impl::plan() {
  Errors errors;
  check_shape(options, errors);
  for (std::size_t b = 0; b < options.bundles.size(); ++b)
    for (std::size_t p = 0; p < options.bundles[b].pairs.size(); ++p)
      for (const Side side : {Side::kDevice, Side::kCore}) {
        const auto& pair = options.bundles[b].pairs[p];
        const auto& leg = side == Side::kDevice ? pair.device : pair.core;
        auto plan = plan_leg(leg, options, options.bundles[b].workers, next_number(), facts_of(leg.spec));
        if (!plan) {
          errors.push_back(plan.error());
          continue;
        }
        LegStatus label;
        label.bundle = options.bundles[b].name;
        label.pair = pair.name;
        label.spec = leg.spec;
        label.side = side;
        legs.push_back({b, p, side, std::move(label), std::move(*plan), nullptr});
      }
  return errors;
}

Errors DataplaneRuntime::Impl::start_environment() {
  EalOptions eal{
      .huge_pages = options.huge_pages, .memory_mb = options.memory_mb, .drivers = options.drivers, .pci = {}};
  std::vector<LegPlan> plans;
  for (const auto& leg : legs) {
    plans.push_back(leg.plan);
    if (leg.plan.kind == LegPlan::Kind::kPci) eal.pci.push_back(leg.plan.devargs);
  }
  if (eal.memory_mb == 0) eal.memory_mb = memory_for(plans);
  auto notices = start_eal(eal);
  if (!notices) return {notices.error()};
  for (auto& notice : *notices) board.post(std::move(notice));
  return {};
}

Result<std::unique_ptr<Port>> DataplaneRuntime::Impl::open_port(Leg& leg) const {
  const auto& bundle = options.bundles[leg.bundle];
  const auto& pair = bundle.pairs[leg.pair];
  const auto& wish = leg.side == Side::kDevice ? pair.device : pair.core;
  auto port = Port::open(leg.plan, options, bundle.workers, leg.side);
  if (port || leg.plan.kind != LegPlan::Kind::kAfXdp || wish.driver != DriverChoice::kAuto) return port;
  auto plan = plan_leg({.spec = wish.spec, .driver = DriverChoice::kAfPacket}, options, bundle.workers, next_number(),
                       facts_of(wish.spec));
  if (!plan) return port;
  leg.plan = std::move(*plan);
  leg.plan.notices.push_back(
      {Notice::Level::kInfo, {}, "af_packet is used, because af_xdp did not start: " + port.error().what});
  return Port::open(leg.plan, options, bundle.workers, leg.side);
}

Errors DataplaneRuntime::Impl::open_ports() {
  Errors errors;
  for (auto& leg : legs) {
    auto port = open_port(leg);
    if (port)
      leg.port = std::move(*port);
    else
      errors.push_back(port.error());
  }
  return errors;
}

void DataplaneRuntime::Impl::advise() {
  for (const auto& leg : legs) {
    const auto post = [&](const std::vector<Notice>& notices) {
      for (auto notice : notices) {
        notice.leg = leg.label.name();
        board.post(std::move(notice));
      }
    };
    post(leg.plan.notices);
    const auto facts = facts_of(leg.plan.interface);
    if (!facts) continue;
    const auto peer = facts->peer ? facts_of(*facts->peer) : std::nullopt;
    post(advice_for_leg(leg.plan, *facts, peer ? &*peer : nullptr));
  }
  for (std::size_t i = 0; i + 1 < legs.size(); i += 2)
    for (auto& notice : advice_for_pair(legs[i].label.pair, legs[i].plan, legs[i + 1].plan))
      board.post(std::move(notice));
}

void DataplaneRuntime::Impl::plan_lanes() {
  for (std::size_t b = 0; b < options.bundles.size(); ++b)
    for (std::uint16_t queue = 0; queue < options.bundles[b].workers; ++queue) {
      const int core =
          options.cores.empty() ? -1 : static_cast<int>(options.cores[lanes.size() % options.cores.size()]);
      lanes.push_back({static_cast<std::uint16_t>(b), queue, core});
    }
}

std::unique_ptr<Lane> DataplaneRuntime::Impl::make_lane(const LaneInfo& info, FrameProcessor& processor) const {
  std::vector<LanePair> pairs(options.bundles[info.bundle].pairs.size());
  for (const auto& leg : legs)
    if (leg.bundle == info.bundle)
      pairs[leg.pair].legs[static_cast<std::size_t>(leg.side)] = lane_port(*leg.port, info.queue);
  return std::make_unique<Lane>(std::move(pairs), processor);
}

bool DataplaneRuntime::Impl::sleeps_when_idle() const {
  if (options.idle != Idle::kAuto) return options.idle == Idle::kSleep;
  for (const auto& leg : legs)
    if (leg.plan.kind != LegPlan::Kind::kPci) return true;
  return false;
}

// Devices first, pools after: a buffer of one port may wait in the ring of another until that is closed.
Result<void> DataplaneRuntime::Impl::close_ports() {
  const std::scoped_lock lock(ports);
  std::string leaks;
  for (auto& leg : legs)
    if (leg.port) leg.port->close();
  for (auto& leg : legs) {
    if (!leg.port) continue;
    if (const auto lost = leg.port->leaked(); lost != 0) leaks += fmt::format("; {} of {}", lost, leg.label.name());
    leg.port->free_pool();
  }
  if (!leaks.empty()) return fail("runtime.leak", {}, "buffers did not come back" + leaks);
  return {};
}

DataplaneRuntime::DataplaneRuntime(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

DataplaneRuntime::~DataplaneRuntime() {
  (void)stop();
}

std::expected<std::unique_ptr<DataplaneRuntime>, Errors> DataplaneRuntime::open(const RuntimeOptions& options) {
  std::unique_ptr<DataplaneRuntime> runtime(new DataplaneRuntime(std::make_unique<Impl>()));
  auto& impl = *runtime->impl_;
  impl.options = options;
  for (auto step : {&Impl::plan, &Impl::start_environment, &Impl::open_ports})
    if (auto errors = (impl.*step)(); !errors.empty()) return std::unexpected(std::move(errors));
  impl.advise();
  impl.plan_lanes();
  std::vector<LinkWatch::Leg> watched;
  for (auto& leg : impl.legs) watched.push_back({leg.label.name(), leg.port.get()});
  impl.watch = std::make_unique<LinkWatch>(std::move(watched), impl.board);
  return runtime;
}

std::vector<LaneInfo> DataplaneRuntime::lanes() const {
  return impl_->lanes;
}

Result<void> DataplaneRuntime::start(std::vector<FrameProcessor*> processors) {
  if (!impl_->threads.empty() || impl_->stopped) return fail("runtime.state", {}, "it was started before");
  if (processors.size() != impl_->lanes.size())
    return fail(
        "runtime.state", {},
        fmt::format("{} lanes want a processor each, and {} were given", impl_->lanes.size(), processors.size()));
  impl_->processors = std::move(processors);
  for (std::size_t i = 0; i < impl_->lanes.size(); ++i)
    impl_->threads.push_back(std::make_unique<LaneThread>(
        impl_->lanes[i], impl_->make_lane(impl_->lanes[i], *impl_->processors[i]), impl_->sleeps_when_idle()));
  return {};
}

Result<void> DataplaneRuntime::start_bypass() {
  std::vector<FrameProcessor*> processors;
  impl_->bypass.clear();
  for (std::size_t i = 0; i < impl_->lanes.size(); ++i)
    processors.push_back(impl_->bypass.emplace_back(std::make_unique<BypassProcessor>()).get());
  return start(std::move(processors));
}

Result<void> DataplaneRuntime::stop() {
  if (impl_->stopped) return {};
  impl_->stopped = true;
  impl_->watch.reset();
  for (auto& thread : impl_->threads) thread->stop();
  return impl_->close_ports();
}

std::vector<LegStatus> DataplaneRuntime::legs() const {
  const std::scoped_lock lock(impl_->ports);
  std::vector<LegStatus> all;
  for (const auto& leg : impl_->legs) {
    auto status = leg.label;
    status.driver = leg.plan.driver;
    status.up = leg.port->usable().load(std::memory_order_relaxed);
    status.carrier_known = leg.plan.kernel() || leg.plan.kind == LegPlan::Kind::kPci;
    status.mtu = leg.port->mtu();
    status.mac = leg.port->mac();
    const auto counters = leg.port->counters();
    status.rx_frames = counters.rx_frames;
    status.tx_frames = counters.tx_frames;
    status.rx_bytes = counters.rx_bytes;
    status.tx_bytes = counters.tx_bytes;
    status.missed = counters.missed;
    status.errors = counters.errors;
    status.no_buffers = counters.no_buffers;
    all.push_back(std::move(status));
  }
  return all;
}

std::vector<LaneStatus> DataplaneRuntime::lane_status() const {
  std::vector<LaneStatus> all;
  for (const auto& thread : impl_->threads) all.push_back(thread->status());
  return all;
}

const WorkerCounters& DataplaneRuntime::counters(std::size_t lane) const {
  return impl_->processors.at(lane)->counters();
}

std::vector<Notice> DataplaneRuntime::take_notices() {
  for (auto& line : take_driver_log()) impl_->board.post({Notice::Level::kInfo, {}, "driver: " + line});
  return impl_->board.take();
}

Tick DataplaneRuntime::now() {
  return static_cast<Tick>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
          .count());
}

}  // namespace wardline::runtime
