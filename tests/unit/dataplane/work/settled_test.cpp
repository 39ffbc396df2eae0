// What sends a plain frame of a known flow the long way: every condition of the short one, one at a time.
#include "dataplane/work/settled.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "tests/unit/packet_builder.h"

namespace wardline::work {
namespace {

constexpr std::uint32_t kPolicyEpoch = 7;
constexpr CoarseTick kNow = 1000;
constexpr std::uint8_t kUdp = 17, kTcp = 6;

// A flow between two devices that spoke both ways, and a frame that its device sends.
class Settled : public testing::Test {
 protected:
  using Record = flow::HotRecord<flow::FlowKey4>;

  void SetUp() override {
    slots_ = std::move(*enforce::DeviceSlots::open("", 8));
    device_ = slots_->allocate(identity("02:00:00:00:00:01"));
    peer_ = slots_->allocate(identity("02:00:00:00:00:02"));
  }

  static enforce::SlotIdentity identity(std::string_view mac) {
    enforce::SlotIdentity identity;
    identity.segment = 1;
    identity.mac = test::mac(mac);
    return identity;
  }

  Record record(std::uint8_t proto = kUdp) const {
    Record hot{};
    hot.key = {1, 2, 3, 4, 5, proto, 0};
    const auto mac = test::mac("02:00:00:00:00:01");
    std::memcpy(hot.device_mac, mac.bytes.data(), sizeof hot.device_mac);
    hot.kind = static_cast<std::uint8_t>(enforce::FlowKind::kSettled);
    hot.tcp_state = static_cast<std::uint8_t>(flow::TcpState::kEstablished);
    hot.payload_from_device = 1;
    hot.device_slot.set(device_);
    hot.peer_slot.set(peer_);
    hot.policy_epoch = kPolicyEpoch;
    hot.device_epoch = slots_->epoch(device_);
    hot.peer_epoch = slots_->epoch(peer_);
    hot.packets[0] = hot.packets[1] = 5;
    hot.bytes[0] = hot.bytes[1] = 500;
    return hot;
  }

  bool passes(Record& hot, Side side = Side::kDevice) const {
    const Frame frame{.bytes = side == Side::kDevice ? from_device_ : to_device_, .side = side};
    return pass_settled(hot, flow::FlowKey4{1, 2, 3, 4, 5, hot.key.proto, 0}, frame,
                        SettledTurn{slots_->words(), kPolicyEpoch, kNow});
  }

