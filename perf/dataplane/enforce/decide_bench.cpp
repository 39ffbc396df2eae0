// What one decision of the shipped policy costs: worked out, and remembered, as nearly all of a worker's are.
#include "dataplane/enforce/decide.h"

#include "controlplane/records/facts.h"
#include "dataplane/enforce/decision_memo.h"
#include "perf/dataplane/bench.h"
#include "perf/dataplane/work/loaded_worker.h"
#include "tests/unit/packet_builder.h"

using namespace wardline;
using namespace wardline::perf;

namespace {

constexpr std::uint64_t kDecisions = 8192;

enforce::FlowFacts facts_of(const policy::Policy& policy, std::string_view device_class, std::string_view peer,
                            std::uint8_t proto, std::uint16_t port, AppId app) {
  enforce::FlowFacts facts;
  facts.segment = records::segment_named(policy, "first-ward");
  facts.device.device_class = records::class_named(policy, device_class);
  facts.device_address = test::address("10.20.0.7");
  facts.peer = test::address(peer);
  facts.peer_sets = policy.plain.addresses.find(facts.peer);
  facts.proto = proto;
  facts.device_port = 40'000;
  facts.peer_port = port;
  facts.app = app;
  facts.app_state = app != kNoApp ? enforce::AppState::kProved : enforce::AppState::kUnknown;
  return facts;
}

template <typename Ask>
void measure(Bench& bench, const std::string& name, Ask ask) {
  if (!bench.wants(name)) return;
  bench.measure(name, kDecisions, [&](Region& region) {
    region.start();
    for (std::uint64_t i = 0; i < kDecisions; ++i) {
      const auto answer = ask(i);
      keep(&answer);
    }
    region.stop();
  });
}

void measure_decide(Bench& bench, const policy::Policy& policy, const std::string& name,
                    const enforce::FlowFacts& facts) {
  measure(bench, "decide/" + name, [&](std::uint64_t) {
    keep(&facts);
    return enforce::decide(policy.plain, facts);
  });
}

// Flows that differ by the port that their client took.
void measure_memo(Bench& bench, const policy::Policy& policy, enforce::FlowFacts facts) {
  enforce::DecisionMemo memo(WorkerOptions{}.decisions, {{0x9e37'79b9'7f4a'7c15, 0xbf58'476d, 0x94d0'49bb, 0x1331}});
  memo.decide(policy.plain, facts);
  memo.guess_opener(policy.plain, facts);
  const auto next = [&](std::uint64_t i) {
    facts.device_port = static_cast<std::uint16_t>(32'768 + i);
    keep(&facts);
  };
  measure(bench, "memo/decide", [&](std::uint64_t i) {
    next(i);
    return memo.decide(policy.plain, facts);
  });
  measure(bench, "memo/guess-opener", [&](std::uint64_t i) {
    next(i);
    return memo.guess_opener(policy.plain, facts);
  });
}

}  // namespace

int main(int argc, char** argv) {
  Bench bench(argc, argv);
  LoadedWorker loaded;
  const auto& policy = loaded.policy();
  const auto& known = policy.plain.known;
  const std::string_view pump = "infusion-pump", nowhere = "203.0.113.9", server = "10.40.2.5";
  measure_decide(bench, policy, "essential", facts_of(policy, pump, server, 6, 443, known.tls));
  measure_decide(bench, policy, "not-proved-yet", facts_of(policy, pump, server, 6, 443, kNoApp));
  measure_decide(bench, policy, "infrastructure", facts_of(policy, pump, "10.40.0.2", 17, 53, known.dns));
  measure_decide(bench, policy, "no-rule", facts_of(policy, pump, nowhere, 6, 80, known.http));
  measure_decide(bench, policy, "unidentified", facts_of(policy, "unidentified", nowhere, 6, 80, known.http));
  measure_memo(bench, policy, facts_of(policy, "unidentified", nowhere, 17, 5000, kNoApp));
}
