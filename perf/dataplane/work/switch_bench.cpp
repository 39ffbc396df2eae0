// What a new snapshot costs a worker: a turn that takes it over, and the first packet of a flow after it, which decides
// the flow again from what is remembered.
#include "perf/dataplane/work/settled_flows.h"

using namespace wardline;
using namespace wardline::perf;

int main(int argc, char** argv) {
  Bench bench(argc, argv);
  constexpr std::uint32_t kFlows = 10'000;
  constexpr std::uint64_t kTurns = 1024;
  for (const bool tcp : {false, true}) {
    const FlowShape shape{.tcp = tcp};
    const std::string turn = "switch/idle-turn", again = "switch/decided-again/" + shape.name();
    const bool wants_turn = !tcp && bench.wants(turn);
    if (const bool wants_again = bench.wants(again); wants_turn || wants_again) {
      SettledFlows settled(shape, kFlows);
      if (wants_turn)
        bench.measure(turn, kTurns, [&](Region& region) {
          Batch idle;
          for (std::uint64_t i = 0; i < kTurns; ++i) {
            region.start();
            settled.loaded().process(idle);
            region.stop();
          }
        });
      if (wants_again)
        bench.measure(again, kFlows, [&](Region& region) {
          settled.loaded().publish_again();
          settled.every_flow(region);
        });
    }
  }
}