  std::unique_ptr<enforce::DeviceSlots> slots_;
  SlotId device_ = kNoSlot, peer_ = kNoSlot;
  const test::Bytes from_device_ = test::FrameBuilder()
                                       .from("02:00:00:00:00:01")
                                       .to("02:00:00:00:00:02")
                                       .ipv4("10.0.0.1", "10.0.0.2")
                                       .udp(5000, 9000)
                                       .pad_to(60)
                                       .bytes();
  const test::Bytes to_device_ = test::FrameBuilder()
                                     .from("02:00:00:00:00:02")
                                     .to("02:00:00:00:00:01")
                                     .ipv4("10.0.0.2", "10.0.0.1")
                                     .udp(9000, 5000)
                                     .pad_to(60)
                                     .bytes();
};

TEST_F(Settled, AFrameIsCountedInItsDirectionAndPasses) {
  for (const Side side : {Side::kDevice, Side::kCore}) {
    auto hot = record();
    ASSERT_TRUE(passes(hot, side));
    const std::size_t direction = side == Side::kDevice ? 0 : 1;
    EXPECT_EQ(hot.packets[direction], 6u);
    EXPECT_EQ(hot.bytes[direction], 560u);
    EXPECT_EQ(hot.packets[1 - direction], 5u);
    EXPECT_EQ(hot.bytes[1 - direction], 500u);
    EXPECT_EQ(hot.last_seen, kNow);
  }
}

TEST_F(Settled, PayloadFromTheDeviceIsNoted) {
  const auto noted = [this](const test::FrameBuilder& built, std::uint8_t proto, Side side) {
    const auto bytes = built.bytes();
    auto hot = record(proto);
    hot.payload_from_device = 0;
    const Frame frame{.bytes = bytes, .side = side};
    EXPECT_TRUE(pass_settled(hot, hot.key, frame, SettledTurn{slots_->words(), kPolicyEpoch, kNow}));
    return hot.payload_from_device != 0;
  };
  const auto from = [] {
    return test::FrameBuilder().from("02:00:00:00:00:01").to("02:00:00:00:00:02").ipv4("10.0.0.1", "10.0.0.2");
  };
  const auto to = [] {
    return test::FrameBuilder().from("02:00:00:00:00:02").to("02:00:00:00:00:01").ipv4("10.0.0.2", "10.0.0.1");
  };
  const auto ack = from().tcp(4001, 5000).flags(packet::kAck).pad_to(60);
  EXPECT_FALSE(noted(ack, kTcp, Side::kDevice)) << "an acknowledgement, and what Ethernet adds to it";
  EXPECT_TRUE(noted(from().tcp(4001, 5000).flags(packet::kAck).payload("\x06"), kTcp, Side::kDevice));
  EXPECT_TRUE(noted(from().udp(4001, 5000).payload("x"), kUdp, Side::kDevice));
  EXPECT_FALSE(noted(from().udp(4001, 5000).pad_to(60), kUdp, Side::kDevice));
  EXPECT_FALSE(noted(to().tcp(5000, 4001).flags(packet::kAck).payload("poll"), kTcp, Side::kCore));
}

TEST_F(Settled, WhatIsNotAsItWasTakesTheLongWayAndIsNotCounted) {
  struct Case {
    const char* says;
    std::function<void(Record&)> change;
    std::uint8_t proto = kUdp;
  };
  const Case cases[] = {
      {"another flow's record", [](Record& hot) { hot.key.low_port = 99; }},
      {"not settled", [](Record& hot) { hot.kind = static_cast<std::uint8_t>(enforce::FlowKind::kInspect); }},
      {"watched", [](Record& hot) { hot.kind = static_cast<std::uint8_t>(enforce::FlowKind::kWatched); }},
      {"dropped", [](Record& hot) { hot.applied_drop = 1; }},
      {"a connection that is not open yet",
       [](Record& hot) { hot.tcp_state = static_cast<std::uint8_t>(flow::TcpState::kSynReceived); }, kTcp},
      {"the first packet of its direction", [](Record& hot) { hot.packets[0] = 0; }},
      {"the packet that behaviour detectors look at", [](Record& hot) { hot.packets[0] = 1023; }},
      {"time for a report", [](Record& hot) { hot.bytes[0] = 0x7ffffff0; }},
      {"another MAC", [](Record& hot) { hot.device_mac[5] ^= 1; }},
      {"another policy", [](Record& hot) { --hot.policy_epoch; }},
      {"the device's word moved", [](Record& hot) { --hot.device_epoch; }},
      {"the peer's word moved", [](Record& hot) { --hot.peer_epoch; }},
  };
  for (const auto& [says, change, proto] : cases)
    for (const std::uint8_t payload : {0, 1}) {
      SCOPED_TRACE(says);
      auto hot = record(proto);
      hot.payload_from_device = payload & 1;
      change(hot);
      const auto before = hot;
      EXPECT_FALSE(passes(hot));
      EXPECT_EQ(std::memcmp(&hot, &before, sizeof hot), 0);
    }
}

TEST_F(Settled, AQuarantineHoldsFromTheNextFrame) {
  auto hot = record();
  ASSERT_TRUE(passes(hot));
  slots_->update(device_, [](enforce::SlotWord& word) {
    word.quarantine = enforce::Profile::kContain;
    return true;
  });
  EXPECT_FALSE(passes(hot));
}

TEST_F(Settled, APeerThatIsNoDeviceHasNoWordToAsk) {
  auto hot = record(kTcp);
  hot.peer_slot.set(kNoSlot);
  hot.peer_epoch = slots_->epoch(kNoSlot);
  EXPECT_TRUE(passes(hot));
}

}  // namespace
}  // namespace wardline::work
