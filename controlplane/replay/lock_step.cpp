#include "controlplane/replay/lock_step.h"

#include <algorithm>
#include <filesystem>

#include "controlplane/policy/policy.h"

namespace wardline::replay {
namespace {

constexpr const char* kName = "replay";

WorkerOptions worker_options(std::size_t bundle) {
  WorkerOptions options;
  options.bundle = static_cast<std::uint16_t>(bundle);
  options.seed = {{1, 2, 3, 4}};  // the same flows fall into the same buckets every time
  return options;
}

std::vector<std::string> names_of(const std::vector<Bundle>& bundles) {
  std::vector<std::string> names;
  for (const auto& bundle : bundles) names.push_back(bundle.name);
  return names;
}

appliance::Options appliance_options(const Options& given) {
  appliance::Options options;
  options.store_path = given.inventory;
  options.store.retention = std::chrono::days(366'000);  // between two captures decades may pass
  options.name = kName;
  options.recent_records = 64;  // nobody asks a replay for its lists
  options.bundles = names_of(given.bundles);
  options.register_silent_after = given.register_silent;
  return options;
}

}  // namespace

LockStep::LockStep(const Options& options, const Sink& sink)
    : sink_(sink), batch_size_(std::clamp<std::size_t>(options.batch, 1, Batch::kMaxFrames)) {}

LockStep::~LockStep() {
  appliance_.reset();  // closes it
  std::error_code fault;
  if (!unfinished_.empty())
    for (const char* part : {"", "-wal", "-shm"}) std::filesystem::remove(unfinished_ + part, fault);
}

std::expected<std::unique_ptr<LockStep>, Errors> LockStep::open(const Options& options, Tick first, const Sink& sink) {
  std::unique_ptr<LockStep> made(new LockStep(options, sink));
  if (auto started = made->start(options, first); !started) return std::unexpected(std::move(started.error()));
  return made;
}

std::expected<void, Errors> LockStep::start(const Options& options, Tick first) {
  clock_.begin_capture(first);
  clock_.move_to(first);
  // A daemon's own inventory would be mixed with what a capture shows.
  if (!options.inventory.empty() && std::filesystem::exists(options.inventory))
    return std::unexpected(Errors{
        {"replay.inventory", options.inventory, "there is a file of this name: name one that is yet to be made"}});
  auto slots = enforce::DeviceSlots::open("", options.devices);
  if (!slots) return std::unexpected(Errors{slots.error()});
  slots_ = std::move(*slots);
  for (std::size_t i = 0; i < std::max<std::size_t>(1, options.bundles.size()); ++i)
    workers_.push_back(std::make_unique<Worker>(worker_options(i), publisher_, *slots_, budgets_));
  unfinished_ = options.inventory;
  auto appliance = appliance::Appliance::open(appliance_options(options), publisher_, *slots_, budgets_, clock_.wall());
  if (!appliance) return std::unexpected(Errors{appliance.error()});
  appliance_ = std::move(*appliance);
  policy::LoadOptions load;
  load.bundles = names_of(options.bundles);  // none: any that the policy names
  load.workers = workers_.size();
  load.cache_folder = options.cache_folder;
  load.mode_override = options.mode;
  load.now = std::chrono::floor<std::chrono::seconds>(clock_.wall());
  load.numbers = slots_.get();
  if (auto loaded = appliance_->load_policy(options.policy, load, clock_.now(), clock_.wall()); !loaded)
    return std::unexpected(std::move(loaded.error()));
  for (const auto& worker : workers_) appliance_->add_worker(*worker);
  if (options.out.empty()) return {};
  auto writer = CaptureWriter::create(options.out);
  if (!writer) return std::unexpected(Errors{writer.error()});
  writer_.emplace(std::move(*writer));
  return {};
}

void LockStep::feed(const CapturedFrame& captured, std::uint16_t bundle, Side side) {
  Clock next = clock_;
  next.move_to(captured.time);
  if (next.now() >= maintained_ + kSecond) {
    judge();  // what waits belongs to the time before
    clock_ = next;
    settle();
  } else {
    clock_ = next;
  }
  if (bundle_ != bundle) judge();
  bundle_ = bundle;
  auto& bytes = kept_[batch_.size];
  bytes.assign(captured.bytes.begin(), captured.bytes.end());
  batch_.frames[batch_.size] = Frame{.bytes = bytes, .wire_length = captured.wire_length, .side = side};
  if (++batch_.size == batch_size_) judge();
}

void LockStep::judge() {
  if (batch_.size == 0) return;
  auto& worker = *workers_[bundle_];
  worker.process(batch_, clock_.now());
  pass_on(worker, batch_);
  batch_.size = 0;
  drain();
}

// What went through, in the order in which a lane sends it.
void LockStep::pass_on(Worker& worker, const Batch& judged) {
  std::uint64_t frames = 0, bytes = 0;
  const auto send = [&](std::span<const std::byte> frame) {
    ++frames;
    bytes += frame.size();
    if (writer_) writer_->write(clock_.wall_ticks(), frame);
  };
  for (const Frame& frame : std::span(judged.frames).first(judged.size))
    if (frame.drop == Reason::kNone && !frame.held) send(frame.bytes);
  for (const auto& frame : std::span(judged.released).first(judged.released_count)) send(frame.bytes);
  for (const auto& frame : std::span(judged.created).first(judged.created_count))
    send(std::span(frame.bytes).first(frame.length));
  worker.count_forwarded(frames, bytes);
}

void LockStep::settle() {
  maintained_ = clock_.now();
  for (const auto& worker : workers_) let_idle(*worker);
  appliance_->maintenance(clock_.now(), clock_.wall(), sink_);
}

// A gap of a capture passes at once, so a worker gets the idle turns it would have had: each ends some flows and
// brings out some of the fragments whose time is over.
void LockStep::let_idle(Worker& worker) {
  Batch idle;
  for (std::uint32_t before = worker.flows_in_use() + 1; worker.flows_in_use() < before || idle.released_count != 0;) {
    before = worker.flows_in_use();
    worker.process(idle, clock_.now());
    pass_on(worker, idle);
    drain();
  }
}

bool LockStep::holds_frames() const {
  return std::ranges::any_of(workers_, [](const auto& worker) { return worker->holds_frames(); });
}

void LockStep::drain() {
  while (appliance_->drain(clock_.now(), clock_.wall(), sink_) != 0) {
  }
}

Result<records::SummaryFacts> LockStep::finish() {
  judge();
  if (holds_frames()) {  // fragments wait for others as long as they would have
    clock_.move_to(clock_.wall_ticks() + kSecond);
    settle();
  }
  for (const auto& worker : workers_)
    while (!worker->finish(clock_.now())) drain();
  drain();
  appliance_->maintenance(clock_.now(), clock_.wall(), sink_);
  const auto facts = summary();
  const auto policy = appliance_->policy();
  appliance_->flush(clock_.now(), clock_.wall(), sink_);
  const auto head = records::head_of("summary", "summary", clock_.wall(), kName, policy.get(), nullptr);
  sink_("summary", records::summary_record(head, facts));
  if (writer_)
    if (auto closed = writer_->close(); !closed) return std::unexpected(closed.error());
  unfinished_.clear();
  return facts;
}

records::SummaryFacts LockStep::summary() const {
  records::SummaryFacts facts;
  for (const auto& worker : workers_) {
    const auto& counters = worker->counters();
    facts.packets += counters.received.read();
    facts.bytes += counters.received_bytes.read();
    facts.flows += counters.of(Tally::kFlowsCreated);
    facts.created += counters.created.read();
    facts.forwarded += counters.forwarded.read();
    facts.held += counters.held.read();
    facts.malformed += counters.failures[static_cast<std::size_t>(Reason::kMalformed)].read();
    for (std::size_t i = 0; i < kReasonCount; ++i)
      if (const auto n = counters.dropped[i].read(); n != 0) facts.dropped[std::string(kReasons[i].name)] += n;
  }
  facts.seconds = clock_.seconds();
  return facts;
}

}  // namespace wardline::replay
