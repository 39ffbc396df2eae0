// No allocation, no lock and no system call on a worker's thread, whatever comes.
#include <gmock/gmock.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>

#include "controlplane/capture/filter_text.h"
#include "dataplane/capture/recording.h"
#include "tests/unit/dataplane/runtime/quiet/traffic.h"
#include "tests/unit/dataplane/runtime/quiet/watch.h"

namespace wardline::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

class QuietWorker : public testing::Test {
 protected:
  QuietWorker() : words_(quiet_policy()), lane_(quiet_options(), words_.snapshot(++epoch_)) { add_devices(lane_); }
  void reload() { lane_.publish(words_.snapshot(++epoch_)); }
  std::uint64_t tally(Tally what) { return lane_.worker().counters().of(what); }
  std::uint64_t met(Reason cause) { return lane_.worker().counters().failures[static_cast<std::size_t>(cause)].read(); }
  std::uint64_t dropped(Reason reason) {
    return lane_.worker().counters().dropped[static_cast<std::size_t>(reason)].read();
  }

  std::uint32_t epoch_ = 0;
  PolicyWords words_;
  QuietLane lane_;
};

// The watch itself is watched: each kind of offence is told, and told as what it is.
TEST_F(QuietWorker, TheWatchSeesEachOffence) {
  if (!lane_.watch()) GTEST_SKIP() << watch::kCannot;
  const auto told = [this](std::function<void()> deed) {
    lane_.misbehave(std::move(deed));
    return watch::take_offences();
  };
  void* block = std::malloc(10);
  pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  EXPECT_THAT(told([] {}), IsEmpty());
  EXPECT_THAT(told([&] { block = std::realloc(block, 20); }), ElementsAre(StartsWith("realloc")));
  EXPECT_THAT(told([&] { std::free(block); }), ElementsAre(StartsWith("free")));
  EXPECT_THAT(told([] { delete new int(7); }), ElementsAre(StartsWith("malloc")));
  EXPECT_THAT(told([&] { pthread_mutex_lock(&lock); }), ElementsAre(StartsWith("pthread_mutex_lock")));
  EXPECT_THAT(told([] { (void)::getppid(); }), ElementsAre(StartsWith("system call " + std::to_string(SYS_getppid))));
  EXPECT_THAT(told([] { asm volatile("syscall" ::"a"(SYS_getuid)
                                     : "rcx", "r11", "memory"); }),
              ElementsAre(StartsWith("system call " + std::to_string(SYS_getuid))));
}

TEST_F(QuietWorker, WhateverComesNothingIsAllocatedLockedOrAskedOfTheKernel) {
  frames_without_flow(lane_);
  if (!lane_.watch()) GTEST_SKIP() << watch::kCannot;
  (void)watch::take_offences();
  std::size_t sums = 0;
  constexpr std::size_t kPlaces = 64;
  const auto filter = capture::read_filter("tcp or udp or not ether broadcast");
  ASSERT_TRUE(filter);
  capture::Recording recording(std::make_shared<const capture::Filter>(*filter), kPlaces);
  const auto drain = [&] {
    for (const Event& event : lane_.drain()) sums += event.flows > 1;
    while (recording.frames().front() != nullptr) recording.frames().pop();
  };
  for (int round = 0; round < 3; ++round) {
    if (round == 1) lane_.worker().capture_tap().open(recording);
    frames_without_flow(lane_);
    datagrams(lane_, round);
    connections(lane_, round);
    reload();  // every flow is decided again
    messages(lane_, round);
    long_streams(lane_, round);
    fragments(lane_, round);
    announcements(lane_, round);
    drain();
    hostile(lane_, round);
    lane_.worker().set_overloaded(round == 1);
    more_flows_than_places(lane_, round);
    lane_.worker().set_overloaded(false);
    lane_.keep_departures(true);
    datagrams(lane_, round + 50);
    lane_.keep_departures(false);
    lane_.pass(2 * kSecond);                                 // fragments
    drain();                                                 // the ring of events has room again
    for (int i = 0; i < 30; ++i) lane_.pass(300 * kSecond);  // every flow ends, and long ones are told of
    drain();
  }
  lane_.worker().capture_tap().close();
  lane_.settle();
  EXPECT_THAT(watch::take_offences(), IsEmpty());

  // It is the traffic that was meant: each part was reached.
  EXPECT_NE(recording.wanted(), recording.lost()) << "a capture that takes frames";
  EXPECT_NE(recording.lost(), 0U) << "and one that is full";
  EXPECT_NE(sums, 0U) << "more flows and violations than are told one by one";
  for (const Tally what :
       {Tally::kFlowsCreated, Tally::kFlowsExpired, Tally::kFlowsRedecided, Tally::kFlowsMidstream, Tally::kScans,
        Tally::kExpectationsMade, Tally::kExpectationsUsed, Tally::kQuarantinesMade, Tally::kRejectsSent})
    EXPECT_NE(tally(what), 0U) << kTallyNames[static_cast<std::size_t>(what)];
  for (const Reason cause : {Reason::kFlowTableFull, Reason::kBufferPoolExhausted, Reason::kFragment,
                             Reason::kUnknownEthertype, Reason::kOverload, Reason::kMalformed})
    EXPECT_NE(met(cause), 0U) << name_of(cause);
  for (const Reason reason : {Reason::kNoRule, Reason::kAppMismatch, Reason::kCondition, Reason::kDetection,
                              Reason::kQuarantine, Reason::kContradiction, Reason::kFragmentOverlap, Reason::kTxFull})
    EXPECT_NE(dropped(reason), 0U) << name_of(reason);
}

}  // namespace
}  // namespace wardline::test
