#include "perf/dataplane/work/loaded_worker.h"

#include <cstdio>
#include <cstdlib>

namespace wardline::perf {
namespace {

constexpr std::uint32_t kDevices = 8192;

[[noreturn]] void give_up(const std::string& text) {
  std::fprintf(stderr, "%s\n", text.c_str());
  std::exit(1);
}

std::string setting(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : otherwise;
}

WorkerOptions small_tables() {
  WorkerOptions options;
  options.flows_v4 = options.flows_v6 = 1024;
  return options;
}

}  // namespace

LoadedWorker::LoadedWorker() : LoadedWorker(small_tables()) {}

LoadedWorker::LoadedWorker(const WorkerOptions& options) {
  auto slots = enforce::DeviceSlots::open("", kDevices);
  if (!slots) give_up(slots.error().text());
  slots_ = std::move(*slots);
  worker_ = std::make_unique<Worker>(options, publisher_, *slots_, budgets_);
  policy::LoadOptions load;
  load.numbers = slots_.get();
  load.bundles.clear();
  load.cache_folder = setting("WARDLINE_CACHE", "");
  auto policy = policy::load(setting("WARDLINE_POLICY", "policies"), load);
  if (!policy) give_up(policy.error().front().text());
  policy_ = std::move(*policy);
  publish_again();
}

void LoadedWorker::publish_again() {
  Batch idle;
  worker_->process(idle, now_);
  publisher_.reclaim();
  if (auto done = publisher_.publish(policy_->make_snapshot(++epoch_)); !done) give_up(done.error().text());
}

void LoadedWorker::add_device(std::string_view device_class, std::string_view segment, const Mac& mac,
                              const Address& address) {
  enforce::SlotIdentity identity;
  identity.device_key = mac.number();
  identity.segment = slots_->segment_number(segment);
  identity.mac = mac;
  identity.address = address;
  const SlotId slot = slots_->allocate(identity);
  if (slot == kNoSlot) give_up("expected room for 8,192 devices, found none left");
  const ClassId number = slots_->class_number(device_class);
  slots_->update(slot, [&](enforce::SlotWord& word) {
    word.device_class = number;
    return true;
  });
}

void LoadedWorker::drain() {
  while (worker_->events().front() != nullptr) worker_->events().pop();
  while (worker_->frame_copies().front() != nullptr) worker_->frame_copies().pop();
}

void LoadedWorker::process(Batch& batch) {
  worker_->process(batch, now_);
  now_ += 4 * kMicrosecond;  // of a burst of 32 at 8 Mpps
  for (const auto& frame : batch.used())
    if (frame.drop != Reason::kNone || frame.held)
      give_up("expected that every frame is forwarded; one was not: " + std::to_string(static_cast<int>(frame.drop)));
}

void LoadedWorker::process(Batch& batch, Region& region) {
  region.start();
  process(batch);
  region.stop();
  drain();
}

void LoadedWorker::expire_all(Region& region) {
  pass_time(120 * kSecond);
  Batch idle;
  while (worker_->flows_in_use() != 0) process(idle, region);
}

}  // namespace wardline::perf
