#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>

#include "dataplane/packet/packet_view.h"
#include "tests/unit/packet_builder.h"

namespace wardline::packet {
namespace {

using test::Bytes;
using test::frame;
using test::FrameBuilder;

std::vector<Bytes> one_of_each() {
  const FrameBuilder inner4 = frame().ipv4("10.1.0.2", "10.2.0.9").tcp(1, 2);
  const FrameBuilder inner6 = frame().ipv6("fd00::2", "fd00::9").extension(60, Bytes(6)).udp(1, 2);
  return {
      frame()
          .vlan(1)
          .vlan(2)
          .ipv4("10.1.0.2", "10.2.0.9")
          .ipv4_options(Bytes(8, std::byte{1}))
          .tcp(1, 2)
          .tcp_options(Bytes(12))
          .payload("payload")
          .bytes(),
      frame().snap().ipv4("10.1.0.2", "10.2.0.9").udp(1, 2).payload("payload").bytes(),
      frame()
          .ipv6("fd00::2", "fd00::9")
          .extension(0, Bytes(6))
          .extension(43, Bytes(14))
          .extension(51, Bytes(10))
          .fragment(0, true)
          .tcp(1, 2)
          .payload("eight by")
          .bytes(),
      frame().ipv4("10.1.0.2", "10.2.0.9").icmp(3, 4, 1400).quoting(inner4).bytes(),
      frame().ipv6("fd00::2", "fd00::9").icmp(2, 0, 1280).quoting(inner6).bytes(),
      frame().arp(1, "10.1.0.2", "10.1.0.1").bytes(),
      frame().to("01:80:c2:00:00:00").llc(0x42, 0x42, 3).payload("bpdu").bytes(),
  };
}

// Parses a heap copy of exactly these bytes, so that a sanitizer build sees every read beyond them.
void parse_exact_copy(std::span<const std::byte> bytes) {
  const auto copy = std::make_unique<std::byte[]>(bytes.size());
  std::ranges::copy(bytes, copy.get());
  const std::span<const std::byte> frame(copy.get(), bytes.size());
  const PacketView view = parse(frame);
  checksum_holds(view, frame);
  if (!view.payload.empty()) {
    ASSERT_GE(view.payload.data(), frame.data());
    ASSERT_LE(view.payload.data() + view.payload.size(), frame.data() + frame.size());
  }
}

TEST(Bounds, NoPrefixOfAWellFormedFrameIsReadBeyondItsEnd) {
  for (const Bytes& whole : one_of_each()) {
    for (std::size_t length = 0; length <= whole.size(); ++length) parse_exact_copy(std::span(whole).first(length));
  }
}

TEST(Bounds, NoFrameWithWildBytesIsReadBeyondItsEnd) {
  std::mt19937 random(20260101);  // a fixed seed: a failure must come again
  for (const Bytes& whole : one_of_each()) {
    for (int round = 0; round < 3000; ++round) {
      Bytes bytes = whole;
      for (int change = 0; change < 3; ++change) bytes[random() % bytes.size()] = static_cast<std::byte>(random());
      bytes.resize(bytes.size() - random() % 4);
      parse_exact_copy(bytes);
    }
  }
}

TEST(Bounds, EveryProperPrefixOfAnUnpaddedIpFrameIsMalformed) {
  const Bytes whole = frame().ipv4("10.1.0.2", "10.2.0.9").tcp(1, 2).payload("payload").bytes();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_EQ(parse(std::span(whole).first(length)).shape, Shape::kMalformed) << length;
  }
  EXPECT_EQ(parse(whole).shape, Shape::kIp);
}

}  // namespace
}  // namespace wardline::packet
