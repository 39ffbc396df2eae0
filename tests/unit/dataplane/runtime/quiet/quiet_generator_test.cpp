// The same at full speed, with the traffic of perf/: where its generator was built.
#include <dlfcn.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <expected>
#include <filesystem>

#include "dataplane/runtime/port.h"
#include "perf/generator/mapped_board.h"
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
  const std::string& path() const { return path_; }
  void order(perf::RunOrder run) {
    __atomic_store_n(&board_.value()->header.orders.run, static_cast<std::uint64_t>(run), __ATOMIC_RELEASE);
  }
  ~Board() { unlink(path_.c_str()); }

 private:
  const std::string path_ = "/dev/shm/wardline-quiet-" + std::to_string(getpid());
  const std::expected<perf::MappedBoard, std::string> board_ = perf::MappedBoard::open(path_);
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
    lane.seat_devices();
    board.order(perf::RunOrder::kMeasured);
    lane.wait_turns(kTurns);
    if (!lane.watch()) GTEST_SKIP() << watch::kCannot;
    (void)watch::take_offences();
    const auto before = lane.worker().counters().received.read();
    for (int part = 0; part < 10; ++part) {
      lane.wait_turns(kTurns / 10);
      lane.seat_devices();
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
