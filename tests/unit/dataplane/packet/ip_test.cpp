#include <gtest/gtest.h>

#include "dataplane/packet/packet_view.h"
#include "tests/unit/packet_builder.h"

namespace wardline::packet {
namespace {

using test::address;
using test::Bytes;
using test::frame;
using test::FrameBuilder;

FrameBuilder v4() {
  return frame().ipv4("10.1.0.2", "10.2.0.9").udp(5000, 53).payload("question");
}
FrameBuilder v6() {
  return frame().ipv6("fd00::2", "fd00::9").udp(5000, 53).payload("question");
}
Shape shape_of(const FrameBuilder& builder) {
  return parse(builder.bytes()).shape;
}

TEST(Ipv4, GivesAddressesProtocolAndHopLimit) {
  const Bytes bytes = v4().ttl(3).bytes();
  const PacketView view = parse(bytes);
  EXPECT_EQ(view.source, address("10.1.0.2"));
  EXPECT_EQ(view.target, address("10.2.0.9"));
  EXPECT_EQ(view.proto, kProtoUdp);
  EXPECT_EQ(view.hop_limit, 3);
  EXPECT_FALSE(view.v6);
  EXPECT_FALSE(view.odd);
}

TEST(Ipv4, PaddingIsNoPayload) {
  const Bytes bytes = frame().ipv4("10.1.0.2", "10.2.0.9").tcp(1, 2).payload("x").pad_to(60).bytes();
  EXPECT_EQ(test::as_text(parse(bytes).payload), "x");
}

TEST(Ipv4, OptionsAreSkipped) {
  const Bytes bytes = v4().ipv4_options({std::byte{148}, std::byte{4}, std::byte{0}, std::byte{0}}).bytes();
  const PacketView view = parse(bytes);
  EXPECT_EQ(test::as_text(view.payload), "question");
  EXPECT_FALSE(view.odd);
}

TEST(Ipv4, ASourceRouteIsOdd) {
  const Bytes route{std::byte{131}, std::byte{7}, std::byte{4}, std::byte{10},
                    std::byte{1},   std::byte{1}, std::byte{1}};
  const Bytes bytes = v4().ipv4_options(route).bytes();
  EXPECT_EQ(parse(bytes).shape, Shape::kIp);
  EXPECT_TRUE(parse(bytes).odd);
}

TEST(Ipv4, OptionsThatDoNotAddUpAreOdd) {
  EXPECT_TRUE(parse(v4().ipv4_options({std::byte{7}, std::byte{0}}).bytes()).odd);
  EXPECT_TRUE(parse(v4().ipv4_options({std::byte{7}, std::byte{40}}).bytes()).odd);
}

TEST(Ipv4, AHeaderLengthBelowFiveWordsIsMalformed) {
  Bytes bytes = v4().bytes();
  bytes[14] = std::byte{0x44};
  EXPECT_EQ(parse(bytes).shape, Shape::kMalformed);
}

TEST(Ipv4, AnotherVersionIsMalformed) {
  Bytes bytes = v4().bytes();
  bytes[14] = std::byte{0x65};
  EXPECT_EQ(parse(bytes).shape, Shape::kMalformed);
}

TEST(Ipv4, ATotalLengthBeyondTheFrameIsMalformed) {
  const auto right = static_cast<std::uint16_t>(v4().packet().size());
  EXPECT_EQ(shape_of(v4().total_length_field(right)), Shape::kIp);
  EXPECT_EQ(shape_of(v4().total_length_field(right + 1)), Shape::kMalformed);
  EXPECT_EQ(shape_of(v4().total_length_field(19)), Shape::kMalformed);
}

TEST(Ipv4, ATotalLengthOfZeroMeansTheFrame) {
  const Bytes bytes = frame().ipv4("10.1.0.2", "10.2.0.9").tcp(1, 2).payload("large").total_length_field(0).bytes();
  const PacketView view = parse(bytes);
  EXPECT_EQ(view.shape, Shape::kIp);
  EXPECT_TRUE(view.odd);
  EXPECT_EQ(test::as_text(view.payload), "large");
}

TEST(Ipv4, AWrongHeaderChecksumIsOdd) {
  EXPECT_TRUE(parse(v4().wrong_ip_checksum().bytes()).odd);
}

TEST(Ipv4, TheFirstFragmentHasThePorts) {
  const Bytes bytes = v4().fragment(0, true).udp_length_field(2000).bytes();
  const PacketView view = parse(bytes);
  EXPECT_EQ(view.shape, Shape::kIp);
  EXPECT_TRUE(view.fragment);
  EXPECT_TRUE(view.first_fragment);
  EXPECT_EQ(view.target_port, 53);
  EXPECT_EQ(view.l4, L4::kUdp);
}

TEST(Ipv4, LaterFragmentsHaveNoPorts) {
  const Bytes bytes = v4().fragment(1480, false).bytes();
  const PacketView view = parse(bytes);
  EXPECT_EQ(view.shape, Shape::kIp);
  EXPECT_TRUE(view.fragment);
  EXPECT_FALSE(view.first_fragment);
  EXPECT_EQ(view.l4, L4::kNone);
  EXPECT_EQ(view.proto, kProtoUdp);
  EXPECT_EQ(view.target_port, 0);
  EXPECT_EQ(view.payload.size(), 16u);
}

TEST(Ipv4, AFirstFragmentTooSmallForItsTransportIsMalformed) {
  const FrameBuilder tiny = frame().ipv4("10.1.0.2", "10.2.0.9").proto(kProtoTcp).fragment(0, true).payload("8 bytes!");
  EXPECT_EQ(shape_of(tiny), Shape::kMalformed);
}

TEST(Ipv4, AFragmentThatOverwritesTcpFlagsOrTheEndOfIpIsOdd) {
  EXPECT_TRUE(parse(v4().fragment(8, false).bytes()).odd);
  EXPECT_TRUE(parse(v4().fragment(65528, false).bytes()).odd);
}

TEST(Ipv4, AProtocolWithoutPortsKeepsItsBytes) {
  const Bytes bytes = frame().ipv4("10.1.0.2", "10.2.0.9").proto(47).payload("gre").pad_to(60).bytes();
  const PacketView view = parse(bytes);
  EXPECT_EQ(view.shape, Shape::kIp);
  EXPECT_EQ(view.l4, L4::kNone);
  EXPECT_EQ(view.proto, 47);
  EXPECT_EQ(test::as_text(view.payload), "gre");
}

TEST(Ipv6, GivesAddressesProtocolAndHopLimit) {
  const Bytes bytes = v6().ttl(255).pad_to(100).bytes();
  const PacketView view = parse(bytes);
  EXPECT_EQ(view.shape, Shape::kIp);
  EXPECT_TRUE(view.v6);
  EXPECT_EQ(view.source, address("fd00::2"));
  EXPECT_EQ(view.target, address("fd00::9"));
  EXPECT_EQ(view.proto, kProtoUdp);
  EXPECT_EQ(view.hop_limit, 255);
  EXPECT_EQ(test::as_text(view.payload), "question");
  EXPECT_FALSE(view.odd);
}

TEST(Ipv6, APayloadLengthBeyondTheFrameIsMalformed) {
  const auto right = static_cast<std::uint16_t>(v6().packet().size() - 40);
  EXPECT_EQ(shape_of(v6().total_length_field(right)), Shape::kIp);
  EXPECT_EQ(shape_of(v6().total_length_field(right + 1)), Shape::kMalformed);
}

TEST(Ipv6, EveryKindOfExtensionHeaderIsSkipped) {
  const Bytes bytes =
      v6().extension(0, Bytes(6)).extension(43, Bytes(6)).extension(60, Bytes(14)).extension(51, Bytes(22)).bytes();
  const PacketView view = parse(bytes);
  EXPECT_EQ(view.shape, Shape::kIp);
  EXPECT_EQ(view.proto, kProtoUdp);
  EXPECT_EQ(view.target_port, 53);
  EXPECT_EQ(test::as_text(view.payload), "question");
  EXPECT_FALSE(view.odd);
}

TEST(Ipv6, EightExtensionHeadersAreReadAndNineAreNot) {
  FrameBuilder builder = v6();
  for (int i = 0; i < 8; ++i) builder.extension(60, Bytes(6));
  EXPECT_EQ(shape_of(builder), Shape::kIp);
  EXPECT_EQ(shape_of(builder.extension(60, Bytes(6))), Shape::kMalformed);
}

TEST(Ipv6, AnExtensionHeaderBeyondThePacketIsMalformed) {
  Bytes bytes = v6().extension(60, Bytes(6)).bytes();
  bytes[14 + 40 + 1] = std::byte{9};
  EXPECT_EQ(parse(bytes).shape, Shape::kMalformed);
}

TEST(Ipv6, HopByHopOptionsBehindAnotherHeaderAreOdd) {
  EXPECT_TRUE(parse(v6().extension(60, Bytes(6)).extension(0, Bytes(6)).bytes()).odd);
}

TEST(Ipv6, FragmentsAreRecognised) {
  const Bytes first = v6().fragment(0, true).bytes(), later = v6().fragment(1448, false).bytes();
  EXPECT_TRUE(parse(first).fragment);
  EXPECT_TRUE(parse(first).first_fragment);
  EXPECT_EQ(parse(first).target_port, 53);
  EXPECT_TRUE(parse(later).fragment);
  EXPECT_FALSE(parse(later).first_fragment);
  EXPECT_EQ(parse(later).l4, L4::kNone);
  EXPECT_EQ(parse(later).proto, kProtoUdp);
}

TEST(Ipv6, AnAtomicFragmentIsAWholePacket) {
  const Bytes bytes = v6().fragment(0, false).bytes();
  const PacketView view = parse(bytes);
  EXPECT_FALSE(view.fragment);
  EXPECT_TRUE(view.odd);
  EXPECT_EQ(view.target_port, 53);
}

TEST(Ipv6, NoNextHeaderHasNoTransport) {
  const Bytes bytes = frame().ipv6("fd00::2", "fd00::9").proto(59).pad_to(60).bytes();
  const PacketView view = parse(bytes);
  EXPECT_EQ(view.shape, Shape::kIp);
  EXPECT_EQ(view.proto, 59);
  EXPECT_TRUE(view.payload.empty());
}

}  // namespace
}  // namespace wardline::packet
