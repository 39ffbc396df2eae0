#include "dataplane/runtime/dataplane_runtime.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <optional>

#include "dataplane/runtime/distribution.h"
#include "dataplane/runtime/eal.h"
#include "dataplane/runtime/lane.h"
#include "dataplane/runtime/lane_thread.h"
#include "dataplane/runtime/link_watch.h"
#include "dataplane/runtime/port.h"
#include "dataplane/runtime/rte_flow_offload.h"
#include "dataplane/runtime/start_advice.h"
#include "dataplane/runtime/wire_plan.h"

namespace wardline::runtime {
namespace {

struct Leg {
  PlannedLeg planned;
  LegStatus label;  // names alone
  std::unique_ptr<Port> port;

  std::size_t bundle() const { return planned.bundle; }
  std::size_t pair() const { return planned.pair; }
  Side side() const { return planned.side; }
  LegPlan& plan() { return planned.plan; }
  const LegPlan& plan() const { return planned.plan; }
};

LanePort lane_port(Port& port, std::uint16_t worker) {
  return {.port = port.number(),
          .queue = worker,
          .pool = port.pool(),
          .cut_at = port.plan().cut_at,
          .send_limit = port.plan().send_limit,
          .sends_segments = port.sends_segments(),
          .usable = &port.usable(),
          .not_sent = &port.not_sent(),
          .arrivals = nullptr,
          .departures = nullptr};
}

}  // namespace

struct DataplaneRuntime::Impl {
  RuntimeOptions options;
  std::vector<Leg> legs;
  std::vector<PortShare> shares;                             // by bundle
  std::vector<std::unique_ptr<Distribution>> distributions;  // by bundle; null where the ports spread, or one works
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
  const LegOptions& wish(const PlannedLeg& leg) const;
  Errors attach_ports();
  Errors choose_spreads();
  Result<void> start_port(Leg& leg) const;
  Errors start_ports();
  Errors make_distributions();
  void advise();
  void plan_lanes();
  std::unique_ptr<Lane> make_lane(const LaneInfo& info, FrameProcessor& processor) const;
  IdleSteps idle_steps() const;
  void drain_queues();
  Result<void> close_ports();
};

Errors DataplaneRuntime::Impl::plan() {
  Errors errors;
  for (auto& planned : plan_wire(options, errors)) {
    LegStatus label;
    label.bundle = options.bundles[planned.bundle].name;
    label.pair = options.bundles[planned.bundle].pairs[planned.pair].name;
    label.spec = wish(planned).spec;
    label.side = planned.side;
    legs.push_back({std::move(planned), std::move(label), nullptr});
  }
  return errors;
}

Errors DataplaneRuntime::Impl::start_environment() {
  EalOptions eal{
      .huge_pages = options.huge_pages, .memory_mb = options.memory_mb, .drivers = options.drivers, .pci = {}};
  std::vector<LegPlan> plans;
  for (const auto& leg : legs) {
    plans.push_back(leg.plan());
    if (leg.plan().kind == LegPlan::Kind::kPci) eal.pci.push_back(leg.plan().devargs);
  }
  if (eal.memory_mb == 0) eal.memory_mb = memory_for(plans, queue_bytes(options));
  auto notices = start_eal(eal);
  if (!notices) return {notices.error()};
  for (auto& notice : *notices) board.post(std::move(notice));
  return {};
}

const LegOptions& DataplaneRuntime::Impl::wish(const PlannedLeg& leg) const {
  const auto& pair = options.bundles[leg.bundle].pairs[leg.pair];
  return leg.side == Side::kDevice ? pair.device : pair.core;
}

Errors DataplaneRuntime::Impl::attach_ports() {
  Errors errors;
  for (auto& leg : legs) {
    auto port = Port::attach(leg.plan());
    if (port)
      leg.port = std::move(*port);
    else
      errors.push_back(port.error());
  }
  return errors;
}

// All ports of a bundle spread frames, or software does: both directions of a flow must meet. Kernel interfaces are
// driven with one queue.
Errors DataplaneRuntime::Impl::choose_spreads() {
  for (std::size_t b = 0; b < options.bundles.size(); ++b) {
    const auto& bundle = options.bundles[b];
    PortShare share{.workers = bundle.workers, .spread = bundle.workers > 1, .table = 0};
    std::string obstacle = bundle.spread == SpreadChoice::kSoftware ? "so it is set" : "";
    for (const auto& leg : legs) {
      if (leg.bundle() != b) continue;
      const auto table = leg.plan().kernel() ? std::nullopt : leg.port->spreads(bundle.workers, leg.side());
      if (!table && obstacle.empty())
        obstacle = fmt::format("{} cannot spread them by the device's address over {} queues", leg.label.name(),
                               bundle.workers);
      if (table && *table != 0) share.table = share.table == 0 ? *table : std::min(share.table, *table);
    }
    if (!obstacle.empty()) share.spread = false;
    shares.push_back(share);
    if (bundle.workers == 1) continue;
    board.post({Notice::Level::kInfo, bundle.name,
                share.spread
                    ? fmt::format("its ports spread frames over {} workers by the device's address", bundle.workers)
                    : fmt::format(
                          "worker 0 polls its ports and hands frames to the others by the device's address, because {}",
                          obstacle)});
  }
  return {};
}

// AF_XDP that was not asked for by name gives way to AF_PACKET where it does not start.
Result<void> DataplaneRuntime::Impl::start_port(Leg& leg) const {
  const auto& share = shares[leg.bundle()];
  auto started = leg.port->start(options, share, leg.side());
  if (started || leg.plan().kind != LegPlan::Kind::kAfXdp || wish(leg.planned).driver != DriverChoice::kAuto)
    return started;
  const auto& spec = wish(leg.planned).spec;
  auto plan = plan_leg({.spec = spec, .driver = DriverChoice::kAfPacket}, options, share.workers, next_device_number(),
                       facts_of(spec));
  if (!plan) return started;
  leg.port.reset();
  leg.plan() = std::move(*plan);
  leg.plan().notices.push_back(
      {Notice::Level::kInfo, {}, "af_packet is used, because af_xdp did not start: " + started.error().what});
  auto port = Port::attach(leg.plan());
  if (!port) return std::unexpected(port.error());
  leg.port = std::move(*port);
  return leg.port->start(options, share, leg.side());
}

Errors DataplaneRuntime::Impl::start_ports() {
  Errors errors;
  for (auto& leg : legs)
    if (auto started = start_port(leg); !started) errors.push_back(started.error());
  return errors;
}

Errors DataplaneRuntime::Impl::make_distributions() {
  Errors errors;
  distributions.resize(options.bundles.size());
  for (std::size_t b = 0; b < options.bundles.size(); ++b) {
    if (shares[b].spread || shares[b].workers == 1) continue;
    std::vector<bool> returns;
    for (const auto& leg : legs)  // in the order of pairs and sides
      if (leg.bundle() == b) returns.push_back(leg.port->send_queues() < shares[b].workers);
    auto made = Distribution::make(shares[b].workers, returns);
    if (made)
      distributions[b] = std::move(*made);
    else
      errors.push_back(made.error());
  }
  return errors;
}

void DataplaneRuntime::Impl::advise() {
  if (options.idle == Idle::kPause && !cpu_can_pause())
    board.post({Notice::Level::kInfo,
                {},
                "this CPU has no pause that saves power (WAITPKG): with `idle: pause` idle "
                "workers spin"});
  for (const auto& leg : legs) {
    const auto post = [&](const std::vector<Notice>& notices) {
      for (auto notice : notices) {
        notice.leg = leg.label.name();
        board.post(std::move(notice));
      }
    };
    post(leg.plan().notices);
    const auto facts = facts_of(leg.plan().interface);
    if (!facts) continue;
    const auto peer = facts->peer ? facts_of(*facts->peer) : std::nullopt;
    post(advice_for_leg(leg.plan(), *facts, peer ? &*peer : nullptr));
  }
  for (std::size_t i = 0; i + 1 < legs.size(); i += 2)
    for (auto& notice : advice_for_pair(legs[i].label.pair, legs[i].plan(), legs[i + 1].plan()))
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
  Distribution* distribution = distributions[info.bundle].get();
  std::vector<LanePair> pairs(options.bundles[info.bundle].pairs.size());
  for (const auto& leg : legs) {
    if (leg.bundle() != info.bundle) continue;
    auto port = lane_port(*leg.port, info.queue);
    if (distribution != nullptr) {
      port.arrivals = distribution->arrivals(info.queue, leg.pair(), leg.side());
      port.departures = distribution->departures(info.queue, leg.pair(), leg.side());
    }
    pairs[leg.pair()].legs[static_cast<std::size_t>(leg.side())] = port;
  }
  LaneShare share;
  if (distribution != nullptr && info.queue == 0) share.polls_for = distribution;
  if (distribution != nullptr && info.queue != 0) share.receipt = &distribution->receipt(info.queue);
  return std::make_unique<Lane>(std::move(pairs), processor, share);
}

IdleSteps DataplaneRuntime::Impl::idle_steps() const {
  const bool cards_alone =
      std::ranges::all_of(legs, [](const Leg& leg) { return leg.plan().kind == LegPlan::Kind::kPci; });
  return {idle_mode(options.idle, cards_alone), cpu_can_pause()};
}

// Frames that workers were handed before the stop are judged and sent like all others. The threads have ended.
void DataplaneRuntime::Impl::drain_queues() {
  for (bool waiting = true; waiting;) {
    waiting = false;
    for (auto& thread : threads) waiting |= thread->lane().drain(now());
  }
}

// Devices first, pools after: a buffer of one port may wait in the ring of another until that is closed.
Result<void> DataplaneRuntime::Impl::close_ports() {
  const std::scoped_lock lock(ports);
  std::string leaks;
  distributions.clear();
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
  for (auto step : {&Impl::plan, &Impl::start_environment, &Impl::attach_ports, &Impl::choose_spreads,
                    &Impl::start_ports, &Impl::make_distributions})
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
        impl_->lanes[i], impl_->make_lane(impl_->lanes[i], *impl_->processors[i]), impl_->idle_steps()));
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
  impl_->drain_queues();
  return impl_->close_ports();
}

