#include "dataplane/runtime/lane_thread.h"

#include <fmt/format.h>
#include <pthread.h>
#include <rte_cycles.h>
#include <rte_lcore.h>
#include <sys/prctl.h>
#include <time.h>

namespace wardline::runtime {
namespace {

constexpr unsigned kEmptyTurnsBeforeSleep = 200;
constexpr timespec kNap{0, 50'000};  // shorter than a frame waits in a switch; long enough for two cores to breathe

}  // namespace

LaneThread::LaneThread(const LaneInfo& info, std::unique_ptr<Lane> lane, bool sleeps_when_idle)
    : info_(info), lane_(std::move(lane)), sleeps_when_idle_(sleeps_when_idle) {
  thread_ = std::thread([this] { run(); });
  pthread_setname_np(thread_.native_handle(), fmt::format("wl-{}-{}", info.bundle, info.queue).c_str());
  if (info.core >= 0) {
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(static_cast<unsigned>(info.core), &cores);
    pthread_setaffinity_np(thread_.native_handle(), sizeof cores, &cores);
  }
}

LaneThread::~LaneThread() {
  stop();
}

void LaneThread::stop() {
  stop_.store(true, std::memory_order_relaxed);
  if (thread_.joinable()) thread_.join();
}

LaneStatus LaneThread::status() const {
  const auto first = beat_.first_cycle.load(std::memory_order_relaxed);
  const auto last = beat_.last_cycle.load(std::memory_order_relaxed);
  return {info_, beat_.turns.read(), beat_.busy_turns.read(), beat_.busy_cycles.read(), last - first};
}

void LaneThread::run() {
  prctl(PR_SET_TIMERSLACK, 1UL);                       // else a nap of 50 us takes 100
  const bool registered = rte_thread_register() == 0;  // without it buffers are slower, not wrong
  auto cycle = rte_rdtsc();
  beat_.first_cycle.store(cycle, std::memory_order_relaxed);
  unsigned empty_turns = 0;
  while (!stop_.load(std::memory_order_relaxed)) {
    const bool busy = lane_->turn(DataplaneRuntime::now());
    const auto after = rte_rdtsc();
    beat_.turns.add();
    beat_.last_cycle.store(after, std::memory_order_relaxed);
    if (busy) {
      beat_.busy_turns.add();
      beat_.busy_cycles.add(after - cycle);
      empty_turns = 0;
    } else if (++empty_turns > kEmptyTurnsBeforeSleep && sleeps_when_idle_) {
      nanosleep(&kNap, nullptr);
    }
    cycle = rte_rdtsc();
  }
  if (registered) rte_thread_unregister();
}

}  // namespace wardline::runtime
