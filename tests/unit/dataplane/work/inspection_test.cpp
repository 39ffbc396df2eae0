// What a detection does by policy, how far threats are looked for, and what that costs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dataplane/packet/packet_view.h"
#include "tests/unit/dataplane/work/rig.h"

namespace wardline::test {
namespace {

using enforce::DetectionAction;
using enforce::Profile;
using enforce::Verdict;
using Words = PolicyWords;

constexpr auto kTvMac = "02:00:00:00:00:20", kPumpMac = "02:00:00:00:00:10", kRouter = "02:00:00:00:00:fe",
               kTvIp = "10.1.0.20", kPumpIp = "10.1.0.10", kServer = "10.9.0.1";

Words ward(DetectionAction evil, std::uint32_t depth = 65536) {
  Words words;
  words.rules(Words::kTv, {{.peer = kServer, .apps = {Words::kAlpha, Words::kBeta}, .port = 80}});
  words.rules(Words::kPump, {{.peer = kServer, .apps = {Words::kAlpha}, .port = 80, .essential = true}});
  words.device_class(Words::kTv).inspect_bytes = words.device_class(Words::kPump).inspect_bytes = depth;
  words.plain().detection_actions[0][Words::kEvil] = evil;
  return words;
}

Talk tv(Rig& rig, std::uint16_t port = 40000) {
  Talk talk(rig, kTvMac, kTvIp, kServer, port, 80);
  talk.handshake();
  EXPECT_EQ(talk.device_says("ALPHA"), Reason::kNone);
  return talk;
}

FrameBuilder datagram(std::string_view text) {
  return frame().from(kTvMac).to(kRouter).ipv4(kTvIp, kServer).udp(4000, 80).payload(text);
}

TEST(DetectionActions, AnAlertIsToldOnceAFlowAndNothingIsDropped) {
  Rig rig(ward(DetectionAction::kAlert));
  rig.add_device(kTvMac, Words::kTv);
  Talk talk = tv(rig);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(talk.device_says("EVIL"), Reason::kNone);
  EXPECT_THAT(rig.drain(EventKind::kDetection), testing::SizeIs(1));
}

TEST(DetectionActions, UnderANewPolicyAFlowIsToldOfAnew) {
  auto words = ward(DetectionAction::kAlert);
  Rig rig(words);
  rig.add_device(kTvMac, Words::kTv);
  Talk talk = tv(rig);
  EXPECT_EQ(talk.device_says("EVIL"), Reason::kNone);
  rig.publish(words);
  EXPECT_EQ(talk.device_says("EVIL"), Reason::kNone);
  EXPECT_EQ(talk.device_says("EVIL"), Reason::kNone);
  EXPECT_THAT(rig.drain(EventKind::kDetection), testing::SizeIs(2)) << "its numbers may mean other signatures";
}

TEST(DetectionActions, WhatIsOnlyCountedQuarantinesAtTheThresholdAndDropsNothing) {
  Rig rig(ward(DetectionAction::kCount));
  const SlotId slot = rig.add_device(kTvMac, Words::kTv);
  rig.arm(slot, Profile::kIsolate, 2);
  EXPECT_EQ(tv(rig).device_says("EVIL"), Reason::kNone);
  EXPECT_EQ(rig.slots().word(slot).quarantine, Profile::kNone);
  EXPECT_EQ(rig.from_device(datagram("BETA EVIL")), Reason::kQuarantine) << "it holds from this packet on";
  EXPECT_EQ(rig.slots().word(slot).quarantine, Profile::kIsolate) << "another application: a second distinct one";
}

TEST(DetectionActions, OfDatagramsADropTakesOneAndACondemnationAll) {
  for (const auto action : {DetectionAction::kDrop, DetectionAction::kCondemn}) {
    Rig rig(ward(action));
    rig.add_device(kTvMac, Words::kTv);
    EXPECT_EQ(rig.from_device(datagram("ALPHA")), Reason::kNone);
    EXPECT_EQ(rig.from_device(datagram("EVIL")), Reason::kDetection);
    const bool condemned = action == DetectionAction::kCondemn;
    EXPECT_EQ(rig.from_device(datagram("innocent")), condemned ? Reason::kDetection : Reason::kNone);
  }
}

TEST(DetectionActions, AQuarantineWaitsForNoThresholdAndObeysBudgets) {
  Rig rig(ward(DetectionAction::kQuarantine));
  const SlotId slot = rig.add_device(kTvMac, Words::kTv);
  rig.arm(slot, Profile::kIsolate, 100);
  rig.budgets().refill(0, 0, 0);
  EXPECT_EQ(tv(rig).device_says("EVIL"), Reason::kDetection);
  EXPECT_EQ(rig.slots().word(slot).quarantine, Profile::kNone) << "the budget is spent";
  rig.budgets().refill(1, 1, 1);
  EXPECT_EQ(tv(rig, 40001).device_says("EVIL"), Reason::kDetection);
  EXPECT_EQ(rig.slots().word(slot).quarantine, Profile::kIsolate);
}

TEST(DetectionActions, MonitorModeOnlySays) {
  Words words = ward(DetectionAction::kQuarantine);
  words.ward().mode = enforce::Mode::kMonitor;
  Rig rig(words);
  const SlotId slot = rig.add_device(kTvMac, Words::kTv);
  rig.arm(slot, Profile::kIsolate, 1);
  Talk talk = tv(rig);
  EXPECT_EQ(talk.device_says("EVIL"), Reason::kNone);
  EXPECT_EQ(talk.device_says("EVIL"), Reason::kNone);
  const auto told = rig.drain(EventKind::kDetection);
  ASSERT_THAT(told, testing::SizeIs(1));
  EXPECT_EQ(told[0].verdict, Verdict::kWouldBlock);
  EXPECT_EQ(rig.slots().word(slot).quarantine, Profile::kNone);
}

TEST(DetectionActions, AnEssentialFlowIsOnlyToldOfWhateverTheAction) {
  Rig rig(ward(DetectionAction::kQuarantine));
  const SlotId slot = rig.add_device(kPumpMac, Words::kPump);
  rig.arm(slot, Profile::kContain, 1);
  Talk talk(rig, kPumpMac, kPumpIp, kServer, 40000, 80);
  talk.handshake();
  EXPECT_EQ(talk.device_says("ALPHA EVIL"), Reason::kNone);
  EXPECT_EQ(talk.device_says("EVIL"), Reason::kNone);
  EXPECT_EQ(rig.slots().word(slot).quarantine, Profile::kNone);
  EXPECT_THAT(rig.drain(EventKind::kDetection), testing::SizeIs(1));
}

TEST(InspectionDepth, BulkApplicationsAreNotLookedAtFurtherOnceProved) {
  Words words = ward(DetectionAction::kCondemn);
  words.plain().apps[Words::kAlpha].bulk = true;
  Rig rig(words);
  rig.add_device(kTvMac, Words::kTv);
  EXPECT_EQ(tv(rig).device_says("EVIL"), Reason::kNone);
}

TEST(InspectionDepth, AllMeansForLife) {
  Rig rig(ward(DetectionAction::kCondemn, enforce::kInspectAll));
  rig.add_device(kTvMac, Words::kTv);
  Talk talk = tv(rig);
  for (int i = 0; i < 300; ++i) ASSERT_EQ(talk.device_says(std::string(1400, 'z')), Reason::kNone);
  EXPECT_EQ(talk.device_says("EVIL"), Reason::kDetection);
}

TEST(InspectionDepth, DatagramsAreLookedAtAsFarAsStreams) {
  Rig rig(ward(DetectionAction::kDrop, 4096));
  rig.add_device(kTvMac, Words::kTv);
  EXPECT_EQ(rig.from_device(datagram("ALPHA")), Reason::kNone);
  EXPECT_EQ(rig.from_device(datagram("EVIL")), Reason::kDetection);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(rig.from_device(datagram(std::string(1000, 'z'))), Reason::kNone);
  EXPECT_EQ(rig.from_device(datagram("EVIL past the depth")), Reason::kNone);
}

TEST(InspectionDepth, OfAConnectionMetInItsMiddleEachSegmentIsLookedAt) {
  Rig rig(ward(DetectionAction::kAlert));
  rig.add_device(kTvMac, Words::kTv);
  Talk talk(rig, kTvMac, kTvIp, kServer, 40000, 80);
  for (int i = 0; i < 8; ++i) EXPECT_EQ(talk.device_says("noise"), Reason::kNone);
  EXPECT_THAT(rig.drain(EventKind::kDetection), testing::IsEmpty());
  EXPECT_EQ(talk.device_says("EVIL"), Reason::kNone);
  EXPECT_THAT(rig.drain(EventKind::kDetection), testing::SizeIs(1));
}

TEST(InspectionDepth, AThreatPastTheFirstBytesOfAFlowThatIsNotKnownYetIsFound) {
  Rig rig(ward(DetectionAction::kCondemn));
  rig.add_device(kTvMac, Words::kTv);
  Talk talk(rig, kTvMac, kTvIp, kServer, 40000, 80);
  talk.handshake();
  EXPECT_EQ(talk.peer_says("?"), Reason::kNone);
  EXPECT_EQ(talk.device_says(std::string(1400, 'z')), Reason::kNone);
  EXPECT_EQ(talk.device_says(std::string(1398, 'z') + "EV"), Reason::kNone) << "past the 2 KiB";
  EXPECT_EQ(talk.device_says("IL"), Reason::kDetection);
}

TEST(InspectionDepth, TheSegmentThatProvesTheApplicationIsLookedAtPastTheFirstBytes) {
  Rig rig(ward(DetectionAction::kCondemn));
  rig.add_device(kTvMac, Words::kTv);
  Talk talk(rig, kTvMac, kTvIp, kServer, 40000, 80);
  talk.handshake();
  EXPECT_EQ(talk.device_says("ALPHA" + std::string(2500, 'z') + "EVIL"), Reason::kDetection);
}

TEST(InspectionDepth, ASegmentThatClosesAHoleAndProvesTheApplicationIsLookedAtWithWhatLayBehind) {
  Rig rig(ward(DetectionAction::kCondemn));
  rig.add_device(kTvMac, Words::kTv);
  Talk talk(rig, kTvMac, kTvIp, kServer, 40000, 80);
  talk.handshake();
  EXPECT_EQ(rig.from_device(talk.device_segment(5, " EVIL")), Reason::kNone) << "ahead of a hole: not judged yet";
  EXPECT_EQ(talk.device_says("ALPHA"), Reason::kDetection);
}

TEST(InspectionDepth, ASegmentLargerThanTheWindowIsLookedAtWhole) {
  Rig rig(ward(DetectionAction::kCondemn));
  rig.add_device(kTvMac, Words::kTv);
  EXPECT_EQ(tv(rig).device_says(std::string(8000, 'z') + "EVIL"), Reason::kDetection);
}

// What a mode lets on although it is refused is a hole to Wardline and none to the receiver.
TEST(InspectionDepth, WhatFollowsAHoleIsLookedAtOnceTheReceiverHasTheHole) {
  for (const bool by_device : {true, false}) {
    Rig rig(ward(DetectionAction::kAlert));
    rig.add_device(kTvMac, Words::kTv);
    Talk talk = tv(rig);
    const auto says = [&](std::uint32_t offset, std::string_view text) {
      return by_device ? rig.from_device(talk.device_segment(offset, text))
                       : rig.from_core(talk.peer_segment(offset, text));
    };
    EXPECT_EQ(says(3300, "EVIL"), Reason::kNone);
    EXPECT_THAT(rig.drain(EventKind::kDetection), testing::IsEmpty()) << "the hole may still be filled";
    constexpr std::uint32_t kDeviceNext = 1005, kPeerNext = 5000, kHole = 3306;
    EXPECT_EQ(by_device ? rig.from_core(talk.peer_segment(0, "").acknowledgement(kDeviceNext + kHole))
                        : rig.from_device(talk.device_segment(0, "").acknowledgement(kPeerNext + kHole)),
              Reason::kNone);
    EXPECT_EQ(says(3306, "EV"), Reason::kNone);
    EXPECT_EQ(says(3308, "IL"), Reason::kNone);
    EXPECT_THAT(rig.drain(EventKind::kDetection), testing::SizeIs(1));
  }
}

TEST(InspectionDepth, AnEmptyPoolFollowsTheFailureTableAndIsCounted) {
  auto options = Rig::small();
  options.inspected = 1;
  Rig rig(ward(DetectionAction::kCondemn), options);
  rig.add_device(kTvMac, Words::kTv);
  Talk first = tv(rig), second = tv(rig, 40001);
  EXPECT_EQ(second.device_says("EVIL"), Reason::kNone) << "nobody looks";
  EXPECT_EQ(first.device_says("EVIL"), Reason::kDetection);
  EXPECT_EQ(rig.worker().counters().failures[static_cast<std::size_t>(Reason::kBufferPoolExhausted)].read(), 1U);
}

TEST(InspectionDepth, EachEndOfAFlowGivesItsBuffersBack) {
  Rig rig(ward(DetectionAction::kCondemn, 2000));
  const SlotId slot = rig.add_device(kTvMac, Words::kTv);
  Talk through = tv(rig), condemned = tv(rig, 40001), blocked = tv(rig, 40002), idle = tv(rig, 40003);
  EXPECT_EQ(rig.worker().buffers_in_use(), 4U);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(through.device_says(std::string(1000, 'z')), Reason::kNone);
    EXPECT_EQ(through.peer_says(std::string(1000, 'z')), Reason::kNone);
  }
  EXPECT_EQ(through.device_says("more"), Reason::kNone);
  EXPECT_EQ(rig.worker().buffers_in_use(), 3U) << "the depth is reached both ways";
  EXPECT_EQ(condemned.device_says("EVIL"), Reason::kDetection);
  EXPECT_EQ(rig.worker().buffers_in_use(), 2U);
  rig.quarantine(slot, Profile::kCutOff);
  EXPECT_EQ(blocked.device_says("x"), Reason::kQuarantine);
  EXPECT_EQ(rig.worker().buffers_in_use(), 1U);
  for (int i = 0; i < 4000; ++i) {
    rig.advance(2 * kSecond);
    rig.idle();
  }
  EXPECT_EQ(rig.worker().buffers_in_use(), 0U) << "the idle flow expired";
}

// Both ends of a connection are over: a FIN of each, or a RST.
void end(Rig& rig, Talk& talk) {
  EXPECT_EQ(rig.from_device(talk.device_segment(0, "").flags(packet::kFin | packet::kAck)), Reason::kNone);
  EXPECT_EQ(rig.from_core(talk.peer_segment(0, "").flags(packet::kFin | packet::kAck)), Reason::kNone);
}

TEST(InspectionDepth, AnEndedConnectionGivesItsWindowToANewOne) {
  auto options = Rig::small();
  options.inspected = 1;
  Rig rig(ward(DetectionAction::kCondemn), options);
  rig.add_device(kTvMac, Words::kTv);
  Talk first = tv(rig);
  end(rig, first);
  Talk second = tv(rig, 40001);
  EXPECT_EQ(second.device_says("EVIL"), Reason::kDetection);
  EXPECT_EQ(rig.worker().counters().failures[static_cast<std::size_t>(Reason::kBufferPoolExhausted)].read(), 0U);
  EXPECT_EQ(rig.worker().counters().of(Tally::kWindowsTakenBack), 1U);
  EXPECT_EQ(first.device_says("the last bytes, sent again"), Reason::kNone) << "what comes after its end passes";
}

TEST(InspectionDepth, AWindowIsGivenBackWithTheAcknowledgementOfTheSecondFin) {
  constexpr std::uint8_t kFinAck = packet::kFin | packet::kAck;
  Rig rig(ward(DetectionAction::kCondemn));
  rig.add_device(kTvMac, Words::kTv);
  Talk talk = tv(rig);
  const std::uint32_t device_end = 1000 + 5, peer_end = 5000;
  EXPECT_EQ(rig.from_device(talk.device_segment(0, "").flags(kFinAck).acknowledgement(peer_end + 1)), Reason::kNone);
  EXPECT_EQ(rig.worker().buffers_in_use(), 1U) << "what a device says that it has is not what its peer has sent";
  EXPECT_EQ(rig.from_core(talk.peer_segment(0, "").flags(kFinAck).acknowledgement(device_end)), Reason::kNone);
  EXPECT_EQ(rig.worker().buffers_in_use(), 1U)
      << "the peer lacks the FIN: the device sends it again, and may send more";
  EXPECT_EQ(rig.from_core(talk.peer_segment(1, "").acknowledgement(device_end + 1)), Reason::kNone);
  EXPECT_EQ(rig.worker().buffers_in_use(), 0U);
  EXPECT_EQ(rig.worker().counters().of(Tally::kWindowsTakenBack), 0U);
  EXPECT_EQ(rig.worker().flows_in_use(), 1U) << "its record waits for the time-out";
  EXPECT_EQ(talk.device_says("ALPHA"), Reason::kNone) << "sent again: its peer has it";
  Talk next = tv(rig);  // the same ports again
  EXPECT_EQ(rig.worker().buffers_in_use(), 1U);
  EXPECT_EQ(next.device_says("EVIL"), Reason::kDetection) << "another connection is read from its beginning";
}

TEST(InspectionDepth, AnEndedConnectionKeepsItsWindowUntilItIsSilentForASecond) {
  Rig rig(ward(DetectionAction::kCondemn));
  rig.add_device(kTvMac, Words::kTv);
  Talk talk = tv(rig);
  EXPECT_EQ(rig.from_core(talk.peer_segment(0, "").flags(packet::kRst)), Reason::kNone);
  for (int i = 0; i < 4; ++i) {  // the device did not take it
    rig.advance(kSecond / 2);
    EXPECT_EQ(talk.device_says("more"), Reason::kNone);
    EXPECT_EQ(rig.worker().buffers_in_use(), 1U);
  }
  EXPECT_EQ(talk.device_says("EVIL"), Reason::kDetection);

  Talk other = tv(rig, 40001);
  end(rig, other);
  rig.advance(kSecond / 2);
  rig.idle();
  EXPECT_EQ(rig.worker().buffers_in_use(), 1U);
  rig.advance(kSecond);
  rig.idle();
  EXPECT_EQ(rig.worker().buffers_in_use(), 0U);
  EXPECT_EQ(rig.worker().flows_in_use(), 2U) << "their records wait for the time-out";
}

// docs/operations.md states this figure.
TEST(Memory, OfAMillionFlowsATenthUndecidedIsStatedAndBounded) {
  auto options = Rig::small();
  options.flows_v4 = 1'000'000;
  options.flows_v6 = 1024;
  options.undecided = options.inspected = 100'000;
  SnapshotPublisher publisher;
  auto slots = enforce::DeviceSlots::open("", 64);
  enforce::QuarantineBudgets budgets;
  const Worker worker(options, publisher, **slots, budgets);
  std::uint64_t flows = 0, undecided = 0, inspected = 0, all = 0;
  for (const auto& term : worker.memory()) {
    all += term.bytes;
    if (term.name == "flows_v4" || term.name == "flow_expiry") flows += term.bytes;
    if (term.name == "undecided_flows") undecided = term.bytes;
    if (term.name == "inspected_flows") inspected = term.bytes;
  }
  EXPECT_LE(flows, 120'000'000U) << "120 bytes a flow";
  EXPECT_LE(undecided, 450'000'000U) << "4.5 kB each";
  EXPECT_LE(inspected, 860'000'000U) << "8.6 kB each";
  EXPECT_GT(undecided + inspected, 1'200'000'000U) << "two windows and more";
  EXPECT_LE(all, 1'520'000'000U);
}

}  // namespace
}  // namespace wardline::test
