#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "controlplane/identity/observers.h"
#include "tests/unit/packet_builder.h"

namespace wardline::identity {
namespace {

using test::Bytes;

test::FrameBuilder syn() {
  return test::frame().from("02:00:00:00:00:20").to("02:00:00:00:00:fe").ipv4("10.1.0.20", "10.9.0.1");
}

std::vector<std::string> told(const Bytes& frame) {
  Observations out;
  observe_syn(frame, packet::parse(frame), out);
  std::vector<std::string> values;
  for (const auto& each : out) {
    if (each.attribute == "tcp.syn") values.push_back(each.value);
  }
  return values;
}

Bytes options(std::initializer_list<int> bytes) {
  Bytes made;
  for (const int byte : bytes) made.push_back(static_cast<std::byte>(byte));
  return made;
}

TEST(SynObserver, TellsTheOrderOfOptionsAndWhatTheySay) {
  // MSS 1460, SACK permitted, time stamps, NOP, window scale 7: Linux
  const auto frame = syn()
                         .tcp(40000, 80)
                         .flags(packet::kSyn)
                         .tcp_options(options({2, 4, 0x05, 0xb4, 4, 2, 8, 10, 0, 0, 0, 9, 0, 0, 0, 0, 1, 3, 3, 7}))
                         .bytes();
  const auto values = told(frame);
  ASSERT_EQ(values.size(), 1U);
  EXPECT_THAT(values[0], testing::StartsWith("4:64:0:1460:"));
  EXPECT_THAT(values[0], testing::HasSubstr(",7:mss,sok,ts,nop,ws:"));
}

TEST(SynObserver, AnAnswerAndWhatFollowsTellNothing) {
  EXPECT_TRUE(told(syn().tcp(40000, 80).flags(packet::kSyn | packet::kAck).bytes()).empty());
  EXPECT_TRUE(told(syn().tcp(40000, 80).flags(packet::kAck).bytes()).empty());
  EXPECT_TRUE(told(syn().udp(40000, 80).payload("x").bytes()).empty());
}

TEST(SynObserver, TheHopsThatAreLeftTellHowManyRoutersWereOnTheWay) {
  for (const auto& [left, away] : {std::pair{64, ""}, {63, "1"}, {126, "2"}, {255, ""}}) {
    Observations out;
    const auto frame = syn().ttl(static_cast<std::uint8_t>(left)).tcp(1, 2).flags(packet::kSyn).bytes();
    observe_syn(frame, packet::parse(frame), out);
    const auto found = std::ranges::find(out, "tcp.distance", &Observation::attribute);
    EXPECT_EQ(found == out.end() ? "" : found->value, away) << left;
  }
}

TEST(SynObserver, OptionsThatContradictTheirHeaderEndTheList) {
  const auto values = told(syn().tcp(1, 2).flags(packet::kSyn).tcp_options(options({2, 40, 5, 180})).bytes());
  ASSERT_EQ(values.size(), 1U);
  EXPECT_THAT(values[0], testing::HasSubstr(",0::"));
}

TEST(SynObserver, AFrameCutAnywhereIsReadToItsEnd) {
  const auto frame = syn().tcp(1, 2).flags(packet::kSyn).tcp_options(options({2, 4, 5, 180, 1, 1, 4, 2})).bytes();
  for (std::size_t length = 0; length < frame.size(); ++length)
    told(Bytes(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(length)));
}

}  // namespace
}  // namespace wardline::identity
