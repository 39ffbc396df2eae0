// What one decision of the shipped policy costs: asked once a flow, and again when an epoch moved.
#include "dataplane/enforce/decide.h"

#include "controlplane/records/facts.h"
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

void measure(Bench& bench, const policy::Policy& policy, const std::string& name, const enforce::FlowFacts& facts) {
  if (!bench.wants(name)) return;
  bench.measure(name, kDecisions, [&](Region& region) {
    region.start();
    for (std::uint64_t i = 0; i < kDecisions; ++i) {
      keep(&facts);
      const auto decision = enforce::decide(policy.plain, facts);
      keep(&decision);
    }
    region.stop();
  });
}

}  // namespace

int main(int argc, char** argv) {
  Bench bench(argc, argv);
  LoadedWorker loaded;
  const auto& policy = loaded.policy();
  const auto& known = policy.plain.known;
  const std::string_view pump = "infusion-pump", nowhere = "203.0.113.9", server = "10.40.2.5";
  measure(bench, policy, "decide/essential", facts_of(policy, pump, server, 6, 443, known.tls));
  measure(bench, policy, "decide/not-proved-yet", facts_of(policy, pump, server, 6, 443, kNoApp));
  measure(bench, policy, "decide/infrastructure", facts_of(policy, pump, "10.40.0.2", 17, 53, known.dns));
  measure(bench, policy, "decide/no-rule", facts_of(policy, pump, nowhere, 6, 80, known.http));
  measure(bench, policy, "decide/unidentified", facts_of(policy, "unidentified", nowhere, 6, 80, known.http));
}
