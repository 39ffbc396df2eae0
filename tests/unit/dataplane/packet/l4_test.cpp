#include <gtest/gtest.h>

#include "dataplane/packet/packet_view.h"
#include "tests/unit/packet_builder.h"

namespace wardline::packet {
namespace {

using test::address;
using test::Bytes;
using test::frame;
using test::FrameBuilder;

FrameBuilder tcp() {
  return frame().ipv4("10.1.0.2", "10.2.0.9").tcp(1234, 443).payload("hello");
}
FrameBuilder udp() {
  return frame().ipv4("10.1.0.2", "10.2.0.9").udp(5000, 53).payload("question");
}

TEST(Tcp, GivesEveryFieldOfTheHeader) {
  const Bytes bytes =
      tcp().flags(kPsh | kAck | kUrg).sequence(0xfffffff0).acknowledgement(7).window(512).urgent(3).bytes();
  const PacketView view = parse(bytes);
  EXPECT_EQ(view.l4, L4::kTcp);
  EXPECT_EQ(view.source_port, 1234);
  EXPECT_EQ(view.target_port, 443);
  EXPECT_EQ(view.tcp_flags, kPsh | kAck | kUrg);
  EXPECT_EQ(view.sequence, 0xfffffff0u);
  EXPECT_EQ(view.acknowledgement, 7u);
  EXPECT_EQ(view.tcp_window, 512);
  EXPECT_EQ(view.tcp_urgent, 3);
  EXPECT_EQ(test::as_text(view.payload), "hello");
}

TEST(Tcp, OptionsAreNoPayload) {
  const Bytes bytes = tcp().tcp_options(Bytes(40, std::byte{1})).bytes();
  EXPECT_EQ(test::as_text(parse(bytes).payload), "hello");
}

TEST(Tcp, ADataOffsetThatCannotBeIsMalformed) {
  EXPECT_EQ(parse(tcp().data_offset_field(4).bytes()).shape, Shape::kMalformed);
  EXPECT_EQ(parse(tcp().data_offset_field(6).bytes()).shape, Shape::kIp);
  EXPECT_EQ(parse(tcp().data_offset_field(7).bytes()).shape, Shape::kMalformed) << "28 bytes of 25";
}

TEST(Tcp, FlagsThatNoStackSendsAreOdd) {
  EXPECT_TRUE(parse(tcp().flags(kSyn | kFin).bytes()).odd);
  EXPECT_TRUE(parse(tcp().flags(0).bytes()).odd);
  EXPECT_FALSE(parse(tcp().flags(kFin | kPsh | kUrg).bytes()).odd) << "FIN without ACK is old, not impossible";
  EXPECT_FALSE(parse(tcp().flags(kSyn).bytes()).odd);
}

TEST(Udp, GivesPortsAndPayload) {
  const Bytes bytes = udp().pad_to(60).bytes();
  const PacketView view = parse(bytes);
  EXPECT_EQ(view.l4, L4::kUdp);
  EXPECT_EQ(view.source_port, 5000);
  EXPECT_EQ(view.target_port, 53);
  EXPECT_EQ(test::as_text(view.payload), "question");
  EXPECT_FALSE(view.odd);
}

TEST(Udp, ALengthBeyondThePacketIsMalformed) {
  EXPECT_EQ(parse(udp().udp_length_field(17).bytes()).shape, Shape::kMalformed);
  EXPECT_EQ(parse(udp().udp_length_field(7).bytes()).shape, Shape::kMalformed);
}

TEST(Udp, BytesBehindItsLengthAreNoPayloadAndOdd) {
  const Bytes bytes = udp().udp_length_field(12).bytes();
  const PacketView view = parse(bytes);
  EXPECT_EQ(test::as_text(view.payload), "ques");
  EXPECT_TRUE(view.odd);
}

TEST(Udp, ALengthOfZeroReachesToTheEnd) {
  const Bytes bytes = frame().ipv6("fd00::2", "fd00::9").udp(1, 2).payload("jumbo").udp_length_field(0).bytes();
  const PacketView view = parse(bytes);
  EXPECT_EQ(test::as_text(view.payload), "jumbo");
  EXPECT_TRUE(view.odd);
}

TEST(Icmp, AnEchoHasItsIdentifierAsPorts) {
  const Bytes v4 = frame().ipv4("10.1.0.2", "10.2.0.9").echo_request(77, 1).payload("abc").bytes();
  const Bytes v6 = frame().ipv6("fd00::2", "fd00::9").echo_reply(78, 1).bytes();
  EXPECT_EQ(parse(v4).l4, L4::kIcmpQuery);
  EXPECT_EQ(parse(v4).source_port, 77);
  EXPECT_EQ(parse(v4).target_port, 77);
  EXPECT_EQ(parse(v4).icmp_type, 8);
  EXPECT_EQ(test::as_text(parse(v4).payload), "abc");
  EXPECT_EQ(parse(v6).l4, L4::kIcmpQuery);
  EXPECT_EQ(parse(v6).source_port, 78);
  EXPECT_EQ(parse(v6).icmp_type, 129);
}

TEST(Icmp, AnErrorGivesTheFiveTupleItQuotes) {
  Bytes quoted = tcp().packet();
  quoted.resize(28);  // what RFC 792 asks for: the header and 8 bytes
  const Bytes bytes = frame().ipv4("10.9.0.1", "10.1.0.2").icmp(3, 4, 1400).payload(quoted).bytes();
  const PacketView view = parse(bytes);
  EXPECT_EQ(view.l4, L4::kIcmpError);
  EXPECT_EQ(view.icmp_code, 4);
  ASSERT_TRUE(view.quoted.valid);
  EXPECT_EQ(view.quoted.source, address("10.1.0.2"));
  EXPECT_EQ(view.quoted.target, address("10.2.0.9"));
  EXPECT_EQ(view.quoted.proto, kProtoTcp);
  EXPECT_EQ(view.quoted.source_port, 1234);
  EXPECT_EQ(view.quoted.target_port, 443);
}

TEST(Icmp, AQuotedIpv6PacketMayHaveExtensionHeaders) {
  const FrameBuilder inner = frame().ipv6("fd00::2", "fd00::9").extension(60, Bytes(6)).udp(5000, 53);
  const Bytes bytes = frame().ipv6("fd00::1", "fd00::2").icmp(2, 0, 1280).quoting(inner).bytes();
  const PacketView view = parse(bytes);
  EXPECT_EQ(view.l4, L4::kIcmpError);
  ASSERT_TRUE(view.quoted.valid);
  EXPECT_EQ(view.quoted.target_port, 53);
  EXPECT_EQ(view.quoted.source, address("fd00::2"));
}

TEST(Icmp, AQuotedEchoGivesItsIdentifier) {
  const FrameBuilder inner = frame().ipv4("10.1.0.2", "10.2.0.9").echo_request(77, 1);
  const Bytes bytes = frame().ipv4("10.9.0.1", "10.1.0.2").icmp(11, 0).quoting(inner).bytes();
  EXPECT_TRUE(parse(bytes).quoted.valid);
  EXPECT_EQ(parse(bytes).quoted.source_port, 77);
}

TEST(Icmp, AQuoteTooShortOrOfALaterFragmentIsNotBelieved) {
  Bytes quoted = tcp().packet();
  quoted.resize(23);
  const Bytes cut = frame().ipv4("10.9.0.1", "10.1.0.2").icmp(3, 1).payload(quoted).bytes();
  EXPECT_EQ(parse(cut).l4, L4::kIcmpError);
  EXPECT_FALSE(parse(cut).quoted.valid);
  const Bytes later = frame().ipv4("10.9.0.1", "10.1.0.2").icmp(3, 1).quoting(udp().fragment(1480, false)).bytes();
  EXPECT_FALSE(parse(later).quoted.valid);
}

TEST(Icmp, NeighbourDiscoveryAndRouterAdvertisementsAreOther) {
  const Bytes solicitation = frame().ipv6("fd00::2", "ff02::1:ff00:9").icmp(135, 0).payload(Bytes(16)).bytes();
  const Bytes advertisement = frame().ipv4("10.1.0.1", "224.0.0.1").icmp(9, 0).bytes();
  EXPECT_EQ(parse(solicitation).l4, L4::kIcmpOther);
  EXPECT_EQ(parse(solicitation).icmp_type, 135);
  EXPECT_EQ(parse(advertisement).l4, L4::kIcmpOther);
}

TEST(Icmp, OfTheOtherFamilyIsNoIcmp) {
  const Bytes bytes = frame().ipv6("fd00::2", "fd00::9").proto(kProtoIcmp).payload("eight by").bytes();
  EXPECT_EQ(parse(bytes).l4, L4::kNone);
  EXPECT_TRUE(parse(bytes).odd);
}

TEST(Checksum, HoldsForWhatTheBuilderSummedByteByByte) {
  for (std::size_t size = 0; size < 40; ++size) {
    const Bytes payload(size, std::byte{0xa7});
    const Bytes v4 = tcp().payload(payload).pad_to(80).bytes();
    const Bytes v6 = frame().ipv6("fd00::2", "fd00::9").extension(0, Bytes(6)).udp(1, 2).payload(payload).bytes();
    EXPECT_TRUE(checksum_holds(parse(v4), v4)) << size;
    EXPECT_TRUE(checksum_holds(parse(v6), v6)) << size;
  }
}

TEST(Checksum, PaddingIsNotPartOfASegmentWithoutPayload) {
  Bytes bytes = tcp().pad_to(60).bytes();
  bytes.back() = std::byte{0x11};
  EXPECT_TRUE(checksum_holds(parse(bytes), bytes));
  bytes[14 + 20 + 4] ^= std::byte{0x10};
  EXPECT_FALSE(checksum_holds(parse(bytes), bytes));
}

TEST(Checksum, OneFlippedBitIsSeen) {
  const Bytes right = tcp().ipv4_options(Bytes(4, std::byte{1})).bytes();
  for (std::size_t at = 38; at < right.size(); ++at) {
    if (at == 38 + 12) continue;  // the data offset moves the payload
    Bytes bytes = right;
    bytes[at] ^= std::byte{0x10};
    EXPECT_FALSE(checksum_holds(parse(bytes), bytes)) << "byte " << at;
  }
}

TEST(Checksum, AWrongOneDoesNotHold) {
  const Bytes bytes = udp().wrong_transport_checksum().bytes();
  EXPECT_FALSE(checksum_holds(parse(bytes), bytes));
}

TEST(Checksum, UdpWithoutOneCannotBeToldOverIpv4AndIsWrongOverIpv6) {
  const Bytes v4 = udp().no_udp_checksum().bytes();
  const Bytes v6 = frame().ipv6("fd00::2", "fd00::9").udp(1, 2).no_udp_checksum().bytes();
  EXPECT_TRUE(checksum_holds(parse(v4), v4));
  EXPECT_FALSE(checksum_holds(parse(v6), v6));
}

TEST(Checksum, CannotBeToldForAFragmentOrASourceRoute) {
  const Bytes fragment = udp().fragment(0, true).wrong_transport_checksum().bytes();
  const Bytes route{std::byte{137}, std::byte{3}, std::byte{4}, std::byte{0}};
  const Bytes routed = udp().ipv4_options(route).wrong_transport_checksum().bytes();
  EXPECT_TRUE(checksum_holds(parse(fragment), fragment));
  EXPECT_TRUE(checksum_holds(parse(routed), routed));
}

}  // namespace
}  // namespace wardline::packet
