#include "dataplane/runtime/lane.h"

#include <gmock/gmock.h>
#include <rte_cycles.h>

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "dataplane/runtime/poison.h"
#include "tests/unit/dataplane/runtime/wire_rig.h"

namespace wardline::runtime {
namespace {

// Judges by a function of the test, and remembers what it saw.
class FakeProcessor : public FrameProcessor {
 public:
  void process(Batch& batch, Tick now) override {
    ++calls;
    last_now = now;
    if (batch.size == 0) ++empty_calls;
    batch.all_pass = verdict == Reason::kNone && !hold;
    for (Frame& frame : batch.used()) {
      const auto* bytes = reinterpret_cast<const std::uint8_t*>(frame.bytes.data());
      seen.emplace_back(bytes, bytes + frame.bytes.size());
      sides.push_back(frame.side);
      pairs.push_back(frame.pair);
      cut.push_back(frame.wire_length > frame.bytes.size());
      frame.drop = verdict;
      frame.held = hold;
    }
    for (const auto& bytes : std::exchange(release, {})) {
      held_bytes.push_back(bytes);
      batch.released[batch.released_count++] = {std::as_bytes(std::span(held_bytes.back())), 0, Side::kCore};
    }
    if (look) look();
    if (create) {
      batch.created[0] = *create;
      batch.created_count = 1;
      create.reset();
    }
  }
  void count_forwarded(std::uint64_t frames, std::uint64_t bytes) override {
    forwarded += frames;
    forwarded_bytes += bytes;
  }
  void count_not_sent(Reason reason, std::uint64_t frames) override { not_sent[reason] += frames; }
  void count_unjudged(Reason, std::uint64_t, std::uint64_t) override {}
  void count_queued(std::uint64_t) override {}
  void tell_lost(const Frame& frame, Reason reason) override {
    lost.emplace_back(frame.pair, frame.side, frame.bytes.size(), reason);
  }
  void count_unqueued(std::uint64_t) override {}
  const WorkerCounters& counters() const override { return unused_; }

  Reason verdict = Reason::kNone;
  bool hold = false;
  std::vector<Bytes> release;  // with the next batch, by the core leg
  std::deque<Bytes> held_bytes;
  std::optional<CreatedFrame> create;
  std::function<void()> look;  // called amid process()
  int calls = 0, empty_calls = 0;
  Tick last_now = 0;
  std::vector<Bytes> seen;
  std::vector<Side> sides;
  std::vector<int> pairs;
  std::vector<bool> cut;
  std::uint64_t forwarded = 0, forwarded_bytes = 0;
  std::map<Reason, std::uint64_t> not_sent;
  std::vector<std::tuple<int, Side, std::size_t, Reason>> lost;  // pair and leg that it came in by, length, why

 private:
  WorkerCounters unused_;
};

class LaneTest : public testing::Test {
 protected:
  void arrive_at_lan(const Bytes& bytes, std::size_t piece = 2048) { rig.lan().arrive(rig.make(bytes, piece)); }
  Bytes leaves_wan() {
    rte_mbuf* frame = rig.wan().departed();
    if (frame == nullptr) return {};
    auto bytes = bytes_of(frame);
    rte_pktmbuf_free(frame);
    return bytes;
  }