Result<std::unique_ptr<offload::FlowOffload>> DataplaneRuntime::make_offload() const {
  OffloadPorts ports(impl_->options.bundles.size());
  for (std::size_t b = 0; b < ports.size(); ++b) ports[b].resize(impl_->options.bundles[b].pairs.size());
  for (const auto& leg : impl_->legs)
    ports[leg.bundle()][leg.pair()][static_cast<std::size_t>(leg.side())] = leg.port->number();
  return RteFlowOffload::make(std::move(ports));
}

std::vector<LegStatus> DataplaneRuntime::legs() const {
  const std::scoped_lock lock(impl_->ports);
  std::vector<LegStatus> all;
  for (const auto& leg : impl_->legs) {
    auto status = leg.label;
    status.driver = leg.plan().driver;
    status.up = leg.port->usable().load(std::memory_order_relaxed);
    status.carrier_known = leg.plan().kernel() || leg.plan().kind == LegPlan::Kind::kPci;
    status.speed = leg.port->speed().load(std::memory_order_relaxed);
    status.mtu = leg.port->mtu();
    status.mac = leg.port->mac();
    const auto counters = leg.port->counters();
    status.rx_frames = counters.rx_frames;
    status.tx_frames = counters.tx_frames;
    status.rx_bytes = counters.rx_bytes;
    status.tx_bytes = counters.tx_bytes;
    status.missed = counters.missed;
    status.no_buffers = counters.no_buffers;
    status.rx_errors = counters.rx_errors;
    status.tx_errors = counters.tx_errors;
    status.not_sent = leg.port->not_sent().load(std::memory_order_relaxed);
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
