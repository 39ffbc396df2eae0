// What it costs to read a frame's headers.
#include "dataplane/packet/packet_view.h"
#include "perf/dataplane/bench.h"
#include "tests/unit/packet_builder.h"

using namespace wardline;
using namespace wardline::perf;

namespace {

constexpr std::uint64_t kParses = 32'768;

void measure(Bench& bench, const std::string& name, const test::FrameBuilder& frame) {
  if (!bench.wants(name)) return;
  const auto bytes = frame.bytes();
  bench.measure(name, kParses, [&](Region& region) {
    region.start();
    for (std::uint64_t i = 0; i < kParses; ++i) {
      keep(bytes.data());
      const auto view = packet::parse(bytes);
      keep(&view);
    }
    region.stop();
  });
}

}  // namespace

int main(int argc, char** argv) {
  Bench bench(argc, argv);
  const auto v4 = [] { return test::frame().ipv4("10.1.0.2", "10.2.0.9"); };
  const auto v6 = [] { return test::frame().ipv6("fd00::2", "fd01::9"); };
  const std::string payload(18, 'x');
  measure(bench, "parse/udp4", v4().udp(5000, 5004).payload(payload));
  measure(bench, "parse/udp4-tagged", v4().vlan(410).udp(5000, 5004).payload(payload));
  measure(bench, "parse/tcp4", v4().tcp(5000, 443).payload(payload));
  measure(bench, "parse/tcp4-two-tags", v4().vlan(20).vlan(410).tcp(5000, 443).payload(payload));
  measure(bench, "parse/udp6", v6().udp(5000, 5004).payload(payload));
  measure(bench, "parse/tcp6-tagged", v6().vlan(410).tcp(5000, 443).payload(payload));
  measure(bench, "parse/arp", test::frame().arp(1, "10.1.0.2", "10.1.0.1").pad_to(60));
}
