// What a scan with the shipped signatures costs, applications and threats, by the length of the payload. Nothing in it
// matches, which is what nearly all payload does; and what it costs over short datagrams, each another one: random
// bytes, and the header of RTP, which is an application's. With WARDLINE_POLICY, the signatures of that policy
// (perf/policies/make_policy makes one of 3,000).
#include <random>
#include <string>
#include <vector>

#include "perf/dataplane/bench.h"
#include "perf/dataplane/work/loaded_worker.h"

using namespace wardline;
using namespace wardline::perf;

namespace {

constexpr std::uint64_t kScans = 512;

// Records of words and numbers: neither text that a rule speaks of nor random bytes.
std::string payload_of(std::size_t size) {
  std::mt19937 draw(2026);
  std::string bytes;
  while (bytes.size() < size) {
    for (unsigned i = draw() % 12; i != 0; --i) bytes += static_cast<char>('a' + draw() % 26);
    for (unsigned i = draw() % 6; i != 0; --i) bytes += static_cast<char>(draw());
  }
  bytes.resize(size);
  return bytes;
}

std::vector<std::string> random_payloads(std::size_t size) {
  std::mt19937 draw(2026);
  std::vector<std::string> payloads(kScans, std::string(size, '\0'));
  for (auto& payload : payloads)
    for (auto& c : payload) c = static_cast<char>(draw());
  return payloads;
}

// Version 2, payload type 0; sequence number, time and source are any.
std::vector<std::string> rtp_payloads() {
  auto payloads = random_payloads(12);
  for (auto& payload : payloads) payload.replace(0, 2, std::string("\x80\x00", 2));
  return payloads;
}

// Many expressions may begin like a request, and like a query of the domain name system.
std::vector<std::string> requests() {
  std::vector<std::string> payloads;
  for (std::uint64_t i = 0; i < kScans; ++i)
    payloads.push_back("GET /images/" + std::to_string(i * 7919) + ".html?user=guest HTTP/1.1\r\nHost: server-" +
                       std::to_string(i % 100) +
                       ".example\r\nUser-Agent: agent/1.0 (X11; en)\r\nAccept: text/html,*/*;q=0.8\r\n\r\n");
  return payloads;
}

std::vector<std::string> queries() {
  auto payloads = random_payloads(2);
  for (auto& payload : payloads) payload += std::string("\1\0\0\1\0\0\0\0\0\0\3www\7example\3org\0\0\1\0\1", 31);
  return payloads;
}

void measure_each(Bench& bench, const std::string& name, const classify::DatabaseSet& databases,
                  const std::vector<std::string>& payloads, bool applications,
                  classify::Transport transport = classify::Transport::kUdp) {
  if (!bench.wants(name)) return;
  bench.measure(name, kScans, [&](Region& region) {
    region.start();
    for (const auto& payload : payloads) {
      const classify::ScanInput input{
          .transport = transport, .bytes = std::as_bytes(std::span(payload)), .applications = applications};
      keep(databases.scan(input, 0).threat_count);
    }
    region.stop();
  });
}

}  // namespace

int main(int argc, char** argv) {
  Bench bench(argc, argv);
  LoadedWorker loaded;
  const auto& databases = *loaded.policy().plain.databases;
  for (const bool udp : {true, false})
    for (const bool applications : {true, false})
      for (const std::size_t size : {22UL, 512UL, 2048UL}) {
        const std::string name = std::string("shipped/") + (udp ? "udp" : "tcp") +
                                 (applications ? "/all/" : "/threats/") + std::to_string(size) + "-bytes";
        if (!bench.wants(name)) continue;
        const auto payload = payload_of(size);
        const classify::ScanInput input{.transport = udp ? classify::Transport::kUdp : classify::Transport::kTcp,
                                        .bytes = std::as_bytes(std::span(payload)),
                                        .applications = applications};
        bench.measure(name, kScans, [&](Region& region) {
          region.start();
          for (std::uint64_t i = 0; i < kScans; ++i) keep(databases.scan(input, 0).threat_count);
          region.stop();
        });
      }
  measure_each(bench, "shipped/udp/threats/22-random", databases, random_payloads(22), false);
  measure_each(bench, "shipped/udp/all/22-random", databases, random_payloads(22), true);
  measure_each(bench, "shipped/udp/threats/12-rtp", databases, rtp_payloads(), false);
  measure_each(bench, "shipped/udp/all/12-rtp", databases, rtp_payloads(), true);
  for (const bool applications : {false, true}) {
    const std::string subjects = applications ? "/all/" : "/threats/";
    measure_each(bench, "shipped/udp" + subjects + "dns-query", databases, queries(), applications);
    measure_each(bench, "shipped/tcp" + subjects + "http-request", databases, requests(), applications,
                 classify::Transport::kTcp);
  }
}
