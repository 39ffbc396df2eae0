// The worker counts, and cuts back a device by itself; what a profile keeps lives on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dataplane/packet/packet_view.h"
#include "tests/unit/dataplane/work/rig.h"

namespace wardline::test {
namespace {

using enforce::Profile;
using Words = PolicyWords;

constexpr auto kPumpMac = "02:00:00:00:00:10", kTvMac = "02:00:00:00:00:20", kPumpIp = "10.1.0.10", kTvIp = "10.1.0.20",
               kServer = "10.9.0.1", kResolver = "10.9.0.53";

Words ward() {
  Words words;
  words.infrastructure({{.peer = kResolver, .apps = {Words::kBeta}, .port = 53, .living = true},
                        {.peer = "broadcast", .apps = {Words::kDhcp}, .port = 67, .living = true}});
  words.rules(Words::kPump, {{.peer = kServer, .apps = {Words::kAlpha}, .port = 443, .essential = true},
                             {.peer = kServer, .apps = {Words::kBeta}, .port = 80}});
  words.rules(Words::kTv, {{.peer = kServer, .apps = {Words::kBeta}, .port = 80}});
  return words;
}

FrameBuilder syn_to(std::uint16_t port) {
  return frame().from(kTvMac).to("02:00:00:00:00:fe").ipv4(kTvIp, kServer).tcp(40000, port).flags(packet::kSyn);
}

Reason scan(Rig& rig, std::uint16_t port) {
  return rig.from_device(syn_to(port));
}

TEST(Quarantine, AScanningDeviceIsCutBackByTheWorkerAlone) {
  Rig rig(ward());
  const SlotId slot = rig.add_device(kTvMac, Words::kTv);
  rig.arm(slot, Profile::kIsolate, 20);
  Talk allowed(rig, kTvMac, kTvIp, kServer, 41000, 80);
  allowed.handshake();
  EXPECT_EQ(allowed.device_says("BETA"), Reason::kNone);
  for (std::uint16_t port = 100; port < 119; ++port) EXPECT_EQ(scan(rig, port), Reason::kNoRule);
  EXPECT_EQ(rig.slots().word(slot).quarantine, Profile::kNone);
  EXPECT_EQ(scan(rig, 119), Reason::kNoRule) << "what completes the threshold is still blocked for what it was";
  for (std::uint16_t port = 120; port < 125; ++port) EXPECT_EQ(scan(rig, port), Reason::kQuarantine);
  EXPECT_EQ(rig.slots().word(slot).quarantine, Profile::kIsolate);
  EXPECT_EQ(allowed.device_says("more"), Reason::kQuarantine) << "its next packet";
  EXPECT_THAT(rig.drain(EventKind::kQuarantined), testing::SizeIs(1));
}

// Its device was looked for before the first of them was judged.
TEST(Quarantine, HoldsFromTheNextFrameOfTheSameBurst) {
  std::vector<std::pair<Bytes, Side>> frames;
  for (std::uint16_t port = 100; port < 125; ++port) frames.emplace_back(syn_to(port).bytes(), Side::kDevice);
  std::vector<Reason> expected(20, Reason::kNoRule);
  expected.resize(frames.size(), Reason::kQuarantine);
  for (const Tick later : {Tick{0}, Tick{1} << 20}) {  // in whichever tick the window begins
    Rig rig(ward());
    rig.arm(rig.add_device(kTvMac, Words::kTv), Profile::kIsolate, 20);
    rig.advance(later);
    EXPECT_EQ(rig.burst(frames), expected);
  }
}

TEST(Quarantine, RetransmissionsOfOneViolationCountOnce) {
  Rig rig(ward());
  const SlotId slot = rig.add_device(kTvMac, Words::kTv);
  rig.arm(slot, Profile::kIsolate, 2);
  for (int i = 0; i < 50; ++i) scan(rig, 100);
  EXPECT_EQ(rig.slots().word(slot).quarantine, Profile::kNone);
}

TEST(Quarantine, AnUnarmedSlotIsNeverCutBackByTheWorker) {
  Rig rig(ward());
  const SlotId slot = rig.add_device(kTvMac, Words::kTv);
  rig.slots().cold(slot).threshold = 5;
  for (std::uint16_t port = 100; port < 200; ++port) scan(rig, port);
  EXPECT_EQ(rig.slots().word(slot).quarantine, Profile::kNone);
}

TEST(Quarantine, WithoutATokenFromEveryBudgetNothingIsCutBack) {
  Rig rig(ward());
  rig.budgets().refill(5, 0, 5);
  const SlotId slot = rig.add_device(kTvMac, Words::kTv);
  rig.arm(slot, Profile::kIsolate, 5);
  for (std::uint16_t port = 100; port < 200; ++port) scan(rig, port);
  EXPECT_EQ(rig.slots().word(slot).quarantine, Profile::kNone);
  EXPECT_GT(rig.worker().counters().of(Tally::kQuarantineBudgetDenied), 0U);
}

TEST(Quarantine, ContainKeepsEssentialFlowsAndWhatTheyLiveOn) {
  Rig rig(ward());
  const SlotId slot = rig.add_device(kPumpMac, Words::kPump);
  Talk essential(rig, kPumpMac, kPumpIp, kServer, 40000, 443), other(rig, kPumpMac, kPumpIp, kServer, 40001, 80);
  essential.handshake().device_says("ALPHA");
  other.handshake().device_says("BETA");
  rig.quarantine(slot, Profile::kContain);
  EXPECT_EQ(essential.device_says("more"), Reason::kNone);
  EXPECT_EQ(other.device_says("more"), Reason::kQuarantine);
  Talk fresh(rig, kPumpMac, kPumpIp, kServer, 40002, 443);
  fresh.handshake();
  EXPECT_EQ(fresh.device_says("ALPHA"), Reason::kNone);
  EXPECT_EQ(rig.from_device(
                frame().from(kPumpMac).to("02:00:00:00:00:fe").ipv4(kPumpIp, kResolver).udp(4000, 53).payload("BETA?")),
            Reason::kNone);
  EXPECT_EQ(rig.from_device(frame().from(kPumpMac).to("ff:ff:ff:ff:ff:ff").arp(1, kPumpIp, kServer)), Reason::kNone);
  const std::string discover("\x01\x01\x06\x00", 4);
  EXPECT_EQ(rig.from_device(frame()
                                .from(kPumpMac)
                                .to("ff:ff:ff:ff:ff:ff")
                                .ipv4("0.0.0.0", "255.255.255.255")
                                .udp(68, 67)
                                .payload(discover)),
            Reason::kNone);
}

TEST(Quarantine, CutOffKeepsNothingNotEvenArp) {
  Rig rig(ward());
  const SlotId slot = rig.add_device(kPumpMac, Words::kPump);
  rig.quarantine(slot, Profile::kCutOff);
  EXPECT_EQ(rig.from_device(frame().from(kPumpMac).to("ff:ff:ff:ff:ff:ff").arp(1, kPumpIp, kServer)),
            Reason::kQuarantine);
  EXPECT_EQ(Talk(rig, kPumpMac, kPumpIp, kServer, 40000, 443).syn(), Reason::kQuarantine);
}

TEST(Quarantine, IsolateOfALifeCriticalClassStillKeepsItsEssentialFlows) {
  Rig rig(ward());
  const SlotId pump = rig.add_device(kPumpMac, Words::kPump), tv = rig.add_device(kTvMac, Words::kTv);
  rig.quarantine(pump, Profile::kIsolate);
  rig.quarantine(tv, Profile::kIsolate);
  EXPECT_EQ(Talk(rig, kPumpMac, kPumpIp, kServer, 40000, 443).syn(), Reason::kNone);
  EXPECT_EQ(Talk(rig, kTvMac, kTvIp, kServer, 40000, 80).syn(), Reason::kQuarantine);
}

TEST(Quarantine, HoldsInMonitorModeToo) {
  Words words = ward();
  words.ward().mode = enforce::Mode::kMonitor;
  Rig rig(words);
  rig.quarantine(rig.add_device(kTvMac, Words::kTv), Profile::kContain);
  EXPECT_EQ(scan(rig, 80), Reason::kQuarantine);
}

TEST(Quarantine, HoldsWhenTheFlowTableIsFull) {
  auto options = Rig::small();
  options.flows_v4 = 16;
  Rig rig(ward(), options);
  const SlotId slot = rig.add_device(kTvMac, Words::kTv);
  for (std::uint16_t port = 100; port < 400; ++port) scan(rig, port);
  EXPECT_GT(rig.worker().counters().failures[static_cast<std::size_t>(Reason::kFlowTableFull)].read(), 0U);
  rig.quarantine(slot, Profile::kContain);
  EXPECT_EQ(scan(rig, 999), Reason::kQuarantine);
}

TEST(Quarantine, AReleasedDeviceMayDoAgainWhatItsClassMay) {
  Rig rig(ward());
  const SlotId slot = rig.add_device(kTvMac, Words::kTv);
  Talk talk(rig, kTvMac, kTvIp, kServer, 41000, 80);
  talk.handshake().device_says("BETA");
  rig.quarantine(slot, Profile::kIsolate);
  EXPECT_EQ(talk.device_says("more"), Reason::kQuarantine);
  rig.quarantine(slot, Profile::kNone);
  EXPECT_EQ(talk.device_says("more"), Reason::kNone);
}

}  // namespace
}  // namespace wardline::test
