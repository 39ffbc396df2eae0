// Whole frames through the whole worker, under a policy that reaches every path: no frame may take it out of its
// bounds, and every one is accounted for.
#include <cstdlib>
#include <memory>
#include <span>
#include <vector>

#include "dataplane/enforce/snapshot.h"
#include "dataplane/packet/packet_view.h"
#include "dataplane/worker.h"

namespace {

using namespace wardline;
using enforce::FailureAction;
using enforce::Mode;

// One enforced segment on every tag; unidentified devices may open anything as unclassified TCP, Modbus reads on 502,
// FTP on 21 and DHCP; everything else is blocked.
std::unique_ptr<const enforce::Snapshot> policy() {
  auto policy = std::make_unique<enforce::Snapshot>();
  policy->epoch = 1;
  policy->segments.resize(2);
  for (auto& segment : policy->segments)
    segment = {.defined = true, .mode = Mode::kEnforce, .unidentified_mode = Mode::kEnforce};
  policy->classes.resize(1);
  policy->classes[0].defined = true;
  policy->classes[0].inspect_bytes = 512;
  policy->classes[0].on_violation = enforce::OnViolation::kReject;
  std::vector<enforce::SegmentMap::Entry> tags;
  for (const Side side : {Side::kDevice, Side::kCore})
    tags.push_back({.bundle = -1, .side = side, .outer = 0, .inner = -1, .segment = 1});
  policy->segment_map = enforce::SegmentMap(tags, 1);
  policy->port_ranges = {{502, 502}, {21, 21}, {67, 68}, {1, 400}};
  policy->app_ids = {1, 2, 3};
  for (std::uint32_t i = 0; i < 4; ++i) {
    enforce::Rule rule;
    rule.id = i;
    rule.peer.any = true;
    rule.apps = {i, i < 3 ? 1U : 0U};
    rule.unclassified = i == 3;
    rule.ports = {i, 1};
    rule.fact_tests = {0, i == 0 ? 1U : 0U};
    policy->rules.push_back(rule);
  }
  policy->classes[0].rules = {0, 4};
  policy->known.modbus = 1;
  policy->known.ftp = 2;
  policy->known.dhcp = 3;
  policy->apps.resize(8);
  policy->apps[1].reader = facts::Reader::kModbus;
  policy->fact_tests = {{facts::Fact::kModbusAccess, {"read"}}};
  policy->on_failure.fill(FailureAction::kAllow);
  policy->undecided_limit.fill(FailureAction::kDrop);
  policy->timeouts = {1000, 1000, 1000, 1000, 1000, 1000};
  return policy;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  SnapshotPublisher publisher;
  static const auto slots = std::move(*enforce::DeviceSlots::open("", 64));
  enforce::QuarantineBudgets budgets;
  WorkerOptions options;
  options.flows_v4 = options.flows_v6 = 64;
  options.undecided = 4;
  options.fragments = 8;
  options.events = 256;
  options.frame_copies = 4;
  options.seed = {{1, 2, 3, 4}};
  Worker worker(options, publisher, *slots, budgets);
  if (!publisher.publish(policy())) std::abort();

  // [length, side and time step] frame, again and again; a seed that is a bare frame is taken as one, too.
  auto rest = std::as_bytes(std::span(data, size));
  Tick now = kSecond;
  std::uint64_t frames = 0, passed = 0;
  Batch batch;
  while (rest.size() > 2) {
    const auto length = std::min<std::size_t>(std::to_integer<std::size_t>(rest[0]) * 6, rest.size() - 2);
    const auto control = std::to_integer<std::uint8_t>(rest[1]);
    const std::vector<std::byte> exact(rest.begin() + 2, rest.begin() + 2 + static_cast<std::ptrdiff_t>(length));
    batch.size = 1;
    batch.frames[0] = Frame{.bytes = exact,
                            .wire_length = static_cast<std::uint32_t>(exact.size()),
                            .side = (control & 1) != 0 ? Side::kCore : Side::kDevice};
    worker.process(batch, now += (control >> 1) * kMillisecond * 20);
    ++frames;
    passed += batch.frames[0].drop == Reason::kNone && !batch.frames[0].held ? 1 : 0;
    passed += batch.released_count;
    rest = rest.subspan(2 + length);
  }
  const auto& counters = worker.counters();
  if (counters.received.read() != frames) std::abort();
  if (frames != passed + counters.dropped_total() + counters.held.read()) std::abort();
  while (!worker.finish(now))
    while (worker.events().front() != nullptr) worker.events().pop();
  return 0;
}
