// Whether a device sent more than headers is told with each flow record: a serial server answers for a dead device,
// too.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dataplane/packet/packet_view.h"
#include "tests/unit/dataplane/work/rig.h"

namespace wardline::test {
namespace {

using Words = PolicyWords;

constexpr auto kServerMac = "02:00:00:00:00:20", kServerIp = "10.1.0.20", kGateway = "10.9.0.1";

class PayloadFromDevice : public testing::Test {
 protected:
  static Words ward() {
    Words words;
    words.rules(Words::kTv,
                {{.opens = enforce::Opens::kPeer, .peer = kGateway, .apps = {Words::kAlpha}, .port = 4001}});
    return words;
  }
  void acknowledge() { EXPECT_EQ(rig_.from_device(talk_.device_segment(0, "")), Reason::kNone); }
  // The next record of the flow: of five minutes, or the last one.
  Event record(bool last = false) {
    rig_.drain();
    rig_.advance((last ? 4000 : 301) * kSecond);
    for (int i = 0; i < 2000; ++i) rig_.idle(), rig_.advance(kMillisecond);
    const auto flows = rig_.drain(EventKind::kFlow);
    EXPECT_THAT(flows, testing::SizeIs(1));
    return flows.empty() ? Event{} : flows.front();
  }

  Rig rig_{ward()};
  const SlotId slot_ = rig_.add_device(kServerMac, Words::kTv);
  Talk talk_{rig_, kServerMac, kServerIp, kGateway, 4001, 50000, false};
};

TEST_F(PayloadFromDevice, AHandshakeAndAcknowledgementsAreNone) {
  talk_.handshake().peer_says("ALPHA");
  acknowledge();
  const auto told = record(true);
  EXPECT_FALSE(told.payload_from_device);
  EXPECT_EQ(told.packets_from_device, 2U);
  EXPECT_GT(told.bytes_from_device, 0U);
}

TEST_F(PayloadFromDevice, EachRecordTellsOfItsOwnTime) {
  talk_.handshake().peer_says("ALPHA");
  EXPECT_EQ(talk_.device_says("\x06"), Reason::kNone);
  EXPECT_TRUE(record().payload_from_device);
  for (int i = 0; i < 40; ++i) {
    EXPECT_EQ(talk_.peer_says("poll"), Reason::kNone);
    acknowledge();
  }
  const auto silent = record();
  EXPECT_FALSE(silent.final);
  EXPECT_EQ(silent.packets_from_device, 40U);
  EXPECT_FALSE(silent.payload_from_device);
  EXPECT_EQ(talk_.device_says("answer"), Reason::kNone);
  EXPECT_TRUE(record().payload_from_device);
}

}  // namespace
}  // namespace wardline::test
