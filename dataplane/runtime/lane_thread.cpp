#include "dataplane/runtime/lane_thread.h"

#define ALLOW_EXPERIMENTAL_API  // rte_power_pause
#include <fmt/format.h>
#include <pthread.h>
#include <rte_cpuflags.h>
#include <rte_cycles.h>
#include <rte_lcore.h>
#include <rte_power_intrinsics.h>
#include <sys/prctl.h>
#include <time.h>

#include "dataplane/runtime/turn_clock.h"

namespace wardline::runtime {
namespace {

void take(const IdleSteps::Step& step) {
  if (step.kind == IdleSteps::Kind::kSleep) {
    const timespec nap{0, step.nanoseconds};
    nanosleep(&nap, nullptr);
  } else if (step.kind == IdleSteps::Kind::kPause) {
    rte_power_pause(rte_rdtsc() + rte_get_tsc_hz() * step.nanoseconds / 1'000'000'000);
  }
}

}  // namespace

bool cpu_can_pause() {
  rte_cpu_intrinsics cpu{};
  rte_cpu_get_intrinsics_support(&cpu);
  return cpu.power_pause != 0;
}

LaneThread::LaneThread(const LaneInfo& info, std::unique_ptr<Lane> lane, IdleSteps idle)
    : info_(info), lane_(std::move(lane)), idle_(idle) {
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
  prctl(PR_SET_TIMERSLACK, 1UL);                       // else a nap of 20 us takes 70
  const bool registered = rte_thread_register() == 0;  // without it buffers are slower, not wrong
  TurnClock clock;
  auto cycle = rte_rdtsc();
  beat_.first_cycle.store(cycle, std::memory_order_relaxed);
  while (!stop_.load(std::memory_order_relaxed)) {
    const bool busy = lane_->turn(clock.at(cycle), cycle);
    const auto after = rte_rdtsc();
    beat_.turns.add();
    beat_.last_cycle.store(after, std::memory_order_relaxed);
    if (busy) {
      beat_.busy_turns.add();
      beat_.busy_cycles.add(after - cycle - lane_->idle_cycles());
      idle_.after_frames();
      cycle = after;
    } else {
      take(idle_.after_nothing());
      cycle = rte_rdtsc();
    }
  }
  if (registered) rte_thread_unregister();
}

}  // namespace wardline::runtime
