// What it costs a worker to read a ClientHello of TLS, an Initial packet of QUIC, and, beside them, the head of an HTTP
// request and a question of DNS.
#include "dataplane/facts/client_hello.h"
#include "perf/dataplane/bench.h"
#include "tests/unit/dataplane/facts/hello.h"
#include "tests/unit/dataplane/facts/quic_seal.h"

namespace {

using namespace wardline::facts;
using wardline::perf::Bench;
using wardline::perf::Region;

constexpr std::uint64_t kReads = 500;

void measure(Bench& bench, const std::string& name, ReaderFunction* reader, const Octets& bytes) {
  if (!bench.wants(name)) return;
  bench.measure(name, kReads, [&](Region& region) {
    region.start();
    for (std::uint64_t i = 0; i < kReads; ++i) {
      FactSet facts;
      reader(bytes, true, facts);
      wardline::perf::keep(facts.values().size());
    }
    region.stop();
  });
}

// As many ciphers as a fingerprint may have, in no order: what a hostile client can make a worker do.
Hello largest_hello() {
  Hello hello;
  hello.ciphers.clear();
  for (unsigned i = 0; i < kMaxListed; ++i) hello.ciphers.push_back(i * 40503 % 65536);
  return hello;
}

}  // namespace

int main(int argc, char** argv) {
  Bench bench(argc, argv);
  const auto browser = browser_hello();
  measure(bench, "facts/tls-browser", read_tls, record(browser.handshake()));
  measure(bench, "facts/tls-largest", read_tls, record(largest_hello().handshake()));
  measure(bench, "facts/quic-browser", read_quic, seal_initial(QuicVersion::kV1, crypto_frame(0, browser.handshake())));
  auto forged = seal_initial(QuicVersion::kV1, crypto_frame(0, browser.handshake()));
  forged.back() ^= std::byte{1};
  measure(bench, "facts/quic-forged", read_quic, forged);
  measure(bench, "facts/http-request", read_http,
          Wire()
              .text("GET /fhir/Patient HTTP/1.1\r\nHost: fhir.example\r\nUser-Agent: pump/1.2\r\nAccept: */*\r\n\r\n")
              .octets);
  measure(bench, "facts/dns-question", read_dns,
          Wire().u32(0x12340100).u32(0x00010000).u32(0).text({"\3www\7example\3com\0\0\1\0\1", 21}).octets);
}
