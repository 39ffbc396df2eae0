// What a look-up costs in bursts of 32, record included, and what it would cost with rte_hash in bulk.
#include <rte_eal.h>
#include <rte_hash.h>
#include <sched.h>

#include <array>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "dataplane/flow/flow_table.h"
#include "perf/dataplane/bench.h"

namespace {

using namespace wardline::flow;
using wardline::perf::Bench;
using wardline::perf::keep;
using wardline::perf::Region;

constexpr std::size_t kBurst = 32;
constexpr HashSeed kSeed{{0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89}};

struct Keys {
  std::vector<FlowKey4> all, asked;
};

Keys keys_of(std::uint32_t count) {
  Keys keys;
  std::mt19937 random(42);
  keys.all.resize(count);
  for (std::uint32_t n = 0; n < count; ++n)
    keys.all[n] = {n, static_cast<std::uint32_t>(random()), static_cast<std::uint16_t>(random()), 443, 7, 6, 0};
  keys.asked.resize(Bench::under_valgrind() ? 1 << 14 : 1 << 18);
  for (auto& key : keys.asked) key = keys.all[random() % count];
  return keys;
}

template <typename LookUp>
void measure(Bench& bench, const std::string& name, const Keys& keys, LookUp look_up) {
  bench.measure(name, keys.asked.size(), [&](Region& region) {
    region.start();
    for (std::size_t i = 0; i < keys.asked.size(); i += kBurst) keep(look_up(&keys.asked[i]));
    region.stop();
  });
}

void measure_own(Bench& bench, const std::string& name, const Keys& keys) {
  FlowTable4 table(static_cast<std::uint32_t>(keys.all.size()), kSeed);
  for (const auto& key : keys.all) table.insert(key, table.hash(key));
  measure(bench, name, keys, [&](const FlowKey4* burst) {
    std::array<std::uint64_t, kBurst> hashes;
    std::array<FlowIndex, kBurst> likely;
    for (std::size_t i = 0; i < kBurst; ++i) table.prefetch_first(hashes[i] = table.hash(burst[i]));
    for (std::size_t i = 0; i < kBurst; ++i) keep(table.likely_first(hashes[i], likely[i]));
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < kBurst; ++i) sum += table.hot(table.find(burst[i], hashes[i])).key.low_address;
    return sum;
  });
}

// One EAL for all cases, on the core that this runs on, without huge pages or sockets.
bool start_eal() {
  static const bool started = [] {
    std::string core = std::to_string(sched_getcpu());
    std::array<std::string, 9> words{"bench", "--no-huge", "--no-shconf",     "--no-pci", "--no-telemetry",
                                     "-m",    "512",       "--log-level=err", "-l"};
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(core.data());
    return rte_eal_init(static_cast<int>(arguments.size()), arguments.data()) >= 0;
  }();
  return started;
}

void measure_rte_hash(Bench& bench, const std::string& name, const Keys& keys) {
  if (!start_eal()) return static_cast<void>(std::fputs("rte_hash: DPDK's environment did not start\n", stderr));
  rte_hash_parameters parameters{};
  parameters.name = "bench";
  parameters.entries = static_cast<std::uint32_t>(keys.all.size() * 5 / 4 + 64);
  parameters.key_len = sizeof(FlowKey4);
  rte_hash* table = rte_hash_create(&parameters);
  if (table == nullptr) return static_cast<void>(std::fputs("rte_hash: no memory\n", stderr));
  std::vector<HotRecord4> records(parameters.entries);
  for (const auto& key : keys.all)
    if (const auto place = rte_hash_add_key(table, &key); place >= 0)
      records[static_cast<std::size_t>(place)].key = key;
  measure(bench, name, keys, [&](const FlowKey4* burst) {
    std::array<const void*, kBurst> wanted;
    std::array<std::int32_t, kBurst> places;
    for (std::size_t i = 0; i < kBurst; ++i) wanted[i] = &burst[i];
    rte_hash_lookup_bulk(table, wanted.data(), kBurst, places.data());
    for (const auto place : places)
      if (place >= 0) __builtin_prefetch(&records[static_cast<std::size_t>(place)]);
    std::uint64_t sum = 0;
    for (const auto place : places)
      if (place >= 0) sum += records[static_cast<std::size_t>(place)].key.low_address;
    return sum;
  });
  rte_hash_free(table);
}

}  // namespace

int main(int argc, char** argv) {
  Bench bench(argc, argv);
  for (const std::uint32_t flows : {1'000u, 100'000u, 1'000'000u}) {
    const auto number = "/flows=" + std::to_string(flows);
    const auto own = "table/own" + number, other = "table/rte_hash" + number;
    const bool wants_own = bench.wants(own);
    const bool wants_other = !Bench::under_valgrind() && bench.wants(other);
    if (!wants_own && !wants_other) continue;
    if (Bench::under_valgrind() && flows > 1'000) continue;
    const auto keys = keys_of(flows);
    if (wants_own) measure_own(bench, own, keys);
    if (wants_other) measure_rte_hash(bench, other, keys);
  }
}
