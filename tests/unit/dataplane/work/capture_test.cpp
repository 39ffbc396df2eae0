// What a capture is told by a worker: every frame once, with what became of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dataplane/capture/recording.h"
#include "dataplane/packet/packet_view.h"
#include "tests/unit/dataplane/work/rig.h"

namespace wardline::test {
namespace {

using capture::CapturedFrame;
using capture::Fate;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using Words = PolicyWords;

constexpr auto kTv = "02:00:00:00:00:20", kRouter = "02:00:00:00:00:fe", kTvIp = "10.1.0.20", kServer = "10.9.0.1";

Words tv_words() {
  Words words;
  words.rules(Words::kTv, {{.peer = kServer, .apps = {Words::kAlpha}, .port = 80}});
  words.device_class(Words::kTv).on_violation = enforce::OnViolation::kReject;
  return words;
}

std::shared_ptr<const capture::Filter> all_frames() {
  return std::make_shared<const capture::Filter>(*capture::Filter::make({BPF_STMT(BPF_RET | BPF_K, 65535)}, false));
}

class CaptureOfAWorker : public testing::Test {
 protected:
  CaptureOfAWorker() : rig_(tv_words()) {
    rig_.add_device(kTv, Words::kTv);
    rig_.worker().capture_tap().open(recording_);
  }
  std::vector<CapturedFrame> taken() {
    std::vector<CapturedFrame> all;
    for (const auto* frame = recording_.frames().front(); frame != nullptr; frame = recording_.frames().front()) {
      all.push_back(*frame);
      recording_.frames().pop();
    }
    return all;
  }
  std::vector<Fate> fates() {
    std::vector<Fate> all;
    for (const auto& frame : taken()) all.push_back(frame.fate);
    return all;
  }
  static FrameBuilder from_tv() { return frame().from(kTv).to(kRouter).ipv4(kTvIp, kServer); }

  capture::Recording recording_{all_frames(), 64};
  Rig rig_;
};

TEST_F(CaptureOfAWorker, EveryPacketOfASettledFlowIsTold) {
  Talk talk(rig_, kTv, kTvIp, kServer, 40000, 80);
  talk.handshake().device_says("ALPHA question");
  ASSERT_THAT(taken(), SizeIs(4));
  for (int i = 0; i < 10; ++i) EXPECT_EQ(talk.device_says("and more"), Reason::kNone);
  const auto frames = taken();
  ASSERT_THAT(frames, SizeIs(10));
  for (const auto& frame : frames) {
    EXPECT_EQ(frame.fate, Fate::kForwarded);
    EXPECT_EQ(frame.side, Side::kDevice);
    EXPECT_TRUE(frame.in_flow);
    EXPECT_EQ(frame.verdict, enforce::Verdict::kAllow);
    EXPECT_EQ(frame.rule, 0U);
    EXPECT_EQ(frame.length, 14 + 20 + 20);
    EXPECT_EQ(frame.wire_length, 14 + 20 + 20 + 8U);
  }
}

TEST_F(CaptureOfAWorker, ABlockedFrameIsToldWithItsReasonAndTheResetThatAnswersIt) {
  EXPECT_EQ(rig_.from_device(from_tv().tcp(40000, 23).flags(packet::kSyn)), Reason::kNoRule);
  const auto frames = taken();
  ASSERT_THAT(frames, SizeIs(2));
  EXPECT_EQ(frames[0].fate, Fate::kDropped);
  EXPECT_EQ(frames[0].reason, Reason::kNoRule);
  EXPECT_EQ(frames[0].verdict, enforce::Verdict::kBlock);
  EXPECT_EQ(frames[1].fate, Fate::kCreated);
  EXPECT_EQ(frames[1].side, Side::kDevice) << "it leaves by the leg that its cause came in by";
}

TEST_F(CaptureOfAWorker, FragmentsAreHeldAndThenGo) {
  const std::string payload = "ALPHA" + std::string(19, 'x');
  const auto whole = from_tv().udp(4000, 80).payload(payload).packet();
  const Bytes first(whole.begin() + 20, whole.begin() + 36), rest(whole.begin() + 36, whole.end());
  const auto piece = [&](const Bytes& bytes, std::uint16_t offset, bool more) {
    return from_tv().proto(17).payload(bytes).fragment(offset, more);
  };
  rig_.from_device(piece(first, 0, true));
  EXPECT_THAT(fates(), ElementsAre(Fate::kHeld));
  rig_.from_device(piece(rest, 16, false));
  EXPECT_THAT(fates(), ElementsAre(Fate::kHeld, Fate::kReleased, Fate::kReleased));
}

TEST_F(CaptureOfAWorker, AFrameThatTheLegDoesNotTakeIsToldAtThatLeg) {
  const auto bytes = from_tv().udp(4000, 80).payload("ALPHA").bytes();
  const Frame lost{.bytes = bytes, .wire_length = static_cast<std::uint32_t>(bytes.size()), .side = Side::kDevice};
  rig_.worker().tell_lost(lost, Reason::kTxFull);
  rig_.worker().tell_lost(lost, Reason::kDistributionFull);
  const auto frames = taken();
  ASSERT_THAT(frames, SizeIs(2));
  EXPECT_EQ(frames[0].fate, Fate::kNotSent);
  EXPECT_EQ(frames[0].side, Side::kCore);
  EXPECT_EQ(frames[1].fate, Fate::kDropped);
  EXPECT_EQ(frames[1].side, Side::kDevice);
}

TEST_F(CaptureOfAWorker, WhatFindsNoRoomIsCountedAndTheFrameGoesOn) {
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(rig_.from_device(frame().from(kTv).to("ff:ff:ff:ff:ff:ff").arp(1, kTvIp, kServer)), Reason::kNone);
  EXPECT_EQ(recording_.wanted(), 100U);
  EXPECT_EQ(taken().size() + recording_.lost(), 100U);
  EXPECT_EQ(recording_.lost(), 36U);
}

TEST_F(CaptureOfAWorker, NothingIsToldOnceTheTapIsClosed) {
  rig_.worker().capture_tap().close();
  rig_.from_device(from_tv().tcp(40000, 80).flags(packet::kSyn));
  EXPECT_THAT(taken(), IsEmpty());
  EXPECT_EQ(recording_.wanted(), 0U);
}

}  // namespace
}  // namespace wardline::test
