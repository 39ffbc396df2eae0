// Several workers behind ports that cannot spread frames: who judges what, in which order it leaves, and the books.
#include "dataplane/runtime/distribution.h"

#include <gmock/gmock.h>

#include <array>
#include <atomic>
#include <map>
#include <random>

#include "dataplane/runtime/worker_choice.h"
#include "tests/unit/dataplane/runtime/distribution_rig.h"

namespace wardline::runtime {
namespace {

constexpr std::uint16_t kWorkers = 3;

// The lanes of one bundle of one pair, turned by the test.
class Bundle {
 public:
  explicit Bundle(WireRig& rig, std::uint16_t send_queues = 1) : rig_(rig) {
    const bool returns = send_queues < kWorkers;
    distribution = std::move(*Distribution::make(kWorkers, {returns, returns}));
    for (std::uint16_t worker = 0; worker < kWorkers; ++worker) {
      auto pair = rig.pair();
      for (const Side side : {Side::kDevice, Side::kCore}) {
        auto& leg = pair.legs[static_cast<std::size_t>(side)];
        leg.queue = worker;
        leg.not_sent = &not_sent[static_cast<std::size_t>(side)];
        leg.arrivals = distribution->arrivals(worker, 0, side);
        leg.departures = distribution->departures(worker, 0, side);
      }
      LaneShare share;
      if (worker == 0) share.polls_for = distribution.get();
      if (worker != 0) share.receipt = &distribution->receipt(worker);
      lanes.push_back(std::make_unique<Lane>(std::vector{pair}, processors[worker], share));
    }
  }

  bool turn_all(Tick now) {
    bool busy = false;
    for (auto& lane : lanes) busy |= lane->turn(now);
    return busy;
  }
  bool books_balance() const { return books_of(processors).balance(); }
  void expect_worker_books_balance() const {
    for (const auto& processor : processors) EXPECT_TRUE(books_of(std::span(&processor, 1)).balance());
  }

  std::array<std::atomic<std::uint64_t>, 2> not_sent{};  // by side
  std::unique_ptr<Distribution> distribution;
  std::array<JudgingProcessor, kWorkers> processors;
  std::vector<std::unique_ptr<Lane>> lanes;

