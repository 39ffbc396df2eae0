// A new policy while frames wait: settled flows are decided again one in a batch, and nothing else is late.
#include "dataplane/work/policy_change.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/dataplane/work/rig.h"

namespace wardline::test {
namespace {

using Words = PolicyWords;

constexpr auto kPumpMac = "02:00:00:00:00:10", kRouter = "02:00:00:00:00:fe", kPumpIp = "10.1.0.10",
               kServer = "10.9.0.1";
constexpr std::uint16_t kFirstPort = 40000, kService = 5000;
constexpr std::size_t kFull = Batch::kMaxFrames;

Words allowing(AppId app) {
  Words words;
  words.rules(Words::kPump, {{.peer = kServer, .apps = {app}, .port = kService}});
  return words;
}

// A pump with as many settled flows to a server as a batch has frames.
class PolicyChange : public testing::Test {
 protected:
  void SetUp() override {
    pump_ = rig_.add_device(kPumpMac, Words::kPump);
    for (std::size_t flow = 0; flow < kFull; ++flow) {
      ASSERT_EQ(rig_.from_device(asked(flow)), Reason::kNone);
      ASSERT_EQ(rig_.from_core(answered(flow)), Reason::kNone);
    }
    ASSERT_EQ(dropped_of(kFull), 0U);
    ASSERT_EQ(decided(), 0U);
  }

  static FrameBuilder asked(std::size_t flow) {
    return frame()
        .from(kPumpMac)
        .to(kRouter)
        .ipv4(kPumpIp, kServer)
        .udp(static_cast<std::uint16_t>(kFirstPort + flow), kService)
        .payload("ALPHA")
        .pad_to(60);
  }
  static FrameBuilder answered(std::size_t flow) {
    return frame()
        .from(kRouter)
        .to(kPumpMac)
        .ipv4(kServer, kPumpIp)
        .udp(kService, static_cast<std::uint16_t>(kFirstPort + flow))
        .payload("yes");
  }

  // Sends one frame of each of the first flows in one batch.
  std::size_t dropped_of(std::size_t flows) {
    std::vector<std::pair<Bytes, Side>> frames;
    for (std::size_t flow = 0; flow < flows; ++flow) frames.emplace_back(asked(flow).bytes(), Side::kDevice);
    const auto reasons = rig_.burst(frames);
    rig_.expect_balanced();
    return flows - static_cast<std::size_t>(std::ranges::count(reasons, Reason::kNone));
  }
  std::uint64_t decided() { return rig_.worker().counters().of(Tally::kFlowsRedecided); }
  std::uint64_t passed_under_former() { return rig_.worker().counters().of(Tally::kPassedUnderFormer); }

  Words same_ = allowing(Words::kAlpha), stricter_ = allowing(Words::kBeta);
  Rig rig_{same_};
  SlotId pump_ = kNoSlot;
};

TEST_F(PolicyChange, FullBatchesDecideOneFlowEach) {
  rig_.publish(same_);
  EXPECT_EQ(dropped_of(kFull), 0U);
  EXPECT_EQ(decided(), 1U);
  EXPECT_EQ(passed_under_former(), kFull - 1);
  for (std::size_t batch = 1; batch < kFull; ++batch) EXPECT_EQ(dropped_of(kFull), 0U);
  EXPECT_EQ(decided(), kFull) << "each flow had its turn";
  const auto passed = passed_under_former();
  EXPECT_EQ(dropped_of(kFull), 0U);
  EXPECT_EQ(passed_under_former(), passed) << "none is left that was decided under the former policy";
}

TEST_F(PolicyChange, WhereNoFrameWaitsEachFlowIsDecidedAtItsNextPacket) {
  rig_.publish(stricter_);
  EXPECT_EQ(dropped_of(kFull - 1), kFull - 1);
  EXPECT_EQ(decided(), kFull - 1);
  EXPECT_EQ(passed_under_former(), 0U);
}

TEST_F(PolicyChange, AStricterPolicyDropsFlowsAsTheirTurnsComeAndAllAfterASecond) {
  rig_.publish(stricter_);
  EXPECT_EQ(dropped_of(kFull), 1U);
  EXPECT_EQ(dropped_of(kFull), 2U);
  EXPECT_EQ(dropped_of(kFull), 3U);
  rig_.advance(work::PolicyChange::kLongest);
  EXPECT_EQ(dropped_of(kFull), kFull);
}

TEST_F(PolicyChange, AQuarantineDoesNotWait) {
  rig_.publish(same_);
  ASSERT_EQ(dropped_of(kFull), 0U);
  rig_.quarantine(pump_, enforce::Profile::kCutOff);
  EXPECT_EQ(dropped_of(kFull), kFull);
}

TEST_F(PolicyChange, AFlowIsNeverTwoPoliciesLate) {
  rig_.publish(same_);
  ASSERT_EQ(dropped_of(kFull), 0U);  // the first flow is decided under this one
  rig_.publish(stricter_);
  EXPECT_EQ(dropped_of(kFull), kFull) << "the first has this batch's turn, the others had theirs";
}

}  // namespace
}  // namespace wardline::test
