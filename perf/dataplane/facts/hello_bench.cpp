// Build: g++ -std=c++23 -O2 -I. perf/dataplane/facts/hello_bench.cpp dataplane/facts/{client_hello,fingerprints}.cpp
//   dataplane/facts/{http,dns,quic_hello,quic_keys,quic_packet,tls,wire_text}.cpp -lnettle
//
// What does it cost a worker to read a ClientHello of TLS, an Initial packet of QUIC, and, beside them, the head of an
// HTTP request and a question of DNS? One line for each, for a script: name, nanoseconds (median of the runs),
// deviation of a run.
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "dataplane/facts/client_hello.h"
#include "tests/unit/dataplane/facts/hello.h"
#include "tests/unit/dataplane/facts/quic_seal.h"

namespace {

using namespace wardline::facts;

constexpr std::size_t kRuns = 15, kReads = 2000;

void measure(const char* name, ReaderFunction* reader, const Octets& bytes) {
  std::array<double, kRuns> nanoseconds{};
  std::size_t found = 0;
  for (auto& run : nanoseconds) {
    const auto begin = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < kReads; ++i) {
      FactSet facts;
      reader(bytes, true, facts);
      found += facts.values().size();
    }
    run = std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count() / kReads;
  }
  std::ranges::sort(nanoseconds);
  const double median = nanoseconds[kRuns / 2];
  double squares = 0;
  for (const double run : nanoseconds) squares += (run - median) * (run - median);
  std::printf("%s %.0f %.0f (%zu facts)\n", name, median, std::sqrt(squares / kRuns), found / kRuns / kReads);
}

// As many ciphers as a fingerprint may have, in no order: what a hostile client can make a worker do.
Hello largest_hello() {
  Hello hello;
  hello.ciphers.clear();
  for (unsigned i = 0; i < kMaxListed; ++i) hello.ciphers.push_back(i * 40503 % 65536);
  return hello;
}

}  // namespace

int main() {
  const auto browser = browser_hello();
  measure("tls/browser", read_tls, record(browser.handshake()));
  measure("tls/largest", read_tls, record(largest_hello().handshake()));
  measure("quic/browser", read_quic, seal_initial(QuicVersion::kV1, crypto_frame(0, browser.handshake())));
  auto forged = seal_initial(QuicVersion::kV1, crypto_frame(0, browser.handshake()));
  forged.back() ^= std::byte{1};
  measure("quic/forged", read_quic, forged);
  measure("http/request", read_http,
          Wire()
              .text("GET /fhir/Patient HTTP/1.1\r\nHost: fhir.example\r\nUser-Agent: pump/1.2\r\nAccept: */*\r\n\r\n")
              .octets);
  measure("dns/question", read_dns,
          Wire().u32(0x12340100).u32(0x00010000).u32(0).text({"\3www\7example\3com\0\0\1\0\1", 21}).octets);
}
