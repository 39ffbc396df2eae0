// The same with the shipped policy, enforced, and every test capture: each reader, decoder and detector that is
// shipped.
#include <gmock/gmock.h>

#include <algorithm>

#include "controlplane/policy/policy.h"
#include "controlplane/replay/capture_reader.h"
#include "controlplane/replay/device_side.h"
#include "tests/unit/captures.h"
#include "tests/unit/dataplane/runtime/quiet/quiet_lane.h"
#include "tests/unit/dataplane/runtime/quiet/watch.h"
#include "tests/unit/packet_builder.h"
#include "tests/unit/signature_cache.h"

namespace wardline::test {
namespace {

constexpr std::size_t kMostFrames = 2000;  // of one capture: what comes later is more of the same

std::shared_ptr<const policy::Policy> shipped_policy() {
  auto numbers = enforce::DeviceSlots::open("", 64);
  policy::LoadOptions options;
  options.numbers = numbers->get();
  options.cache_folder = signature_cache();
  options.mode_override = enforce::Mode::kEnforce;
  auto loaded = policy::load(std::string(WARDLINE_SOURCE_ROOT) + "/policies", options);
  return loaded ? *loaded : nullptr;
}

// The frames of a capture by the legs that they come in by; broken ones as far as they go.
void replay(QuietLane& lane, const std::string& path) {
  auto sides = replay::DeviceSide::from_option("auto");
  auto reader = replay::CaptureReader::open(path);
  if (!sides || !reader) return;
  std::vector<Bytes> frames;
  for (auto frame = reader->next(); frame && frames.size() < kMostFrames; frame = reader->next()) {
    if (frame->bytes.size() < 14 || frame->bytes.size() > 9000) continue;
    frames.emplace_back(frame->bytes.begin(), frame->bytes.end());
    sides->look_ahead(packet::parse(frames.back()));
  }
  for (const auto& frame : frames) lane.give(frame, sides->side_of(packet::parse(frame)));
}

TEST(QuietWorkerOnCaptures, NothingIsAllocatedLockedOrAskedOfTheKernel) {
  const auto captures = captures_in("");
  if (captures.empty()) GTEST_SKIP() << kNoCaptures;
  const auto policy = shipped_policy();
  ASSERT_NE(policy, nullptr);
  WorkerOptions options;
  options.flows_v4 = options.flows_v6 = 16384;
  QuietLane lane(options, policy->make_snapshot(1));
  if (!lane.watch()) GTEST_SKIP() << watch::kCannot;
  (void)watch::take_offences();
  for (const auto& capture : captures) {
    replay(lane, capture);
    lane.settle();
    lane.seat_devices(policy->classes.size());
  }
  for (int i = 0; i < 10; ++i) lane.pass(3600 * kSecond);
  EXPECT_THAT(watch::take_offences(), testing::IsEmpty());
  EXPECT_GT(lane.worker().counters().received.read(), 10'000U);
}

}  // namespace
}  // namespace wardline::test
