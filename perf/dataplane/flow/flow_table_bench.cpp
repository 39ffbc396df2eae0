// Build: g++ -std=c++23 -O2 -I. $(pkg-config --cflags libdpdk) perf/dataplane/flow/flow_table_bench.cpp
//   dataplane/flow/flow_table.cpp dataplane/flow/flow_key.cpp $(pkg-config --libs libdpdk)
// Run: with the EAL options --no-huge --no-shconf --no-pci --no-telemetry -m 512 -l 0
//
// What does a look-up cost in bursts of 32, and what would it cost with rte_hash?
// One line for each table and size, for a script: name/flows, nanoseconds a look-up (median of the runs), deviation.
#include <rte_eal.h>
#include <rte_hash.h>
#include <rte_lcore.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <random>
#include <vector>

#include "dataplane/flow/flow_table.h"

namespace {

using namespace wardline::flow;

constexpr std::size_t kBurst = 32, kRuns = 9, kLookups = 1 << 20;
constexpr HashSeed kSeed{{0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89}};

std::vector<FlowKey4> keys_of(std::uint32_t count) {
  std::mt19937 random(42);
  std::vector<FlowKey4> keys(count);
  for (std::uint32_t n = 0; n < count; ++n)
    keys[n] = {n, static_cast<std::uint32_t>(random()), static_cast<std::uint16_t>(random()), 443, 7, 6, 0};
  return keys;
}

template <typename LookUp>
void measure(const char* name, std::size_t flows, const std::vector<FlowKey4>& asked, LookUp look_up) {
  std::array<double, kRuns> nanoseconds{};
  std::uint64_t sum = 0;
  for (auto& run : nanoseconds) {
    const auto begin = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < asked.size(); i += kBurst) sum += look_up(&asked[i]);
    run = std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count() /
          static_cast<double>(asked.size());
  }
  std::ranges::sort(nanoseconds);
  std::printf("%s/%zu %.1f ns/lookup, %.1f to %.1f (sum %llu)\n", name, flows, nanoseconds[kRuns / 2],
              nanoseconds.front(), nanoseconds.back(), static_cast<unsigned long long>(sum));
}

void measure_own(const std::vector<FlowKey4>& keys, const std::vector<FlowKey4>& asked) {
  FlowTable4 table(static_cast<std::uint32_t>(keys.size()), kSeed);
  for (const auto& key : keys) table.hot(table.insert(key, table.hash(key))).packets[0] = 1;
  measure("flow_table", keys.size(), asked, [&](const FlowKey4* burst) {
    std::array<std::uint64_t, kBurst> hashes;
    for (std::size_t i = 0; i < kBurst; ++i) table.prefetch_bucket(hashes[i] = table.hash(burst[i]));
    for (std::size_t i = 0; i < kBurst; ++i) table.prefetch_record(hashes[i]);
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < kBurst; ++i) sum += table.hot(table.find(burst[i], hashes[i])).packets[0];
    return sum;
  });
  std::printf("flow_table/%zu %.1f bytes/flow, %u overflowed\n", keys.size(),
              static_cast<double>(table.memory_bytes()) / static_cast<double>(keys.size()), table.overflowed());
}

void measure_rte_hash(const std::vector<FlowKey4>& keys, const std::vector<FlowKey4>& asked) {
  rte_hash_parameters parameters{};
  parameters.name = "bench";
  parameters.entries = static_cast<std::uint32_t>(keys.size() * 5 / 4 + 64);
  parameters.key_len = sizeof(FlowKey4);
  rte_hash* table = rte_hash_create(&parameters);
  if (table == nullptr) return static_cast<void>(std::puts("rte_hash: no memory"));
  std::vector<HotRecord4> records(parameters.entries);
  for (const auto& key : keys)
    if (const auto place = rte_hash_add_key(table, &key); place >= 0)
      records[static_cast<std::size_t>(place)].packets[0] = 1;
  measure("rte_hash", keys.size(), asked, [&](const FlowKey4* burst) {
    std::array<const void*, kBurst> wanted;
    std::array<std::int32_t, kBurst> places;
    for (std::size_t i = 0; i < kBurst; ++i) wanted[i] = &burst[i];
    rte_hash_lookup_bulk(table, wanted.data(), kBurst, places.data());
    for (const auto place : places)
      if (place >= 0) __builtin_prefetch(&records[static_cast<std::size_t>(place)]);
    std::uint64_t sum = 0;
    for (const auto place : places)
      if (place >= 0) sum += records[static_cast<std::size_t>(place)].packets[0];
    return sum;
  });
  rte_hash_free(table);
}

}  // namespace

int main(int argc, char** argv) {
  if (rte_eal_init(argc, argv) < 0) return 2;
  for (const std::uint32_t flows : {1'000u, 100'000u, 1'000'000u}) {
    const auto keys = keys_of(flows);
    std::mt19937 random(7);
    std::vector<FlowKey4> asked(kLookups);
    for (auto& key : asked) key = keys[random() % flows];
    measure_own(keys, asked);
    measure_rte_hash(keys, asked);
  }
  rte_eal_cleanup();
}
