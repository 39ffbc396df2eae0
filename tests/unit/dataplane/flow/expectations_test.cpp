#include "dataplane/flow/expectations.h"

#include <gtest/gtest.h>

namespace wardline::flow {
namespace {

const Address kServer = Address::v4(0x0a000909);
Address device(std::uint32_t number) {
  return Address::v4(0x0a010000 + number);
}

Expectation ftp_data(const Address& of, std::uint16_t port, Tick expires = 100) {
  return {
      .segment = 4, .proto = 6, .device = of, .peer = kServer, .device_port = port, .rule = port, .expires = expires};
}

std::optional<Expectation> meet(Expectations& all, const Address& of, std::uint16_t port, Tick now = 1) {
  return all.match(4, 6, of, port, kServer, 40000, now);
}

TEST(Expectations, MeetThePacketThatWasAnnouncedAndNoOther) {
  Expectations all;
  ASSERT_TRUE(all.add(ftp_data(device(1), 2000), 0));
  EXPECT_FALSE(all.match(5, 6, device(1), 2000, kServer, 1, 1)) << "another segment";
  EXPECT_FALSE(all.match(4, 17, device(1), 2000, kServer, 1, 1)) << "another protocol";
  EXPECT_FALSE(all.match(4, 6, device(2), 2000, kServer, 1, 1)) << "another device";
  EXPECT_FALSE(all.match(4, 6, device(1), 2001, kServer, 1, 1)) << "another port";
  EXPECT_FALSE(all.match(4, 6, device(1), 2000, device(7), 1, 1)) << "another peer";
  const auto met = meet(all, device(1), 2000);
  ASSERT_TRUE(met);
  EXPECT_EQ(met->rule, 2000u);
  EXPECT_TRUE(meet(all, device(1), 2000)) << "it serves any number of flows until it is over";
}

TEST(Expectations, MarkedOnceServeOneFlow) {
  Expectations all;
  auto once = ftp_data(device(1), 2000);
  once.once = true;
  all.add(once, 0);
  EXPECT_TRUE(meet(all, device(1), 2000));
  EXPECT_FALSE(meet(all, device(1), 2000));
  EXPECT_EQ(all.size(), 0u);
}

TEST(Expectations, TakeAnyPeerWhereAGroupWasAsked) {
  Expectations all;
  auto answers = ftp_data(device(1), 0);
  answers.peer_any = true;
  all.add(answers, 0);
  EXPECT_TRUE(all.match(4, 6, device(1), 777, device(99), 5353, 1));
}

TEST(Expectations, AreOverWhenTheirTimeIs) {
  Expectations all;
  all.add(ftp_data(device(1), 2000, 100), 0);
  EXPECT_TRUE(meet(all, device(1), 2000, 99));
  EXPECT_FALSE(meet(all, device(1), 2000, 100));
  EXPECT_FALSE(all.add(ftp_data(device(1), 2001, 100), 100)) << "over before it began";
}

TEST(Expectations, ReplaceTheOldestOfTheSameDeviceAtItsBound) {
  Expectations all(100, 3);
  for (std::uint16_t port = 1; port <= 4; ++port) EXPECT_TRUE(all.add(ftp_data(device(1), port), 0));
  EXPECT_EQ(all.size(), 3u);
  EXPECT_FALSE(meet(all, device(1), 1));
  for (std::uint16_t port = 2; port <= 4; ++port) EXPECT_TRUE(meet(all, device(1), port)) << port;
}

TEST(Expectations, OfOneDeviceNeverPushOutAnothers) {
  Expectations all(4, 3);
  EXPECT_TRUE(all.add(ftp_data(device(1), 10), 0));
  for (std::uint16_t port = 1; port <= 20; ++port) all.add(ftp_data(device(2), port), 0);
  EXPECT_EQ(all.size(), 4u);
  EXPECT_TRUE(meet(all, device(1), 10));
  EXPECT_FALSE(all.add(ftp_data(device(3), 10), 0)) << "full, and it has none of its own to give up";
  EXPECT_TRUE(all.add(ftp_data(device(2), 21), 0)) << "gives up its own oldest";
}

TEST(Expectations, ThatAreOverMakeRoom) {
  Expectations all(8, 8);
  for (std::uint32_t n = 0; n < 8; ++n) ASSERT_TRUE(all.add(ftp_data(device(n), 1, 50), 0));
  EXPECT_FALSE(all.add(ftp_data(device(99), 1, 90), 10));
  EXPECT_TRUE(all.add(ftp_data(device(99), 1, 90), 60));
  EXPECT_EQ(all.size(), 1u);
}

TEST(Expectations, AnnouncedTwiceStandOnce) {
  Expectations all;
  all.add(ftp_data(device(1), 2000, 100), 0);
  all.add(ftp_data(device(1), 2000, 200), 1);
  EXPECT_EQ(all.size(), 1u);
  EXPECT_TRUE(meet(all, device(1), 2000, 150));
}

}  // namespace
}  // namespace wardline::flow
