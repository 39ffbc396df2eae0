// Each kind of failure has a declared behaviour, a counter and a record.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dataplane/packet/packet_view.h"
#include "tests/unit/dataplane/work/rig.h"

namespace wardline::test {
namespace {

using enforce::AppState;
using enforce::FailureAction;
using Words = PolicyWords;

constexpr auto kTvMac = "02:00:00:00:00:20", kPumpMac = "02:00:00:00:00:10", kTvIp = "10.1.0.20", kPumpIp = "10.1.0.10",
               kServer = "10.9.0.1";

Words ward() {
  Words words;
  words.rules(Words::kTv, {{.peer = kServer, .apps = {Words::kAlpha}, .port = 80}});
  words.rules(Words::kPump, {{.peer = kServer, .apps = {Words::kAlpha}, .port = 80, .essential = true}});
  return words;
}

std::uint64_t failures(Rig& rig, Reason cause) {
  return rig.worker().counters().failures[static_cast<std::size_t>(cause)].read();
}

Words drop_on(Reason cause) {
  Words words = ward();
  words.plain().on_failure[static_cast<std::size_t>(cause)] = FailureAction::kDrop;
  words.ward().unidentified_mode = enforce::Mode::kEnforce;
  return words;
}

TEST(Failures, UnderOverloadInspectionIsShedAndForwardingIsNot) {
  Rig rig(ward());
  rig.add_device(kTvMac, Words::kTv);
  rig.worker().set_overloaded(true);
  Talk talk(rig, kTvMac, kTvIp, kServer, 40000, 80);
  talk.handshake();
  EXPECT_EQ(talk.device_says("BETA unseen"), Reason::kNone);
  EXPECT_EQ(failures(rig, Reason::kOverload), 1U);
  rig.worker().set_overloaded(false);
  Talk after(rig, kTvMac, kTvIp, kServer, 40001, 80);
  after.handshake();
  EXPECT_EQ(after.device_says("BETA seen"), Reason::kAppMismatch);
}

TEST(Failures, OverloadMayBeToldToDropAndIsThenRecorded) {
  Rig rig(drop_on(Reason::kOverload));
  rig.add_device(kTvMac, Words::kTv);
  rig.worker().set_overloaded(true);
  Talk talk(rig, kTvMac, kTvIp, kServer, 40000, 80);
  talk.handshake();
  EXPECT_EQ(talk.device_says("ALPHA"), Reason::kOverload);
  EXPECT_THAT(rig.drain(EventKind::kViolation), testing::Not(testing::IsEmpty()));
}

TEST(Failures, AFullDeviceTableFollowsItsRow) {
  Rig rig(drop_on(Reason::kDeviceTableFull));
  for (int i = 0; i < 300; ++i) {
    enforce::SlotIdentity identity;
    identity.segment = Words::kWard;
    identity.mac = Mac{{2, 9, 0, 0, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)}};
    rig.slots().allocate(identity);
  }
  ASSERT_TRUE(rig.slots().full());
  EXPECT_EQ(Talk(rig, kTvMac, kTvIp, kServer, 40000, 80).syn(), Reason::kDeviceTableFull);
  EXPECT_EQ(failures(rig, Reason::kDeviceTableFull), 1U);
  rig.slots().release(rig.slots().real_slots().front());
  EXPECT_FALSE(rig.slots().full());
}

TEST(Failures, AMalformedFrameIsDroppedWithARecordOfItsSender) {
  Rig rig(ward());
  auto cut = frame().from(kTvMac).to("02:00:00:00:00:fe").ipv4(kTvIp, kServer).tcp(1, 2).bytes();
  cut.resize(30);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(rig.one(cut, Side::kDevice), Reason::kMalformed);
  const auto told = rig.drain(EventKind::kViolation);
  ASSERT_EQ(told.size(), 1U) << "what follows is added up";
  EXPECT_EQ(told[0].reason, Reason::kMalformed);
  EXPECT_EQ(told[0].device_mac, mac(kTvMac));
}

TEST(Failures, OnAnAsymmetricSegmentHeadersMustDo) {
  Words words = ward();
  words.ward().asymmetric = true;
  Rig rig(words);
  rig.add_device(kTvMac, Words::kTv);
  Talk talk(rig, kTvMac, kTvIp, kServer, 40000, 80);
  EXPECT_EQ(talk.syn(), Reason::kNone);
  EXPECT_EQ(talk.device_says("BETA, and no answer crosses here"), Reason::kNone);
  EXPECT_EQ(Talk(rig, kTvMac, kTvIp, kServer, 40001, 81).syn(), Reason::kNoRule);
  rig.worker().finish(rig.now());
  EXPECT_EQ(rig.drain(EventKind::kFlow).front().app_state, AppState::kPortOnly);
}

TEST(Failures, FlowsExpireOnAHostThatHasBeenUpForAMonth) {
  auto options = Rig::small();
  Rig rig(ward(), options);
  SnapshotPublisher publisher;
  auto slots = std::move(*enforce::DeviceSlots::open("", 64));
  enforce::QuarantineBudgets budgets;
  Worker worker(options, publisher, *slots, budgets);
  Words words = ward();
  ASSERT_TRUE(publisher.publish(words.snapshot(1)));
  Tick now = Tick{40} * 24 * 3600 * kSecond;
  const auto datagram =
      frame().from(kTvMac).to("02:00:00:00:00:fe").ipv4(kTvIp, kServer).udp(5, 80).payload("ALPHA").bytes();
  Batch batch;
  batch.frames[0] = Frame{.bytes = datagram, .wire_length = static_cast<std::uint32_t>(datagram.size())};
  batch.size = 1;
  worker.process(batch, now);
  ASSERT_EQ(worker.flows_in_use(), 1U);
  batch.size = 0;
  for (int i = 0; i < 300; ++i) worker.process(batch, now += kSecond);
  EXPECT_EQ(worker.flows_in_use(), 0U);
}

TEST(Inspection, ThreatsAreLookedForBeyondTheGreetingUntilTheDepth) {
  Words words = ward();
  words.device_class(Words::kTv).inspect_bytes = 200;
  Rig rig(words);
  rig.add_device(kTvMac, Words::kTv);
  Talk early(rig, kTvMac, kTvIp, kServer, 40000, 80), late(rig, kTvMac, kTvIp, kServer, 40001, 80);
  early.handshake();
  EXPECT_EQ(early.device_says("ALPHA hello"), Reason::kNone);
  EXPECT_EQ(early.device_says("later EVIL"), Reason::kDetection);
  EXPECT_EQ(early.device_says("innocent"), Reason::kDetection) << "condemned";
  late.handshake();
  EXPECT_EQ(late.device_says("ALPHA hello"), Reason::kNone);
  EXPECT_EQ(late.device_says(std::string(250, 'z')), Reason::kNone);
  EXPECT_EQ(late.device_says("EVIL past the depth"), Reason::kNone);
}

TEST(Inspection, InAnEssentialFlowADetectionIsToldAndNothingIsCut) {
  Words words = ward();
  words.device_class(Words::kPump).inspect_bytes = 200;
  Rig rig(words);
  rig.add_device(kPumpMac, Words::kPump);
  Talk talk(rig, kPumpMac, kPumpIp, kServer, 40000, 80);
  talk.handshake();
  EXPECT_EQ(talk.device_says("ALPHA hello"), Reason::kNone);
  EXPECT_EQ(talk.device_says("EVIL"), Reason::kNone);
  EXPECT_EQ(talk.device_says("goes on"), Reason::kNone);
  EXPECT_THAT(rig.drain(EventKind::kDetection), testing::SizeIs(1));
}

}  // namespace
}  // namespace wardline::test
