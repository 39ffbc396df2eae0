// What stands in the frames that come of formulas.
#include <gmock/gmock.h>

#include <map>
#include <set>
#include <tuple>

#include "tests/unit/perf/generator/source.h"

namespace wardline::perf {
namespace {

using testing::SizeIs;

using Key = std::tuple<std::array<std::uint8_t, 16>, std::array<std::uint8_t, 16>, std::uint16_t, std::uint16_t>;

// The same for both directions: device first.
Key conversation(const Source::Sent& frame) {
  const auto view = frame.view();
  if (frame.from == Leg::kDevice) return {view.source.bytes, view.target.bytes, view.source_port, view.target_port};
  return {view.target.bytes, view.source.bytes, view.target_port, view.source_port};
}

struct Case {
  const char* spec;
  std::size_t length;
};

class Formula : public testing::TestWithParam<Case> {};

TEST_P(Formula, GivesWholeFramesWithRightChecksums) {
  Source source(GetParam().spec);
  for (const auto& frame : source.take(2000)) {
    ASSERT_EQ(frame.bytes.size(), GetParam().length);
    ASSERT_TRUE(has_right_checksums(frame));
    ASSERT_TRUE(source->is_unharmed(other(frame.from), frame.bytes, frame.item));
  }
}

TEST_P(Formula, SeesEveryChangedBit) {
  Source source(GetParam().spec);
  auto frame = source.take(1).front();
  for (std::size_t byte = 12; byte < frame.bytes.size(); ++byte) {
    frame.bytes[byte] ^= std::byte{0x10};
    EXPECT_FALSE(source->is_unharmed(other(frame.from), frame.bytes, frame.item)) << "byte " << byte;
    frame.bytes[byte] ^= std::byte{0x10};
  }
}

TEST_P(Formula, LetsAForwarderWriteItsMacs) {
  Source source(GetParam().spec);
  auto frame = source.take(1).front();
  std::fill_n(frame.bytes.begin(), 12, std::byte{0x77});
  EXPECT_TRUE(source->is_unharmed(other(frame.from), frame.bytes, frame.item));
}

INSTANTIATE_TEST_SUITE_P(, Formula,
                         testing::Values(Case{"udp:flows=1000", 64}, Case{"udp:flows=64000;devices=32;peers=4", 64},
                                         Case{"udp:flows=100;size=1518", 1518}, Case{"udp:size=65;vlan=410", 69},
                                         Case{"newudp:devices=7", 64}, Case{"scan:size=64", 64},
                                         Case{"scan:size=333", 333}, Case{"udp:flows=5000;pick=zipf", 64}));

TEST(UdpFlows, AreAsManyAsAskedForAndGoBothWays) {
  Source source("udp:flows=600;devices=60;peers=2", RunOrder::kWarmUp);
  std::map<Key, std::array<int, 2>> seen;
  for (const auto& frame : source.take(1200)) ++seen[conversation(frame)][frame.from == Leg::kCore];
  EXPECT_THAT(seen, SizeIs(600));
  for (const auto& [key, frames] : seen) EXPECT_EQ(frames, (std::array{1, 1}));
  EXPECT_EQ(source->rounds(), 1U);
}

// Who speaks first has opened the flow.
TEST(UdpFlows, AreOpenedByTheDeviceInWarmUp) {
  Source source("udp:flows=100", RunOrder::kWarmUp);
  EXPECT_THAT(source.burst(Leg::kCore), SizeIs(0));
  EXPECT_THAT(source.burst(Leg::kDevice, 5), SizeIs(5));
  EXPECT_THAT(source.burst(Leg::kCore), SizeIs(5));
}

TEST(UdpFlows, OfAQueueAreThoseOfItsDevices) {
  std::set<Key> all;
  for (std::uint32_t queue = 0; queue < 3; ++queue) {
    Source source("udp:flows=300;devices=100", RunOrder::kWarmUp, {queue, 3});
    for (const auto& frame : source.take(2 * source->flows())) {
      const auto device = frame.from == Leg::kDevice ? frame.view().source : frame.view().target;
      EXPECT_EQ(device.bytes[15] % 3, queue);  // 10.20.1.0 is device 0
      all.insert(conversation(frame));
    }
  }
  EXPECT_THAT(all, SizeIs(300));
}

TEST(NewUdpFlows, AreNeverSeenTwice) {
  Source source("newudp:devices=3;peers=2");
  std::set<Key> seen;
  const auto frames = source.take(250'000);  // past the ports of a device toward both peers
  for (const auto& frame : frames) {
    ASSERT_EQ(frame.from, Leg::kDevice);
    ASSERT_TRUE(seen.insert(conversation(frame)).second);
  }
}

TEST(Scan, NeverRepeatsAPayload) {
  Source source("scan:flows=10");
  std::set<std::vector<std::byte>> seen;
  for (const auto& frame : source.take(5000)) {
    const auto payload = frame.view().payload;
    EXPECT_TRUE(seen.insert({payload.begin(), payload.end()}).second);
  }
}

}  // namespace
}  // namespace wardline::perf
