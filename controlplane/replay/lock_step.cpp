#include "controlplane/replay/lock_step.h"

#include <algorithm>
#include <filesystem>

#include "controlplane/policy/policy.h"

namespace wardline::replay {
namespace {

// Enough for any capture of one ward; a flood of MACs meets device_table_full, as it would in a live appliance.
constexpr std::uint32_t kDevices = 16'384;

constexpr const char* kName = "replay";

WorkerOptions worker_options() {
  WorkerOptions options;
  options.seed = {{1, 2, 3, 4}};  // the same flows fall into the same buckets every time
  return options;
}

appliance::Options appliance_options(const Options& given) {
  appliance::Options options;
  options.store_path = given.inventory;
  options.store.retention = std::chrono::days(366'000);  // between two captures decades may pass
  options.name = kName;
  options.recent_records = 64;  // nobody asks a replay for its lists
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
  auto slots = enforce::DeviceSlots::open("", kDevices);
  if (!slots) return std::unexpected(Errors{slots.error()});
  slots_ = std::move(*slots);
  worker_ = std::make_unique<Worker>(worker_options(), publisher_, *slots_, budgets_);
  unfinished_ = options.inventory;
  auto appliance = appliance::Appliance::open(appliance_options(options), publisher_, *slots_, budgets_, clock_.wall());
  if (!appliance) return std::unexpected(Errors{appliance.error()});
  appliance_ = std::move(*appliance);
  policy::LoadOptions load;
  load.bundles.clear();
  load.cache_folder = options.cache_folder;
  load.mode_override = options.mode;
  load.now = std::chrono::floor<std::chrono::seconds>(clock_.wall());
  load.numbers = slots_.get();
  if (auto loaded = appliance_->load_policy(options.policy, load, clock_.now(), clock_.wall()); !loaded)
    return std::unexpected(std::move(loaded.error()));
  appliance_->add_worker(*worker_);
  if (options.out.empty()) return {};
  auto writer = CaptureWriter::create(options.out);
  if (!writer) return std::unexpected(Errors{writer.error()});
  writer_.emplace(std::move(*writer));
  return {};
}

void LockStep::feed(const CapturedFrame& captured, Side side) {
  Clock next = clock_;
  next.move_to(captured.time);
  if (next.now() >= maintained_ + kSecond) {
    judge();  // what waits belongs to the time before
    clock_ = next;
    settle();
  } else {
    clock_ = next;
  }
  auto& bytes = kept_[batch_.size];
  bytes.assign(captured.bytes.begin(), captured.bytes.end());
  batch_.frames[batch_.size] = Frame{.bytes = bytes, .wire_length = captured.wire_length, .side = side};
  if (++batch_.size == batch_size_) judge();
}

void LockStep::judge() {
  if (batch_.size == 0) return;
  worker_->process(batch_, clock_.now());
  pass_on(batch_);
  batch_.size = 0;
  drain();
}

// What went through, in the order in which a lane sends it.
void LockStep::pass_on(const Batch& judged) {
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
  worker_->count_forwarded(frames, bytes);
}

// A gap of a capture passes at once, so the worker gets the idle turns it would have had: each ends some flows and
// brings out some of the fragments whose time is over.
void LockStep::settle() {
  maintained_ = clock_.now();
  Batch idle;
  for (std::uint32_t before = worker_->flows_in_use() + 1;
       worker_->flows_in_use() < before || idle.released_count != 0;) {
    before = worker_->flows_in_use();
    worker_->process(idle, clock_.now());
    pass_on(idle);
    drain();
  }
  appliance_->maintenance(clock_.now(), clock_.wall(), sink_);
}

void LockStep::drain() {
  while (appliance_->drain(clock_.now(), clock_.wall(), sink_) != 0) {
  }
}

Result<records::SummaryFacts> LockStep::finish() {
  judge();
  if (worker_->holds_frames()) {  // fragments wait for others as long as they would have
    clock_.move_to(clock_.wall_ticks() + kSecond);
    settle();
  }
  while (!worker_->finish(clock_.now())) drain();
  drain();
  appliance_->maintenance(clock_.now(), clock_.wall(), sink_);
  const auto facts = summary();
  const auto policy = appliance_->policy();
  appliance_->flush(clock_.now(), clock_.wall());
  const auto head = records::head_of("summary", "summary", clock_.wall(), kName, policy.get(), nullptr);
  sink_("summary", records::summary_record(head, facts));
  if (writer_)
    if (auto closed = writer_->close(); !closed) return std::unexpected(closed.error());
  unfinished_.clear();
  return facts;
}

records::SummaryFacts LockStep::summary() const {
  const auto& counters = worker_->counters();
  records::SummaryFacts facts;
  facts.packets = counters.received.read();
  facts.bytes = counters.received_bytes.read();
  facts.flows = counters.of(Tally::kFlowsCreated);
  facts.created = counters.created.read();
  facts.forwarded = counters.forwarded.read();
  facts.held = counters.held.read();
  facts.malformed = counters.failures[static_cast<std::size_t>(Reason::kMalformed)].read();
  for (std::size_t i = 0; i < kReasonCount; ++i)
    if (const auto count = counters.dropped[i].read(); count != 0) facts.dropped[std::string(kReasons[i].name)] = count;
  facts.seconds = clock_.seconds();
  return facts;
}

}  // namespace wardline::replay
