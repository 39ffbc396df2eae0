// Connections that stay: what a receiver on either side would make of their segments.
#include <gmock/gmock.h>

#include <map>

#include "tests/unit/perf/generator/source.h"

namespace wardline::perf {
namespace {

struct End {
  bool opened = false;
  std::uint32_t next = 0;  // what this end sends next
};

// Follows every connection and fails at the first segment that its receiver would not take as the next one.
class Follower {
 public:
  void take(const Source::Sent& frame) {
    const auto view = frame.view();
    const bool from_device = frame.from == Leg::kDevice;
    const auto device = from_device ? view.source : view.target;
    const auto port = static_cast<std::uint32_t>(from_device ? view.source_port : view.target_port) << 16 |
                      (from_device ? view.target_port : view.source_port);
    auto& [one, two] = connections_[{device.bytes, port}];
    End& mine = from_device ? one : two;
    const End& theirs = from_device ? two : one;
    ASSERT_EQ((view.tcp_flags & packet::kSyn) != 0, !mine.opened);
    if (mine.opened) {
      ASSERT_EQ(view.sequence, mine.next);
    }
    if ((view.tcp_flags & packet::kAck) != 0) {
      ASSERT_TRUE(theirs.opened);
      ASSERT_EQ(view.acknowledgement, theirs.next);
    }
    mine.next = view.sequence + static_cast<std::uint32_t>(view.payload.size()) + (mine.opened ? 0 : 1);
    mine.opened = true;
  }
  std::size_t connections() const { return connections_.size(); }

 private:
  std::map<std::pair<std::array<std::uint8_t, 16>, std::uint32_t>, std::pair<End, End>> connections_;
};

class Connections : public testing::TestWithParam<const char*> {};

TEST_P(Connections, OpenInOrderAndGoOnWithoutAGap) {
  Source source(GetParam(), RunOrder::kMeasured);
  Follower follower;
  for (const auto& frame : source.take(6000)) {
    ASSERT_TRUE(has_right_checksums(frame));
    ASSERT_TRUE(source->is_unharmed(other(frame.from), frame.bytes, frame.item));
    ASSERT_NO_FATAL_FAILURE(follower.take(frame));
  }
  EXPECT_EQ(follower.connections(), source->flows());
  EXPECT_GE(source->rounds(), 2U);
}

TEST_P(Connections, GoOnFromWarmUpIntoTheMeasuredOrder) {
  Source source(GetParam(), RunOrder::kWarmUp);
  Follower follower;
  for (int turn = 0; turn < 6; ++turn) {
    source->begin(turn % 2 == 0 ? RunOrder::kWarmUp : RunOrder::kMeasured, false);
    for (const auto& frame : source.take(1500)) ASSERT_NO_FATAL_FAILURE(follower.take(frame));
  }
}

INSTANTIATE_TEST_SUITE_P(, Connections,
                         testing::Values("modbus:flows=100", "modbus:flows=90;devices=9;vlan=12", "tcpflows:flows=100",
                                         "tcpflows:flows=64;devices=2"));

TEST(Modbus, AnswersCarryTheNumberOfTheirRequest) {
  Source source("modbus:flows=1");
  std::span<const std::byte> asked;
  const auto frames = source.take(40);
  for (const auto& frame : frames) {
    const auto payload = frame.view().payload;
    if (payload.empty()) continue;
    if (frame.from == Leg::kCore) {
      asked = payload;
    } else {
      ASSERT_GE(asked.size(), 2U);
      EXPECT_TRUE(std::ranges::equal(payload.first(2), asked.first(2)));
    }
  }
}

}  // namespace
}  // namespace wardline::perf
