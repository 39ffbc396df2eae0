// What a packet of a settled flow costs in Worker::process, all of it: parse, look-up, epochs, counters.
#include "perf/dataplane/work/settled_flows.h"

using namespace wardline::perf;

int main(int argc, char** argv) {
  Bench bench(argc, argv);
  // Under callgrind a figure has no noise, so a quarter does.
  const std::uint64_t bursts = Bench::under_valgrind() ? 512 : 2048;
  constexpr std::uint16_t kRadiology = 420;
  const FlowShape shapes[] = {{}, {.vlan = kRadiology}, {.tcp = true}, {.tcp = true, .vlan = kRadiology}, {.v6 = true}};
  for (const auto& shape : shapes)
    for (const std::uint32_t flows : {1'000u, 100'000u, 1'000'000u}) {
      const std::string name = "settled/" + shape.name() + "/flows=" + std::to_string(flows);
      if (Bench::under_valgrind() && flows > 1'000) continue;  // the same instructions, and long in the making
      if (!bench.wants(name)) continue;
      SettledFlows settled(shape, flows);
      bench.measure(name, bursts * wardline::Batch::kMaxFrames,
                    [&](Region& region) { settled.random_bursts(region, bursts); });
    }
}
