#include "dataplane/snapshot_publisher.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace wardline {
namespace {

std::unique_ptr<const enforce::Snapshot> policy(std::uint32_t epoch) {
  auto snapshot = std::make_unique<enforce::Snapshot>();
  snapshot->epoch = epoch;
  return snapshot;
}

TEST(SnapshotPublisher, ShowsNoPolicyBeforeTheFirst) {
  SnapshotPublisher publisher;
  const auto worker = publisher.add_worker();
  EXPECT_EQ(publisher.enter(worker), nullptr);
  ASSERT_TRUE(publisher.publish(policy(1)));
  EXPECT_EQ(publisher.enter(worker)->epoch, 1u);
}

TEST(SnapshotPublisher, LetsAReloadPassAWorkerThatIsIdleButTurns) {
  SnapshotPublisher publisher;
  const auto worker = publisher.add_worker();
  for (std::uint32_t epoch = 1; epoch < 10; ++epoch) {
    ASSERT_TRUE(publisher.publish(policy(epoch)));
    publisher.enter(worker);  // a turn without a packet
    EXPECT_EQ(publisher.reclaim(), 0u);
  }
}

TEST(SnapshotPublisher, RefusesAThirdPolicyWhileASilentWorkerMayHoldTheFirstAndNamesIt) {
  SnapshotPublisher publisher;
  const auto turning = publisher.add_worker();
  const auto silent = publisher.add_worker();
  ASSERT_TRUE(publisher.publish(policy(1)));
  const auto* held = publisher.enter(silent);
  ASSERT_TRUE(publisher.publish(policy(2)));
  publisher.enter(turning);
  const auto refused = publisher.publish(policy(3));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "policy.busy");
  EXPECT_NE(refused.error().what.find("worker " + std::to_string(silent)), std::string::npos) << refused.error().what;
  EXPECT_EQ(held->epoch, 1u) << "what the silent worker holds still stands";
  EXPECT_EQ(publisher.current()->epoch, 2u);
  publisher.enter(silent);
  EXPECT_TRUE(publisher.publish(policy(3)));
}

TEST(SnapshotPublisher, WaitsForNoWorkerThatWasRemoved) {
  SnapshotPublisher publisher;
  const auto worker = publisher.add_worker();
  publisher.publish(policy(1)).value();
  publisher.enter(worker);
  publisher.publish(policy(2)).value();
  EXPECT_EQ(publisher.reclaim(), 1u);
  publisher.remove_worker(worker);
  EXPECT_EQ(publisher.reclaim(), 0u);
  EXPECT_EQ(publisher.add_worker(), worker) << "its number is given out again";
}

TEST(SnapshotPublisher, TellsWhenEveryWorkerHasPassedAStamp) {
  SnapshotPublisher publisher;
  const auto a = publisher.add_worker(), b = publisher.add_worker();
  const auto stamp = publisher.stamp();
  EXPECT_FALSE(publisher.passed(stamp));
  publisher.enter(a);
  EXPECT_EQ(publisher.slowest(stamp), b);
  publisher.enter(b);
  EXPECT_TRUE(publisher.passed(stamp));
  EXPECT_FALSE(publisher.passed(publisher.stamp()));
}

// Under the address sanitizer a policy freed too early is seen here.
TEST(SnapshotPublisher, NeverFreesAPolicyThatAWorkerReads) {
  SnapshotPublisher publisher;
  publisher.publish(policy(1)).value();
  std::atomic<bool> stop{false};
  std::vector<std::thread> workers;
  std::atomic<int> went_back{0};
  for (int i = 0; i < 2; ++i) {
    workers.emplace_back([&, number = publisher.add_worker()] {
      std::uint32_t last = 0;
      while (!stop) {
        const auto* now = publisher.enter(number);
        for (int read = 0; read < 50; ++read)
          if (now->epoch < last) ++went_back;
        last = now->epoch;
      }
      publisher.enter(number);
    });
  }
  std::uint32_t published = 1;
  for (int attempt = 0; attempt < 200'000 && published < 200; ++attempt)
    if (publisher.publish(policy(published + 1)))
      ++published;
    else
      std::this_thread::yield();
  stop = true;
  for (auto& worker : workers) worker.join();
  EXPECT_EQ(went_back, 0);
  EXPECT_GT(published, 10u);
}

}  // namespace
}  // namespace wardline