  WireRig rig;
  FakeProcessor processor;
};

TEST_F(LaneTest, TellsWhatALookAtAnEmptyLegCost) {
  Lane lane({rig.pair()}, processor);
  const auto idle = [&lane] {
    const auto cycle = rte_rdtsc();
    lane.turn(5, cycle);
    EXPECT_LT(lane.idle_cycles(), rte_rdtsc() - cycle);
    return lane.idle_cycles();
  };
  arrive_at_lan(frame_of(60));
  EXPECT_GT(idle(), 0u) << "the core side had nothing";
  arrive_at_lan(frame_of(60));
  rig.wan().arrive(rig.make(frame_of(60)));
  EXPECT_EQ(idle(), 0u) << "both sides had a frame";
  for (std::size_t i = 0; i < Batch::kMaxFrames; ++i) arrive_at_lan(frame_of(60));
  EXPECT_EQ(idle(), 0u) << "a lane with much to do does not ask";
}

TEST_F(LaneTest, SendsAFrameThatPassedOnTheTwinWithTheSameBytes) {
  Lane lane({rig.pair()}, processor);
  for (const std::size_t length : {14, 60, 64, 594, 1514, 1522, 2000}) arrive_at_lan(frame_of(length));
  rig.wan().arrive(rig.make(frame_of(99, 7)));
  EXPECT_TRUE(lane.turn(5));
  for (const std::size_t length : {14, 60, 64, 594, 1514, 1522, 2000})
    EXPECT_EQ(frame_of(length), leaves_wan()) << length;
  rte_mbuf* back = rig.lan().departed();
  ASSERT_NE(nullptr, back);
  EXPECT_EQ(frame_of(99, 7), bytes_of(back));
  rte_pktmbuf_free(back);
  EXPECT_EQ(8u, processor.forwarded);
  EXPECT_EQ(14u + 60 + 64 + 594 + 1514 + 1522 + 2000 + 99, processor.forwarded_bytes);
  EXPECT_EQ(5u, processor.last_now);
  EXPECT_EQ(Side::kCore, processor.sides.back());
}

TEST_F(LaneTest, FreesAFrameThatWasDropped) {
  Lane lane({rig.pair()}, processor);
  processor.verdict = Reason::kNoRule;
  arrive_at_lan(frame_of(100));
  lane.turn(1);
  EXPECT_EQ(Bytes{}, leaves_wan());
  EXPECT_EQ(0u, processor.forwarded);
  EXPECT_TRUE(processor.not_sent.empty()) << "the worker has counted it already";
}

TEST_F(LaneTest, FreesAFrameThatIsHeldAndSendsWhatIsReleasedAlsoWithoutTraffic) {
  Lane lane({rig.pair()}, processor);
  processor.hold = true;
  arrive_at_lan(frame_of(100));
  lane.turn(1);
  EXPECT_EQ(Bytes{}, leaves_wan());
  EXPECT_EQ(0u, processor.forwarded);
  processor.release = {frame_of(100), frame_of(1514, 2), frame_of(9014, 3)};
  EXPECT_FALSE(lane.turn(2));
  EXPECT_EQ(frame_of(100), leaves_wan());
  EXPECT_EQ(frame_of(1514, 2), leaves_wan());
  EXPECT_EQ(frame_of(9014, 3), leaves_wan()) << "a jumbo frame, in several buffers";
  EXPECT_EQ(3u, processor.forwarded);
  EXPECT_EQ(100u + 1514 + 9014, processor.forwarded_bytes);
  lane.turn(3);
  EXPECT_EQ(Bytes{}, leaves_wan()) << "once";
}

TEST_F(LaneTest, JudgesAFrameOfSeveralSegmentsAsOneAndForwardsItUnchanged) {
  Lane lane({rig.pair()}, processor);
  arrive_at_lan(frame_of(9014), 1000);
  arrive_at_lan(frame_of(200), 33);
  lane.turn(1);
  ASSERT_EQ(2u, processor.seen.size());
  EXPECT_EQ(frame_of(9014), processor.seen[0]);
  EXPECT_EQ(frame_of(200), processor.seen[1]) << "each has room of its own";
  rte_mbuf* out = rig.wan().departed();
  ASSERT_NE(nullptr, out);
  EXPECT_EQ(10, out->nb_segs) << "the frame itself goes on, not a copy";
  EXPECT_EQ(frame_of(9014), bytes_of(out));
  rte_pktmbuf_free(out);
}

TEST_F(LaneTest, MakesAFrameOnePieceForAPortThatSendsTheFirstSegmentAlone) {
  auto pair = rig.pair();
  pair.legs[1].sends_segments = false;
  Lane lane({pair}, processor);
  arrive_at_lan(frame_of(1500), 400);
  arrive_at_lan(frame_of(9014), 1000);
  lane.turn(1);
  rte_mbuf* out = rig.wan().departed();
  ASSERT_NE(nullptr, out);
  EXPECT_EQ(1, out->nb_segs);
  EXPECT_EQ(frame_of(1500), bytes_of(out));
  rte_pktmbuf_free(out);
  EXPECT_EQ(1u, processor.not_sent[Reason::kOversize]) << "no buffer holds 9014 bytes in one piece";
}

TEST_F(LaneTest, NeverForwardsAFrameThatMayBeCutOffWhateverTheProcessorSays) {
  auto pair = rig.pair();
  pair.legs[0].cut_at = 1500;
  Lane lane({pair}, processor);
  arrive_at_lan(frame_of(1500));
  arrive_at_lan(frame_of(1499));
  lane.turn(1);
  EXPECT_THAT(processor.cut, testing::ElementsAre(true, false));
  EXPECT_EQ(frame_of(1499), leaves_wan());
  EXPECT_EQ(1u, processor.not_sent[Reason::kMalformed]);
}

TEST_F(LaneTest, TreatsASegmentedFrameBeyondTheScratchAsCutOff) {
  Lane lane({rig.pair()}, processor);
  arrive_at_lan(frame_of(Lane::kLongestFrame), 2000);
  arrive_at_lan(frame_of(Lane::kLongestFrame + 1), 2000);
  lane.turn(1);
  EXPECT_THAT(processor.cut, testing::ElementsAre(false, true));
  EXPECT_EQ(1u, processor.forwarded);
}

TEST_F(LaneTest, DropsWhatIsLargerThanTheTwinCanSendAndGrantsOneTagMore) {
  auto pair = rig.pair();
  pair.legs[1].send_limit = 1514;
  Lane lane({pair}, processor);
  arrive_at_lan(frame_of(1515));
  auto tagged = frame_of(1518);
  tagged[12] = 0x81;
  arrive_at_lan(tagged);
  tagged.push_back(1);
  arrive_at_lan(tagged);
  lane.turn(1);
  EXPECT_EQ(1518u, leaves_wan().size());
  EXPECT_EQ(2u, processor.not_sent[Reason::kOversize]);
}

TEST_F(LaneTest, DropsFramesTowardALegWithoutALink) {
  std::atomic<bool> usable = false;
  auto pair = rig.pair();
  pair.legs[1].usable = &usable;
  Lane lane({pair}, processor);
  arrive_at_lan(frame_of(64));
  lane.turn(1);
  EXPECT_EQ(1u, processor.not_sent[Reason::kTxError]);
  EXPECT_THAT(processor.lost, testing::ElementsAre(std::tuple{0, Side::kDevice, 64, Reason::kTxError}));
  usable = true;
  arrive_at_lan(frame_of(64));
  lane.turn(2);
  EXPECT_EQ(frame_of(64), leaves_wan());
}

TEST_F(LaneTest, CountsWhatAFullTwinDoesNotTakeAndAtWhichLeg) {
  auto pair = rig.pair();
  std::array<std::atomic<std::uint64_t>, 2> not_sent{};
  for (std::size_t side = 0; side < not_sent.size(); ++side) pair.legs[side].not_sent = &not_sent[side];
  Lane lane({pair}, processor);
  const auto room = rte_ring_get_capacity(rig.wan().out());
  for (unsigned i = 0; i < room + 10; ++i) {
    arrive_at_lan(frame_of(64));
    lane.turn(i);
  }
  EXPECT_EQ(room, processor.forwarded);
  EXPECT_EQ(10u, processor.not_sent[Reason::kTxFull]);
  EXPECT_EQ(0u, not_sent[0].load());
  EXPECT_EQ(10u, not_sent[1].load());
  EXPECT_EQ(10u, processor.lost.size()) << "each is told of, for a capture";
}

#if defined(__SANITIZE_ADDRESS__)
TEST_F(LaneTest, TheRestOfABufferIsForbiddenOnlyWhileItsFrameIsJudged) {
  Lane lane({rig.pair()}, processor);
  rte_mbuf* frame = rig.make(frame_of(101));
  const auto* behind = rte_pktmbuf_mtod(frame, const char*) + 101;
  bool forbidden = false;
  processor.look = [&] { forbidden = __asan_address_is_poisoned(behind) != 0; };
  rig.lan().arrive(frame);
  lane.turn(1);
  EXPECT_TRUE(forbidden);
  EXPECT_FALSE(__asan_address_is_poisoned(behind));
}
#endif

TEST_F(LaneTest, AnIdleTurnStillCallsTheProcessor) {
  Lane lane({rig.pair()}, processor);
  EXPECT_FALSE(lane.turn(3));
  EXPECT_EQ(1, processor.empty_calls);
  arrive_at_lan(frame_of(64));
  EXPECT_TRUE(lane.turn(4));
  EXPECT_EQ(1, processor.empty_calls);
}

TEST_F(LaneTest, SendsACreatedFrameByTheLegItIsMadeForFilledUpToTheShortestLength) {
  Lane lane({rig.pair()}, processor);
  CreatedFrame reject{.bytes = {}, .length = 54, .pair = 0, .out = Side::kDevice};
  reject.bytes.fill(std::byte{0x42});
  processor.create = reject;
  processor.verdict = Reason::kNoRule;
  arrive_at_lan(frame_of(100));
  lane.turn(1);
  EXPECT_EQ(Bytes{}, leaves_wan());
  rte_mbuf* answer = rig.lan().departed();
  ASSERT_NE(nullptr, answer);
  auto wanted = Bytes(54, 0x42);
  wanted.resize(60);
  EXPECT_EQ(wanted, bytes_of(answer));
  rte_pktmbuf_free(answer);
  EXPECT_EQ(1u, processor.forwarded);
}

TEST_F(LaneTest, PairsOfABundleKeepTheirOwnTwins) {
  WireRig second;
  Lane lane({rig.pair(), second.pair()}, processor);
  arrive_at_lan(frame_of(64, 1));
  second.wan().arrive(second.make(frame_of(64, 2)));
  lane.turn(1);
  EXPECT_EQ(frame_of(64, 1), leaves_wan());
  rte_mbuf* out = second.lan().departed();
  ASSERT_NE(nullptr, out);
  EXPECT_EQ(frame_of(64, 2), bytes_of(out));
  rte_pktmbuf_free(out);
  EXPECT_THAT(processor.pairs, testing::ElementsAre(0, 1));
}

}  // namespace
}  // namespace wardline::runtime
