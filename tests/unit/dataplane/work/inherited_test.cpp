// A serial server is as critical as the most critical device behind it, whatever its own class.
#include <gtest/gtest.h>

#include "tests/unit/dataplane/work/rig.h"

namespace wardline::test {
namespace {

using enforce::Criticality;
using enforce::Profile;
using Words = PolicyWords;

constexpr auto kServerMac = "02:00:00:00:00:20", kServerIp = "10.1.0.20", kGateway = "10.9.0.1";
constexpr std::uint16_t kSerialPort = 4001;

// The server's own class is of criticality none.
class Inherited : public testing::Test {
 protected:
  static Words ward() {
    Words words;
    words.rules(Words::kTv, {{.opens = enforce::Opens::kPeer,
                              .peer = kGateway,
                              .apps = {Words::kAlpha},
                              .port = kSerialPort,
                              .essential = true},
                             {.peer = kGateway, .apps = {Words::kBeta}, .port = 80}});
    return words;
  }

  void inherit(Criticality criticality) {
    rig_.slots().update(slot_, [&](enforce::SlotWord& word) {
      word.inherited = criticality;
      return true;
    });
  }
  Talk asked_by_gateway(std::uint16_t port = 50000) {
    return {rig_, kServerMac, kServerIp, kGateway, kSerialPort, port, false};
  }
  Talk of_its_own(std::uint16_t port) { return {rig_, kServerMac, kServerIp, kGateway, port, 80}; }

  Rig rig_{ward()};
  const SlotId slot_ = rig_.add_device(kServerMac, Words::kTv);
};

TEST_F(Inherited, IsolateKeepsWhatALifeBehindTheServerDependsOn) {
  auto essential = asked_by_gateway();
  essential.handshake().peer_says("ALPHA");
  rig_.quarantine(slot_, Profile::kIsolate);
  EXPECT_EQ(essential.device_says("ALPHA"), Reason::kQuarantine) << "nothing hangs on it";
  inherit(Criticality::kLifeCritical);
  EXPECT_EQ(essential.device_says("ALPHA"), Reason::kNone);
  EXPECT_EQ(asked_by_gateway(50001).syn(), Reason::kNone);
  EXPECT_EQ(of_its_own(41000).syn(), Reason::kQuarantine) << "what is not essential is cut all the same";
  inherit(Criticality::kCareSupport);
  EXPECT_EQ(essential.device_says("more"), Reason::kQuarantine) << "of no more worth than what isolate cuts";
}

TEST_F(Inherited, WhatProvesNothingKeepsTheBenefitOfTheDoubt) {
  const auto passed = [this](std::uint16_t port) {
    auto talk = of_its_own(port);
    talk.handshake();
    int count = 0;
    for (int i = 0; i < 40; ++i) count += talk.device_says(std::string(500, 'z')) == Reason::kNone ? 1 : 0;
    return count;
  };
  EXPECT_LT(passed(41000), 8) << "a class of criticality none is stopped";
  inherit(Criticality::kLifeCritical);
  EXPECT_EQ(passed(41001), 40);
}

TEST_F(Inherited, AThreatCutsNoFlowThatALifeDependsOn) {
  inherit(Criticality::kLifeCritical);
  rig_.arm(slot_, Profile::kContain, 1, true);
  auto essential = asked_by_gateway();
  essential.handshake().peer_says("ALPHA");
  EXPECT_EQ(essential.device_says("EVIL"), Reason::kNone) << "it alerts";
  EXPECT_EQ(rig_.slots().word(slot_).quarantine, Profile::kNone);
  auto other = of_its_own(41000);
  other.handshake();
  EXPECT_EQ(other.device_says("EVIL"), Reason::kDetection);
  EXPECT_EQ(rig_.slots().word(slot_).quarantine, Profile::kContain);
  EXPECT_EQ(essential.device_says("more"), Reason::kNone);
}

}  // namespace
}  // namespace wardline::test
