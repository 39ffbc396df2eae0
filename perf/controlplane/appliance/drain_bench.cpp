// Build: scripts/build, then g++ -std=c++23 -O2 -I. perf/controlplane/appliance/drain_bench.cpp -Wl,--start-group
//   $(find build -name 'libwardline_*.a' ! -name '*runtime*' ! -name '*cli*' ! -name '*daemon*') -Wl,--end-group
//   $(pkg-config --libs yaml-0.1 libhs sqlite3 libsodium nettle libgit2 fmt tbb re2 libpcap)
// Run: drain_bench POLICY-FOLDER WORK-FOLDER [EVENTS] [PEERS]
//
// What does a flow record cost the control thread, from the event in the ring to the row in the inventory? The devices
// speak with PEERS addresses (1), so there are as many conversations a device. An inventory that is there already as
// WORK-FOLDER/drain_bench.db is added to.
// One line a run: microseconds an event, records made.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "controlplane/appliance/appliance.h"

namespace {

using namespace wardline;

constexpr std::uint8_t kDevices = 100;
constexpr int kRuns = 5;

Event flow_of(std::uint32_t number, std::uint32_t peers, const enforce::DeviceSlots& slots, Tick now) {
  const auto device = static_cast<std::uint8_t>(1 + number % kDevices);
  Event event;
  event.kind = EventKind::kFlow;
  event.final = true;
  event.segment = 1;
  event.device_mac = Mac{{2, 0x57, 0xc2, 0, 0, device}};
  event.slot = slots.find_mac(event.segment, event.device_mac);
  event.device_ip = Address::v4(0x0a140000u + device);
  event.peer_ip = Address::v4(0x0a280205 + number / kDevices % peers);  // from 10.40.2.5, a pump server, on
  event.device_port = static_cast<std::uint16_t>(1024 + number % 60000);
  event.peer_port = 443;
  event.proto = 6;
  event.app = 9;
  event.app_state = enforce::AppState::kProved;
  event.opened_by = flow::OpenedBy::kDevice;
  event.rule = number % 2 == 0 ? 3 : kNoRule;
  event.step = number % 2 == 0 ? enforce::Step::kInfrastructure : enforce::Step::kSegment;
  event.policy_epoch = 1;
  event.packets_from_device = event.packets_to_device = 9;
  event.bytes_from_device = event.bytes_to_device = 4000;
  event.time = now;
  event.first_seen = now - kSecond;
  event.flow_id = number + 1;
  return event;
}

}  // namespace

int main(int count, char** words) {
  if (count < 3) return std::puts("usage: drain_bench POLICY-FOLDER WORK-FOLDER [EVENTS] [PEERS]"), 2;
  const auto events = static_cast<std::uint32_t>(count > 3 ? std::strtoul(words[3], nullptr, 10) : 50'000);
  const auto peers = static_cast<std::uint32_t>(count > 4 ? std::strtoul(words[4], nullptr, 10) : 1);
  auto slots = enforce::DeviceSlots::open("", 1u << 18);
  SnapshotPublisher publisher;
  enforce::QuarantineBudgets budgets;
  appliance::Options options;
  options.store_path = std::string(words[2]) + "/drain_bench.db";
  const auto wall = [] {
    return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  };
  auto appliance = appliance::Appliance::open(options, publisher, **slots, budgets, wall());
  SpscRing<Event> ring(events + 1);
  SpscRing<FrameCopy> copies(16);
  (*appliance)->add_source({&ring, &copies, nullptr});
  policy::LoadOptions load;
  load.numbers = slots->get();
  load.cache_folder = std::string(words[2]) + "/signatures";
  Tick now = 1000 * kSecond;
  if (!(*appliance)->load_policy(words[1], load, now, wall())) return std::puts("the policy does not load"), 1;
  for (std::uint8_t device = 0; device < kDevices; ++device) {
    Event seen = flow_of(device, peers, **slots, now);
    seen.kind = EventKind::kDeviceSeen;
    ring.put(seen);
  }
  while ((*appliance)->drain(now, wall(), {}) != 0) {
  }
  for (int run = 0; run < kRuns; ++run) {
    now += 10 * kSecond;
    for (std::uint32_t i = 0; i < events; ++i) ring.put(flow_of(i, peers, **slots, now));
    const auto began = std::chrono::steady_clock::now();
    while ((*appliance)->drain(now, wall(), {}) != 0) {
    }
    (*appliance)->maintenance(now, wall(), {});
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - began;
    std::printf("drain/flow %.2f %llu\n", took.count() / events,
                static_cast<unsigned long long>((*appliance)->records_made("flow")));
  }
}
