// The life of a capture: how it ends, and that its counts add up.
#include "controlplane/capture/live_capture.h"

#include <gtest/gtest.h>

#include <thread>

#include "controlplane/capture/filter_text.h"
#include "tests/unit/packet_builder.h"

namespace wardline::capture {
namespace {

constexpr Tick kNow = 1000 * kSecond;

class LiveCaptures : public testing::Test {
 protected:
  std::unique_ptr<LiveCapture> begin(std::uint64_t seconds = 60, std::uint64_t limit = 100) {
    return std::make_unique<LiveCapture>(Wish{"alice", "arp", seconds, limit}, *read_filter("arp"),
                                         std::vector{&taps_[0], &taps_[1]}, publisher_, kNow);
  }
  // A worker's part of a turn.
  void arrive(std::size_t worker, Tick time, std::string_view payload = "") {
    auto* recording = taps_[worker].recording();
    if (recording == nullptr) return;
    const auto bytes = payload.empty() ? test::frame().arp(1, "10.1.0.2", "10.1.0.3").bytes()
                                       : test::frame().ipv4("10.1.0.2", "10.1.0.3").udp(1, 2).payload(payload).bytes();
    if (auto* frame = recording->begin(bytes, static_cast<std::uint32_t>(bytes.size()))) {
      frame->time = time;
      recording->finish();
    }
  }

  SnapshotPublisher publisher_;
  std::array<Tap, 2> taps_;
};

TEST_F(LiveCaptures, FramesOfAllWorkersComeInTheOrderOfTheirTime) {
  const auto capture = begin();
  arrive(1, kNow + 3);
  arrive(0, kNow + 2);
  arrive(0, kNow + 4);
  arrive(0, kNow + 5, "not asked for");
  const auto frames = capture->take(10, kNow);
  ASSERT_EQ(frames.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(frames[i].time, kNow + 2 + i);
  EXPECT_EQ(capture->wanted(), 3U);
}

TEST_F(LiveCaptures, TheLimitEndsItAndWhatIsLeftIsCounted) {
  const auto capture = begin(60, 5);
  for (int i = 0; i < 8; ++i) arrive(0, kNow);
  EXPECT_EQ(capture->take(3, kNow).size(), 3U);
  EXPECT_EQ(capture->ended(), End::kNone);
  EXPECT_EQ(capture->take(3, kNow).size(), 2U);
  EXPECT_EQ(capture->ended(), End::kLimit);
  EXPECT_TRUE(capture->empty());
  EXPECT_EQ(capture->wanted() - capture->taken(), 3U);
}

TEST_F(LiveCaptures, MoreThanARingHoldsIsLostAndCounted) {
  const auto capture = begin(60, kMostFrames);
  for (std::size_t i = 0; i < Recording::kPlaces + 10; ++i) arrive(0, kNow);
  capture->end(End::kStopped);
  while (!capture->take(1000, kNow).empty()) {
  }
  EXPECT_EQ(capture->taken(), Recording::kPlaces);
  EXPECT_EQ(capture->wanted(), Recording::kPlaces + 10);
}

TEST_F(LiveCaptures, TimeEndsItAndSoDoesAClientThatIsGone) {
  auto capture = begin(3);
  capture->watch(kNow + 2 * kSecond);
  EXPECT_EQ(capture->ended(), End::kNone);
  capture->watch(kNow + 3 * kSecond);
  EXPECT_EQ(capture->ended(), End::kTime);
  EXPECT_EQ(taps_[0].recording(), nullptr);
  capture = begin(60);
  capture->take(1, kNow + 4 * kSecond);
  capture->watch(kNow + 8 * kSecond);
  EXPECT_EQ(capture->ended(), End::kNone);
  capture->watch(kNow + 9 * kSecond);
  EXPECT_EQ(capture->ended(), End::kClientGone);
}

// A worker that has seen the recording may write into it until it begins another turn.
TEST_F(LiveCaptures, ItIsSettledOnceEveryWorkerHasBegunAnotherTurn) {
  const auto worker = publisher_.add_worker();
  publisher_.enter(worker);
  const auto capture = begin();
  EXPECT_FALSE(capture->settled());
  capture->end(End::kStopped);
  EXPECT_FALSE(capture->settled());
  publisher_.enter(worker);
  EXPECT_TRUE(capture->settled());
  publisher_.remove_worker(worker);
}

TEST_F(LiveCaptures, AWorkerThatRunsMeanwhileLosesAndInventsNothing) {
  const auto number = publisher_.add_worker();
  std::atomic<bool> stop{false};
  std::uint64_t written = 0;  // the worker's own until it is joined
  std::thread worker([&] {
    while (!stop) {
      publisher_.enter(number);
      if (taps_[0].recording() != nullptr) arrive(0, kNow), ++written;
    }
  });
  auto capture = begin(60, kMostFrames);
  std::uint64_t taken = 0;
  while (taken < 20'000) taken += capture->take(1000, kNow).size();
  capture->end(End::kStopped);
  while (!capture->settled()) std::this_thread::yield();
  while (!capture->empty()) taken += capture->take(1000, kNow).size();
  EXPECT_EQ(capture->taken(), taken);
  const auto wanted = capture->wanted();
  capture.reset();
  stop = true;
  worker.join();
  EXPECT_LE(wanted, written);
  EXPECT_GE(wanted + 1, written) << "the tap may close between the two looks of one turn";
  EXPECT_GE(wanted, taken);
  publisher_.remove_worker(number);
}

}  // namespace
}  // namespace wardline::capture
