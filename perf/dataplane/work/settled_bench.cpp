// What a packet of a settled flow costs in Worker::process, all of it: parse, look-up, epochs, counters. Bursts of 32
// of one leg, flows chosen at random, the shipped policy, devices that are known. The frames lie in the first-level
// cache, as those of a card that writes into the last-level cache or of a source in the same process nearly do.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>

#include "perf/dataplane/bench.h"
#include "perf/dataplane/work/flow_frames.h"
#include "perf/dataplane/work/loaded_worker.h"

namespace {

using namespace wardline;
using namespace wardline::perf;

// Under callgrind a figure has no noise, so a quarter does.
const std::uint64_t kBursts = Bench::under_valgrind() ? 512 : 2048;

struct Frames {
  std::array<std::array<std::byte, FlowFrames::kRoom>, Batch::kMaxFrames> room;
  Batch batch;

  void put(const FlowFrames& flows, std::uint32_t flow, FlowFrames::Step step) {
    const auto bytes = flows.write(flow, step, room[batch.size].data());
    batch.frames[batch.size++] =
        Frame{.bytes = bytes, .wire_length = static_cast<std::uint32_t>(bytes.size()), .side = step.side};
  }
};

class Settled {
 public:
  Settled(const FlowShape& shape, std::uint32_t flows)
      : flows_(flows), frames_of_(shape, std::min(std::max(flows / 10, 100u), 4096u)), loaded_(options(shape, flows)) {
    const char* device_class = shape.tcp ? "imaging-modality" : "ip-camera";
    const char* segment = shape.vlan != 0 ? "radiology" : "first-ward";
    for (std::uint32_t i = 0; i < frames_of_.devices(); ++i)
      loaded_.add_device(device_class, segment, FlowFrames::device_mac(i), frames_of_.device_address(i));
    open_all();
  }

  void round(Region& region) {
    std::uniform_int_distribution<std::uint32_t> any(0, flows_ - 1);
    for (std::uint64_t burst = 0; burst < kBursts; ++burst) {
      const auto step = frames_of_.lasting(burst % 2 == 0 ? Side::kDevice : Side::kCore);
      frames_.batch.size = 0;
      for (std::size_t i = 0; i < Batch::kMaxFrames; ++i) frames_.put(frames_of_, any(draw_), step);
      region.start();
      loaded_.process(frames_.batch);
      region.stop();
    }
    loaded_.drain();
    expect_settled();
  }

 private:
  static WorkerOptions options(const FlowShape& shape, std::uint32_t flows) {
    WorkerOptions options;
    (shape.v6 ? options.flows_v6 : options.flows_v4) = std::max(flows, 4096u);
    options.seed = {{1, 2, 3, 4}};
    return options;
  }

  void open_all() {
    for (std::uint32_t flow = 0; flow < flows_; ++flow) {
      for (const auto& step : frames_of_.opening()) {
        frames_.batch.size = 0;
        frames_.put(frames_of_, flow, step);
        loaded_.process(frames_.batch);
      }
      if (flow % 256 == 0) loaded_.drain();
    }
    loaded_.drain();
    scans_ = loaded_.worker().counters().of(Tally::kScans);
    expect_settled();
  }

  // A figure of flows that are not settled would be a figure of something else.
  void expect_settled() {
    const auto& counters = loaded_.worker().counters();
    const bool settled = loaded_.worker().flows_in_use() == flows_ && counters.of(Tally::kScans) == scans_ &&
                         loaded_.worker().buffers_in_use() == 0;
    if (settled) return;
    std::fprintf(stderr, "expected %u settled flows; found %u flows, %u buffers in use, %llu scans since they opened\n",
                 flows_, loaded_.worker().flows_in_use(), loaded_.worker().buffers_in_use(),
                 static_cast<unsigned long long>(counters.of(Tally::kScans) - scans_));
    std::exit(1);
  }

  std::uint32_t flows_;
  FlowFrames frames_of_;
  LoadedWorker loaded_;
  Frames frames_;
  std::uint64_t scans_ = 0;
  std::mt19937 draw_{2026};
};

}  // namespace

int main(int argc, char** argv) {
  Bench bench(argc, argv);
  constexpr std::uint16_t kRadiology = 420;
  const FlowShape shapes[] = {{}, {.vlan = kRadiology}, {.tcp = true}, {.tcp = true, .vlan = kRadiology}, {.v6 = true}};
  for (const auto& shape : shapes)
    for (const std::uint32_t flows : {1'000u, 100'000u, 1'000'000u}) {
      const std::string name = "settled/" + shape.name() + "/flows=" + std::to_string(flows);
      if (Bench::under_valgrind() && flows > 1'000) continue;  // the same instructions, and long in the making
      if (!bench.wants(name)) continue;
      Settled settled(shape, flows);
      bench.measure(name, kBursts * Batch::kMaxFrames, [&](Region& region) { settled.round(region); });
    }
}
