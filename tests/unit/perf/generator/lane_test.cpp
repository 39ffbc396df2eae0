// Orders, due times and counters of one queue.
#include "perf/generator/lane.h"

#include <gtest/gtest.h>

#include <vector>

#include "perf/generator/latency.h"

namespace wardline::perf {
namespace {

constexpr std::uint64_t kHz = 1'000'000;  // a cycle is a microsecond

class LaneTest : public testing::Test {
 protected:
  LaneTest() {
    auto workload = make_workload("udp:flows=64", {});
    lane_ = std::make_unique<Lane>(std::move(*workload), orders_, board_, kHz, 1);
  }

  // Polls a leg at `now`; the due times of what came.
  std::vector<std::uint64_t> poll(Leg leg, std::uint64_t now, unsigned most = 32) {
    const unsigned count = lane_->poll(leg, most, [now] { return now; });
    std::vector<std::array<std::byte, 128>> buffers(count);
    std::vector<std::byte*> rooms;
    for (auto& buffer : buffers) rooms.push_back(buffer.data());
    std::vector<std::uint16_t> lengths(count);
    std::vector<Lane::Mark> marks(count);
    if (count != 0) lane_->deliver(leg, rooms, lengths.data(), marks.data());
    std::vector<std::uint64_t> dues;
    for (const auto& mark : marks) dues.push_back(mark.due);
    return dues;
  }

  Orders orders_{.run = 2, .rate = 0, .tx_check = 0, .spare = {}};
  QueueBoard board_{};
  std::unique_ptr<Lane> lane_;
};

TEST_F(LaneTest, GivesNothingWhilePaused) {
  orders_.run = 0;
  EXPECT_TRUE(poll(Leg::kDevice, 0).empty());
}

TEST_F(LaneTest, GivesWhatIsAskedForWithoutARate) {
  EXPECT_EQ(poll(Leg::kDevice, 0, 7).size(), 7U);
  EXPECT_EQ(poll(Leg::kCore, 0, 32).size(), 32U);
}

TEST_F(LaneTest, GivesFramesWhenTheyAreDueAndInTurn) {
  orders_.rate = kHz / 10;  // a frame every ten cycles, on either leg in turn
  EXPECT_EQ(poll(Leg::kDevice, 1000), (std::vector<std::uint64_t>{1000}));
  EXPECT_TRUE(poll(Leg::kCore, 1009).empty());
  EXPECT_EQ(poll(Leg::kCore, 1035), (std::vector<std::uint64_t>{1010, 1030}));
  EXPECT_EQ(poll(Leg::kDevice, 1045), (std::vector<std::uint64_t>{1020, 1040}));
}

// As a card does: what comes while the ring is full is lost, what waits in it is not.
TEST_F(LaneTest, MissesWhatFindsTheRingFull) {
  orders_.rate = kHz;  // a frame every cycle, every other one on this leg
  poll(Leg::kDevice, 0);
  const auto late = poll(Leg::kDevice, 20'000);
  EXPECT_EQ(late.front(), 2U);
  EXPECT_EQ(late.size(), 32U);
  EXPECT_EQ(board_.legs[0].missed, 10'000U - DueRing::kPlaces);
  EXPECT_EQ(board_.legs[0].waiting, DueRing::kPlaces);
  EXPECT_EQ(board_.legs[1].missed, 10'000U - DueRing::kPlaces);
}

TEST_F(LaneTest, MeasuresFromTheDueTime) {
  orders_.rate = kHz / 10;
  poll(Leg::kDevice, 1000);
  lane_->measure(1000, 1025);
  lane_->measure(999, 1025);  // before the order
  lane_->finish_measuring();
  EXPECT_EQ(board_.progress.latency_count, 1U);
  EXPECT_EQ(board_.progress.latency_sum, 25U);
  EXPECT_EQ(board_.latency[latency_bucket(25)], 1U);
}

TEST_F(LaneTest, ComparesEverySoManiethFrame) {
  orders_.tx_check = 100;
  std::vector<unsigned> found;
  for (unsigned sent = 0; sent < 4096 + 400; sent += 32)
    if (const auto which = lane_->next_to_compare(32); which != Lane::kNone) found.push_back(sent + which);
  EXPECT_EQ(found, (std::vector<unsigned>{4096, 4196, 4296, 4396, 4496}));
}

TEST(Latency, BucketsAreNarrowAndInOrder) {
  std::uint32_t before = 0;
  for (std::uint64_t cycles = 1; cycles < std::uint64_t{1} << 40; cycles += 1 + cycles / 50) {
    const auto bucket = latency_bucket(cycles);
    ASSERT_LE(before, bucket);
    ASSERT_LE(latency_of_bucket(bucket), cycles);
    ASSERT_GT(latency_of_bucket(bucket + 1), cycles);
    ASSERT_LE(latency_of_bucket(bucket + 1) - latency_of_bucket(bucket), 1 + cycles / kHistogramSteps);
    before = bucket;
  }
  EXPECT_EQ(latency_bucket(~std::uint64_t{0}), kHistogramBuckets - 1);
}

}  // namespace
}  // namespace wardline::perf