 private:
  WireRig& rig_;
};

std::vector<IpFrame> leaving(RingPort& port) {
  std::vector<IpFrame> frames;
  while (rte_mbuf* frame = port.departed()) {
    frames.push_back(read_ip_frame(bytes_of(frame)));
    rte_pktmbuf_free(frame);
  }
  return frames;
}

// A random mix of devices and both ways: every frame is judged once, by the worker of its device, and leaves in order.
void random_mix(WireRig& rig, Bundle& bundle) {
  std::mt19937 random(11);
  std::map<std::pair<Side, std::uint32_t>, std::uint32_t> sent, arrived;
  std::uint64_t total = 0;
  Tick now = 1;
  for (int round = 0; round < 300; ++round) {
    for (auto frames = random() % 40; frames > 0; --frames) {
      const Side side = random() % 2 == 0 ? Side::kDevice : Side::kCore;
      const std::uint32_t device = 0x0a010000u + random() % 17;
      const auto bytes = ip_frame({side, device, ++sent[{side, device}]}, 60 + random() % 200);
      (side == Side::kDevice ? rig.lan() : rig.wan()).arrive(rig.make(bytes, random() % 8 == 0 ? 20 : 2048));
      ++total;
    }
    for (auto turns = random() % 6; turns > 0; --turns) bundle.lanes[random() % kWorkers]->turn(now++);
    if (round % 3 != 2) continue;  // queues fill meanwhile
    while (bundle.turn_all(now++)) {
    }
    EXPECT_TRUE(bundle.books_balance());
    for (auto* port : {&rig.lan(), &rig.wan()})
      for (const auto& frame : leaving(*port))
        EXPECT_EQ(++arrived[std::pair(frame.side, frame.device)], frame.number) << "of one device, in order";
  }
  EXPECT_EQ(sent, arrived);
  EXPECT_EQ(total, books_of(bundle.processors).received);
  EXPECT_EQ(total, books_of(bundle.processors).forwarded);
  bundle.expect_worker_books_balance();
  for (std::uint16_t worker = 0; worker < kWorkers; ++worker) {
    EXPECT_GT(bundle.processors[worker].seen.size(), total / 10) << "each has its share";
    for (const auto& frame : bundle.processors[worker].seen)
      EXPECT_EQ(worker, worker_of(hash_of_device(frame.device), kWorkers));
  }
}

TEST(Distribution, EachDeviceHasOneWorkerAndItsFramesStayInOrder) {
  WireRig rig(512);
  Bundle bundle(rig);
  random_mix(rig, bundle);
}

TEST(Distribution, AWorkerSendsItselfWhereThePortHasASendQueueForIt) {
  WireRig rig(512, kWorkers);
  Bundle bundle(rig, kWorkers);
  EXPECT_EQ(nullptr, bundle.distribution->departures(1, 0, Side::kCore));
  random_mix(rig, bundle);
}

// The first address from `device` on that belongs to `worker`.
std::uint32_t device_of(std::uint16_t worker, std::uint32_t device = 0x0a010001) {
  while (worker_of(hash_of_device(device), kWorkers) != worker) ++device;
  return device;
}

TEST(Distribution, VerdictsHoldOnEveryWorker) {
  WireRig rig(512);
  Bundle bundle(rig);
  const std::uint32_t own = device_of(0), other = device_of(1);
  for (auto& processor : bundle.processors) processor.blocked = {own, other};
  for (const std::uint32_t device : {own, other, device_of(0, own + 1), device_of(1, other + 1)})
    rig.lan().arrive(rig.make(ip_frame({Side::kDevice, device, 1}, 80)));
  while (bundle.turn_all(1)) {
  }
  const auto left = leaving(rig.wan());
  ASSERT_EQ(2u, left.size());
  for (const auto& frame : left) EXPECT_TRUE(frame.device != own && frame.device != other);
  const auto books = books_of(bundle.processors);
  EXPECT_EQ(2u, books.dropped);
  EXPECT_TRUE(books.balance());
}

TEST(Distribution, AFrameOnItsWayBackIsHeldByTheWorkerThatLetItPass) {
  WireRig rig(512);
  Bundle bundle(rig);
  rig.lan().arrive(rig.make(ip_frame({Side::kDevice, device_of(2), 1}, 80)));
  EXPECT_TRUE(bundle.lanes[0]->turn(1)) << "to hand a frame over is work";
  EXPECT_EQ(0u, books_of(bundle.processors).received) << "nobody has judged it yet";
  EXPECT_TRUE(bundle.lanes[2]->turn(2));
  const auto& books = bundle.processors[2].counters();
  EXPECT_EQ(1u, books.received.read());
  EXPECT_EQ(1u, books.held.read());
  EXPECT_EQ(0u, books.forwarded.read());
  EXPECT_TRUE(bundle.lanes[0]->turn(3));
  EXPECT_EQ(1u, leaving(rig.wan()).size());
  bundle.lanes[2]->turn(4);
  EXPECT_EQ(0u, books.held.read());
  EXPECT_EQ(1u, books.forwarded.read());
  EXPECT_EQ(80u, books.forwarded_bytes.read());
}

TEST(Distribution, AWorkerThatDoesNotFollowLosesItsOwnFramesAndNoOthers) {
  WireRig rig(1024);
  Bundle bundle(rig);
  const std::uint32_t slow = device_of(1), quick = device_of(0);
  const std::uint64_t room = Distribution::kPlaces - 1, beyond = 100;
  for (std::uint64_t i = 0; i < room + beyond; ++i) {
    rig.lan().arrive(rig.make(ip_frame({Side::kDevice, slow, 1}, 60)));
    rig.wan().arrive(rig.make(ip_frame({Side::kCore, quick, 1}, 60)));
    bundle.lanes[0]->turn(i);  // worker 1 stands still
    leaving(rig.lan());
  }
  const auto& polling = bundle.processors[0].counters();
  EXPECT_EQ(beyond, polling.dropped[static_cast<std::size_t>(Reason::kDistributionFull)].read());
  EXPECT_EQ(beyond, bundle.processors[0].lost.size()) << "each is told of, for a capture";
  EXPECT_EQ(room + beyond, polling.forwarded.read()) << "the other device lost nothing";
  EXPECT_TRUE(bundle.books_balance());
  while (bundle.turn_all(9999)) leaving(rig.wan());
  EXPECT_EQ(room, bundle.processors[1].counters().forwarded.read());
  EXPECT_TRUE(bundle.books_balance());
  leaving(rig.wan());
}

TEST(Distribution, WhatThePortDoesNotTakeIsCountedByTheWorkerThatLetItPass) {
  WireRig rig(64);
  Bundle bundle(rig);
  const auto room = rte_ring_get_capacity(rig.wan().out());
  for (unsigned i = 0; i < room + 10; ++i) {
    rig.lan().arrive(rig.make(ip_frame({Side::kDevice, device_of(1), i}, 60)));
    while (bundle.turn_all(i)) {
    }
  }
  const auto& books = bundle.processors[1].counters();
  EXPECT_EQ(room, books.forwarded.read());
  EXPECT_EQ(10u, books.dropped[static_cast<std::size_t>(Reason::kTxFull)].read());
  EXPECT_EQ(10u, bundle.not_sent[static_cast<std::size_t>(Side::kCore)].load()) << "and of its leg";
  EXPECT_EQ(0u, bundle.not_sent[static_cast<std::size_t>(Side::kDevice)].load());
  EXPECT_EQ(0u, books.held.read());
  leaving(rig.wan());
}

TEST(Distribution, ADrainJudgesAndSendsWhatWaitsAndReceivesNothingNew) {
  WireRig rig(512);
  Bundle bundle(rig);
  for (int i = 0; i < 20; ++i) rig.lan().arrive(rig.make(ip_frame({Side::kDevice, device_of(1), 1}, 60)));
  bundle.lanes[0]->turn(1);
  rig.lan().arrive(rig.make(ip_frame({Side::kDevice, device_of(1), 2}, 60)));
  for (bool waiting = true; waiting;) {
    waiting = false;
    for (auto& lane : bundle.lanes) waiting |= lane->drain(2);
  }
  EXPECT_EQ(20u, leaving(rig.wan()).size());
  EXPECT_EQ(20u, bundle.processors[1].counters().forwarded.read());
  EXPECT_TRUE(bundle.books_balance());
  EXPECT_EQ(1u, rte_ring_count(rig.lan().in()));
  bundle.turn_all(3);
  while (bundle.turn_all(4)) {
  }
  leaving(rig.wan());
}

TEST(Distribution, FramesThatStillWaitGoHomeWithTheirQueues) {
  WireRig rig(512);
  {
    Bundle bundle(rig);
    for (int i = 0; i < 5; ++i) rig.lan().arrive(rig.make(ip_frame({Side::kDevice, device_of(1), 1}, 60)));
    bundle.lanes[0]->turn(1);
  }
  EXPECT_EQ(0u, rte_mempool_in_use_count(rig.pool()));
}

}  // namespace
}  // namespace wardline::runtime
