// The same at full speed, with the traffic of perf/: where its generator was built.
#include <dlfcn.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <new>

#include "dataplane/runtime/port.h"
#include "perf/generator/board.h"
#include "tests/unit/dataplane/runtime/quiet/quiet_lane.h"
#include "tests/unit/dataplane/runtime/quiet/traffic.h"
#include "tests/unit/dataplane/runtime/quiet/watch.h"

namespace wardline::test {
namespace {

using testing::IsEmpty;

constexpr const char* kNoGenerator = "perf/'s generator is not built here (perf/generator/build)";
constexpr std::uint64_t kTurns = 20'000;  // of a lane: half a million frames where every burst is full

// Registers the driver with DPDK, once.
bool load_generator() {
  const auto path = std::filesystem::path(WARDLINE_SOURCE_ROOT) / ".cache/generator/libnet_wlgen.so";
  static void* const driver = std::filesystem::exists(path) ? dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL) : nullptr;
  return driver != nullptr;
}

// The board that orders are given by, and its file.
class Board {
 public:
  Board() {
    const int file = mkstemp(path_.data());
    if (file < 0 || ftruncate(file, perf::kBoardBytes) != 0) throw std::bad_alloc();
    board_ = static_cast<perf::Board*>(mmap(nullptr, perf::kBoardBytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0));
    close(file);
    if (board_ == MAP_FAILED) throw std::bad_alloc();
  }
  ~Board() {
    munmap(board_, perf::kBoardBytes);
    unlink(path_.c_str());
  }
  Board(const Board&) = delete;
  Board& operator=(const Board&) = delete;

  const std::string& path() const { return path_; }
  void order(perf::RunOrder run) {
    __atomic_store_n(&board_->header.orders.run, static_cast<std::uint64_t>(run), __ATOMIC_RELEASE);
  }

 private:
  std::string path_ = "/dev/shm/wardline-quiet-XXXXXX";
  perf::Board* board_ = nullptr;
};

std::unique_ptr<runtime::Port> port_of(const std::string& device, Side side, unsigned number) {
  const runtime::RuntimeOptions options;
  const auto plan = runtime::plan_leg({.spec = device}, options, 1, number, std::nullopt);
  if (!plan) throw std::runtime_error(plan.error().text());
  auto port = runtime::Port::attach(*plan);
  if (!port) throw std::runtime_error(port.error().text());
  if (auto started = (*port)->start(options, {}, side); !started) throw std::runtime_error(started.error().text());
  return std::move(*port);
}

// The control plane's part: devices that are seen get a slot.
void seat_devices(QuietLane& lane) {
  for (const Event& event : lane.drain()) {
    if (event.kind != EventKind::kDeviceSeen) continue;
    enforce::SlotIdentity identity;
    identity.device_key = event.device_mac.number();
    identity.segment = event.segment;
    identity.mac = event.device_mac;
    lane.slots().allocate(identity);
  }
}

class QuietWorkerOnGenerator : public testing::TestWithParam<const char*> {};

TEST_P(QuietWorkerOnGenerator, NothingIsAllocatedLockedOrAskedOfTheKernel) {
  if (!load_generator()) GTEST_SKIP() << kNoGenerator;
  Board board;
  const auto common = ",board=" + board.path();
  const auto device = port_of("net_wlgen0,leg=device,workload=" + std::string(GetParam()) + common, Side::kDevice, 0);
  const auto core = port_of("net_wlgen1,leg=core" + common, Side::kCore, 1);
  const auto leg = [](const runtime::Port& port) {
    return runtime::LanePort{.port = port.number(), .pool = port.pool(), .sends_segments = port.sends_segments()};
  };
  auto words = quiet_policy();
  auto options = quiet_options();
  options.flows_v4 = 4096;
  {
    QuietLane lane(options, words.snapshot(1), runtime::LanePair{{leg(*device), leg(*core)}});
    board.order(perf::RunOrder::kWarmUp);
    lane.wait_turns(kTurns);
    seat_devices(lane);
    board.order(perf::RunOrder::kMeasured);
    lane.wait_turns(kTurns);
    if (!lane.watch()) GTEST_SKIP() << watch::kCannot;
    (void)watch::take_offences();
    const auto before = lane.worker().counters().received.read();
    for (int part = 0; part < 10; ++part) {
      lane.wait_turns(kTurns / 10);
      seat_devices(lane);
      lane.pass(20 * kSecond);  // flows end
    }
    board.order(perf::RunOrder::kPaused);
    lane.wait_turns(100);
    const auto& counters = lane.worker().counters();
    EXPECT_GT(counters.received.read() - before, kTurns);
    EXPECT_EQ(counters.received.read() + counters.created.read(),
              counters.forwarded.read() + counters.dropped_total() + counters.held.read());
    EXPECT_THAT(watch::take_offences(), IsEmpty());
  }
}

INSTANTIATE_TEST_SUITE_P(Traffic, QuietWorkerOnGenerator,
                         testing::Values("udp:flows=1000;devices=100", "newudp:devices=100",
                                         "modbus:flows=1000;devices=100", "scan:flows=1000;devices=100"),
                         [](const auto& info) {
                           const std::string_view spec = info.param;
                           return std::string(spec.substr(0, spec.find(':')));
                         });

}  // namespace
}  // namespace wardline::test
