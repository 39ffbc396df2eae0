#include "controlplane/daemon/daemon.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/mman.h>
#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <new>

#include "controlplane/daemon/memory_budget.h"
#include "controlplane/daemon/memory_there.h"
#include "controlplane/daemon/packet_cores.h"
#include "controlplane/daemon/replies.h"
#include "controlplane/inventory/store.h"
#include "controlplane/policy/fingerprint.h"
#include "dataplane/classify/classifier.h"

namespace wardline::daemon {
namespace {

using runtime::DataplaneRuntime;

// How long frames wait at a start for the policy. With signatures from the cache it is there in a third of this, so
// that nothing passes unjudged after a restart; a first start compiles for seconds, and a ward does not stand still so
// long.
constexpr std::chrono::milliseconds kWaitForPolicy{1000};

// Of a turn of the control thread. A client is accepted in one turn and answered in the next: with this it waits for
// about 100 ms, however much the workers have to tell.
constexpr std::chrono::milliseconds kLongestDrain{40};

inventory::WallTime wall_now() {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

// Records go to the store, to alerts and to `wardline`; the log keeps what a person at the console should see.
void log_record(std::string_view type, std::string_view json) {
  if (type == "quarantine" || type == "detection" || type == "finding" || type == "capture")
    spdlog::warn("{} {}", type, json);
}

flow::HashSeed fresh_seed() {
  flow::HashSeed seed{};
  if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
    spdlog::warn("no randomness for the flow hash: buckets can be guessed");
  return seed;
}

}  // namespace

Daemon::Daemon(Config config) : config_(std::move(config)) {}

Daemon::~Daemon() {
  if (loading_) loading_->result.wait();
  offload_.reset();
  card_.reset();
  if (!runtime_) return;
  if (const auto stopped = runtime_->stop(); !stopped) spdlog::error("{}", stopped.error().text());
}

std::expected<std::unique_ptr<Daemon>, Errors> Daemon::start(Config config) {
  std::unique_ptr<Daemon> daemon(new Daemon(std::move(config)));
  if (auto sane = classify::self_test(); !sane) return std::unexpected(Errors{sane.error()});
  if (auto state = daemon->open_state(); !state) return std::unexpected(Errors{state.error()});

  if (auto workers = daemon->make_workers(); !workers) return std::unexpected(workers.error());

  // Before EAL, and beside it: what starts threads must do so from a thread that is not pinned to a packet core.
  const auto patience = std::chrono::steady_clock::now() + kWaitForPolicy;
  daemon->begin_load(daemon->config_.policy, -1);
  if (auto ports = daemon->open_ports(); !ports) return std::unexpected(ports.error());
  // This thread and those that it starts from here on, but for the workers, which are sent to their cores one by one:
  // what the control plane does must not take time from packets.
  leave_packet_cores(daemon->config_.ports.cores);
  daemon->seat_workers();
  if (daemon->loading_->result.wait_until(patience) == std::future_status::ready)
    daemon->finish_load();
  else
    spdlog::warn(
        "the policy is still being read, its signatures may have to be compiled: everything passes until then");
  if (auto started = daemon->start_workers(); !started) return std::unexpected(Errors{started.error()});
  auto socket = ControlSocket::listen(daemon->config_.control_socket);
  if (!socket) return std::unexpected(Errors{socket.error()});
  daemon->socket_.emplace(std::move(*socket));
  return daemon;
}

Result<void> Daemon::open_state() {
  std::error_code error;
  using std::filesystem::perms;
  if (std::filesystem::create_directories(config_.state, error))  // what devices do is not for every user to read
    std::filesystem::permissions(config_.state, perms::owner_all | perms::group_read | perms::group_exec, error);
  if (error) return fail("daemon.state", config_.state, "cannot make the folder of the inventory: " + error.message());
  std::filesystem::create_directories(std::filesystem::path(config_.slots).parent_path(), error);
  auto slots = enforce::DeviceSlots::open(config_.slots, config_.devices);
  if (!slots) return std::unexpected(slots.error());
  slots_ = std::move(*slots);
  appliance::Options options;
  options.name = config_.name;
  options.store_path = store_path();
  options.store = config_.inventory;
  options.store.check_records = false;  // begin_store_check()
  options.oui_folder = config_.vendors;
  options.alert_targets = config_.alerts;
  options.register_silent_after = config_.register_silent;
  for (const auto& bundle : config_.ports.bundles) options.bundles.push_back(bundle.name);
  options.flow_report = std::chrono::seconds(config_.flow_report_seconds);
  options.longest_drain = kLongestDrain;
  auto opened = appliance::Appliance::open(std::move(options), publisher_, *slots_, budgets_, wall_now());
  if (!opened) return std::unexpected(opened.error());
  appliance_ = std::move(*opened);
  return {};
}

std::string Daemon::store_path() const {
  return config_.state + "/inventory.db";
}

// Once frames pass: the records of a full inventory take seconds to read.
void Daemon::begin_store_check() {
  store_check_ = std::async(std::launch::async, [path = store_path(), cores = config_.ports.cores] {
    leave_packet_cores(cores);
    return inventory::Store::check_records(path);
  });
}

void Daemon::end_store_check() {
  if (!store_check_.valid() || store_check_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return;
  if (const auto checked = store_check_.get(); !checked) spdlog::error("{}", checked.error().text());
}

std::expected<void, Errors> Daemon::open_ports() {
  auto opened = DataplaneRuntime::open(config_.ports);
  if (!opened) return std::unexpected(opened.error());
  runtime_ = std::move(*opened);
  tell_notices();
  return {};
}

// Workers are made before the ports: what all of it will take must be known before any of it is taken. Their tables
// cost nothing until they are touched.
std::expected<void, Errors> Daemon::make_workers() {
  WorkerOptions options;
  options.flows_v4 = config_.flows_v4;
  options.flows_v6 = config_.flows_v6;
  options.undecided = config_.undecided_flows;
  options.inspected = config_.inspected_flows;
  options.fragments = config_.fragments;
  options.watched = config_.watched_devices;
  options.flow_report_seconds = config_.flow_report_seconds;
  options.offload = config_.offload;
  for (std::size_t bundle = 0; bundle < config_.ports.bundles.size(); ++bundle)
    for (std::uint16_t worker = 0; worker < config_.ports.bundles[bundle].workers; ++worker) try {
        options.bundle = static_cast<std::uint16_t>(bundle);
        options.seed = fresh_seed();
        workers_.push_back(std::make_unique<Worker>(options, publisher_, *slots_, budgets_));
      } catch (const std::bad_alloc&) {
        return std::unexpected(Errors{{"daemon.memory",
                                       {},
                                       "the kernel refuses the address space of the tables: lower `flows_v4` and "
                                       "`flows_v6`, or look at `ulimit -v` and vm.overcommit_memory"}});
      }
  return check_memory();
}

// What there is room for is fixed now: the log says what it costs when all of it is in use, and whether that is there.
std::expected<void, Errors> Daemon::check_memory() const {
  const auto there = memory_there();
  MemoryNeeds needs;
  if (!workers_.empty()) needs.of_a_worker = workers_.front()->memory();
  needs.workers = workers_.size();
  needs.buffers = runtime::buffers_of_wire(config_.ports);
  needs.buffers_in_huge_pages = buffers_go_to_huge_pages(config_.ports.huge_pages, needs.buffer_bytes(), there);
  for (const auto& line : lines_of(needs, there)) spdlog::info("{}", line);
  if (auto error = why_too_much(needs, there)) return std::unexpected(Errors{std::move(*error)});
  if (!there.transparent_huge_pages)
    spdlog::info(
        "the kernel gives no transparent huge pages, so large tables lie in small ones, which is slower; "
        "`echo madvise > /sys/kernel/mm/transparent_hugepage/enabled` before the start gives them");
  if (config_.prefault && mlockall(MCL_CURRENT) != 0)
    return std::unexpected(
        Errors{{"daemon.memory",
                {},
                fmt::format("`prefault` cannot take and keep its memory: {}; set LimitMEMLOCK=infinity (`ulimit -l`), "
                            "or leave `prefault` out",
                            std::strerror(errno))}});
  return {};
}

// Cards that can send a frame from port to port by themselves are given the decided bulk flows.
void Daemon::start_offload() {
  if (!config_.offload) return;
  auto card = runtime_->make_offload();
  if (!card) {
    spdlog::info("`offload: auto` changes nothing: {}", card.error().text());
    for (auto& worker : workers_) worker->offer_nothing();
    return;
  }
  card_ = std::move(*card);
  std::vector<offload::OffloadLedger*> ledgers;
  for (auto& worker : workers_) ledgers.push_back(worker->offload_ledger());
  offload_ = std::make_unique<offload::OffloadManager>(*card_, *slots_, std::move(ledgers));
  offload_->start();
  spdlog::info("the ports forward decided flows of `classify_only` applications by themselves");
}

// In the order of the lanes, bundle by bundle.
void Daemon::seat_workers() {
  for (auto& worker : workers_) {
    appliance_->add_worker(*worker);
    processors_.push_back(std::make_unique<runtime::WorkerProcessor>(*worker));
  }
}

Result<void> Daemon::start_workers() {
  start_offload();
  std::vector<runtime::FrameProcessor*> processors;
  for (const auto& processor : processors_) processors.push_back(processor.get());
  return runtime_->start(std::move(processors));
}

// Frames that found no policy.
std::uint64_t Daemon::passed_unjudged() const {
  std::uint64_t frames = 0;
  for (const auto& worker : workers_)
    frames += worker->counters().failures[static_cast<std::size_t>(Reason::kNoPolicy)].read();
  return frames;
}

void Daemon::begin_load(const std::string& directory, int client) {
  policy::LoadOptions options;
  options.numbers = slots_.get();
  options.bundles.clear();
  for (const auto& bundle : config_.ports.bundles) options.bundles.push_back(bundle.name);
  options.cache_folder = config_.state + "/signatures";
  options.workers = SnapshotPublisher::kMaxWorkers;
  loading_.emplace(
      Loading{directory, client, std::async(std::launch::async, [directory, options, cores = config_.ports.cores] {
                leave_packet_cores(cores);
                return policy::load(directory, options);
              })});
}

// Puts a policy that was read in force; a bad one leaves the former as it is.
void Daemon::finish_load() {
  auto loaded = loading_->result.get();
  const auto client = loading_->client;
  const auto directory = loading_->directory;
  loading_.reset();
  if (offload_) offload_->hold();  // no rule of the former policy outlives it
  const bool had_one = appliance_->policy() != nullptr;
  auto used = loaded ? appliance_->use_policy(std::move(*loaded), DataplaneRuntime::now(), wall_now())
                     : std::expected<appliance::PolicySummary, Errors>(std::unexpected(std::move(loaded.error())));
  if (const auto* in_force = publisher_.current(); offload_ && in_force != nullptr) offload_->allow(in_force->epoch);
  if (used) {
    config_.policy = directory;
    loaded_commit_ = used->commit;
    for (const auto& warning : appliance_->policy()->warnings) spdlog::warn("policy {}: {}", directory, warning.text());
    spdlog::info("policy {} of {} is in force: {} classes, {} rules, {} segments, {} signatures",
                 used->hash.substr(0, 12), used->site, used->classes, used->rules, used->segments, used->signatures);
    if (const auto& databases = appliance_->policy()->signatures.databases)
      spdlog::info("signatures: {} databases compiled, {} from the cache, in {} ms", databases->report().compiled,
                   databases->report().cached, databases->report().took.count());
    if (const auto frames = passed_unjudged(); !had_one && frames != 0)
      spdlog::warn("{} frames passed before a policy was in force", frames);
  } else {
    for (const auto& error : used.error()) spdlog::error("policy {}: {}", directory, error.text());
    spdlog::error("policy {} was refused whole: {} problems. {}", directory, used.error().size(),
                  had_one ? "The former policy stays in force."
                          : "no policy is in force: everything passes until one loads (`wardline policy reload`)");
  }
  if (client >= 0) socket_->answer(client, appliance::policy_reply(used));
}

void Daemon::handle(int client, const std::string& request, const std::string& user) {
  const auto reload = reload_request(request);
  if (!reload) {
    auto answer = appliance_->query(request, user, DataplaneRuntime::now(), wall_now(), log_record);
    if (offload_) offload_->turn();  // a quarantine that is answered for holds on the card too
    socket_->answer(client,
                    add_state(std::move(answer), request,
                              {.legs = runtime_->legs(),
                               .lanes = runtime_->lane_status(),
                               .memory = workers_.empty() ? std::vector<MemoryTerm>{} : workers_.front()->memory(),
                               .policy_loading = loading_.has_value(),
                               .offload = offload_ ? std::optional(offload_->counts()) : std::nullopt}));
    return;
  }
  if (loading_) {
    socket_->answer(client, busy_reply());
    return;
  }
  begin_load(reload->empty() ? config_.policy : *reload, client);
}

// Exceptions and loans of the register end by the clock: the policy is read anew without them. Tried once for each end.
bool Daemon::an_exception_ended() {
  const auto policy = appliance_->policy();
  if (!policy || !policy->next_change || *policy->next_change == tried_change_ || wall_now() < *policy->next_change)
    return false;
  tried_change_ = *policy->next_change;
  spdlog::info("an exception or a loan of the register has ended: loading {} anew", config_.policy);
  return true;
}

// `automatic_reload`: only of a clean work tree whose HEAD moved, so that an edit in progress is never put in force.
void Daemon::look_for_new_commit() {
  const auto commit = policy::commit_of(config_.policy);
  if (!commit || commit->ends_with("-dirty") || *commit == loaded_commit_) return;
  spdlog::info("HEAD of {} moved to {}: loading", config_.policy, *commit);
  loaded_commit_ = *commit;  // tried once, whether it is good or not
  begin_load(config_.policy, -1);
}

void Daemon::tell_notices() {
  for (const auto& notice : runtime_->take_notices())
    spdlog::log(notice.level == runtime::Notice::Level::kWarning ? spdlog::level::warn : spdlog::level::info, "{}",
                notice.line());
}

// The link watch reads speeds once a second.
void Daemon::watch_links(Tick now, const std::vector<runtime::LegStatus>& legs) {
  if (now - last_link_look_ < kSecond) return;
  last_link_look_ = now;
  for (const auto& leg : legs)
    if (leg.up) appliance_->note_link(leg.name(), leg.speed.megabits, leg.speed.full_duplex, now, wall_now());
}

void Daemon::run(Signals& signals) {
  constexpr int kWaitMs = 5;
  const auto handler = [this](int client, const std::string& request, const std::string& user) {
    handle(client, request, user);
  };
  spdlog::info("forwarding; `wardline --socket {} status` tells how it goes", config_.control_socket);
  begin_store_check();
  bool busy = false;
  while (!signals.stop) {
    socket_->serve(busy ? 0 : kWaitMs, handler);
    const Tick now = DataplaneRuntime::now();
    busy = appliance_->drain(now, wall_now(), log_record) != 0;
    if (loading_ && loading_->result.wait_for(std::chrono::seconds(0)) == std::future_status::ready) finish_load();
    // A wish that comes while a policy is loading waits for the next turn.
    if (!loading_ && (signals.reload.exchange(false) || an_exception_ended())) begin_load(config_.policy, -1);
    if (now - last_maintenance_ > 200 * kMillisecond) {
      last_maintenance_ = now;
      appliance_->maintenance(now, wall_now(), log_record);
      tell_notices();
      const auto legs = runtime_->legs();
      watch_load(now, legs);
      watch_links(now, legs);
      see_legs(legs, wall_now());
      end_store_check();
    }
    if (config_.automatic_reload && !loading_ && now - last_commit_look_ > 2 * kSecond) {
      last_commit_look_ = now;
      look_for_new_commit();
    }
  }
}

Result<void> Daemon::stop() {
  offload_.reset();  // its rules end before the ports do
  card_.reset();
  auto stopped = runtime_->stop();
  bool finished = false;
  for (int rounds = 0; rounds < 1000 && !finished; ++rounds) {  // every flow gets its final record
    finished = std::ranges::all_of(workers_, [](auto& worker) { return worker->finish(DataplaneRuntime::now()); });
    while (appliance_->drain(DataplaneRuntime::now(), wall_now(), log_record) != 0) {
    }
  }
  appliance_->flush(DataplaneRuntime::now(), wall_now(), log_record);
  return stopped;
}

}  // namespace wardline::daemon
