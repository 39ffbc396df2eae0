#include <gtest/gtest.h>

#include "dataplane/packet/packet_view.h"
#include "tests/unit/packet_builder.h"

namespace wardline::packet {
namespace {

using test::address;
using test::Bytes;
using test::frame;
using test::FrameBuilder;
using test::mac;

FrameBuilder tcp_frame() {
  return frame().from("02:00:00:00:00:0a").to("02:00:00:00:00:0b").ipv4("10.1.0.2", "10.2.0.9").tcp(1234, 443);
}

TEST(Ethernet, GivesBothMacsAndTheType) {
  const Bytes bytes = tcp_frame().bytes();
  const PacketView view = parse(bytes);
  EXPECT_EQ(view.shape, Shape::kIp);
  EXPECT_EQ(view.source_mac, mac("02:00:00:00:00:0a"));
  EXPECT_EQ(view.target_mac, mac("02:00:00:00:00:0b"));
  EXPECT_EQ(view.ethertype, 0x0800);
  EXPECT_EQ(view.network_offset, 14);
  EXPECT_EQ(view.tag_count, 0);
  EXPECT_FALSE(view.odd);
}

TEST(Ethernet, LooksThroughOneTag) {
  const Bytes bytes = tcp_frame().vlan(410 | 0xe000).bytes();
  const PacketView view = parse(bytes);
  EXPECT_EQ(view.shape, Shape::kIp);
  EXPECT_EQ(view.tag_count, 1);
  EXPECT_EQ(view.vlans[0], 410) << "priority bits are no part of the VID";
  EXPECT_EQ(view.network_offset, 18);
  EXPECT_EQ(view.target_port, 443);
}

TEST(Ethernet, LooksThroughTwoTagsOfEachKind) {
  for (const std::uint16_t outer : {0x8100, 0x88a8, 0x9100}) {
    const Bytes bytes = tcp_frame().vlan(100, outer).vlan(7).bytes();
    const PacketView view = parse(bytes);
    EXPECT_EQ(view.shape, Shape::kIp) << std::hex << outer;
    EXPECT_EQ(view.tag_count, 2);
    EXPECT_EQ(view.vlans[0], 100);
    EXPECT_EQ(view.vlans[1], 7);
    EXPECT_EQ(view.network_offset, 22);
  }
}

TEST(Ethernet, APriorityTagCountsAsATagWithoutAVid) {
  const Bytes bytes = tcp_frame().vlan(0).bytes();
  const PacketView view = parse(bytes);
  EXPECT_EQ(view.tag_count, 1);
  EXPECT_EQ(view.vlans[0], 0);
}

TEST(Ethernet, AThirdTagStaysUnread) {
  const Bytes bytes = tcp_frame().vlan(1).vlan(2).vlan(3, 0x88a8).bytes();
  const PacketView view = parse(bytes);
  EXPECT_EQ(view.shape, Shape::kOther);
  EXPECT_EQ(view.ethertype, 0x88a8);
  EXPECT_EQ(view.tag_count, 2);
}

TEST(Ethernet, TooShortForItsTagsIsMalformed) {
  Bytes bytes = tcp_frame().vlan(410).bytes();
  bytes.resize(17);
  EXPECT_EQ(parse(bytes).shape, Shape::kMalformed);
  bytes.resize(13);
  EXPECT_EQ(parse(bytes).shape, Shape::kMalformed);
  EXPECT_EQ(parse({}).shape, Shape::kMalformed);
}

TEST(Ethernet, SnapAroundIpIsReadAsIp) {
  const Bytes bytes = tcp_frame().snap().payload("hello").pad_to(90).bytes();
  const PacketView view = parse(bytes);
  EXPECT_EQ(view.shape, Shape::kIp);
  EXPECT_EQ(view.ethertype, 0x0800);
  EXPECT_EQ(view.network_offset, 22);
  EXPECT_EQ(test::as_text(view.payload), "hello");
}

TEST(Ethernet, OtherLlcHasNoEthertype) {
  const Bytes netbios = frame().llc(0xf0, 0xf0, 0x03).payload("session").pad_to(60).bytes();
  const PacketView view = parse(netbios);
  EXPECT_EQ(view.shape, Shape::kOther);
  EXPECT_EQ(view.ethertype, 0);
  EXPECT_EQ(view.payload.size(), 10u) << "LLC header and content, without Ethernet padding";
}

TEST(Ethernet, AnLlcLengthBeyondTheFrameIsMalformed) {
  const Bytes bytes = frame().llc(0xf0, 0xf0, 0x03).payload("short").ethertype(100).bytes();
  EXPECT_EQ(parse(bytes).shape, Shape::kMalformed);
}

TEST(Ethernet, AnUnknownTypeIsOther) {
  const Bytes bytes = frame().ethertype(0x8892).payload("profinet").bytes();
  const PacketView view = parse(bytes);
  EXPECT_EQ(view.shape, Shape::kOther);
  EXPECT_EQ(view.ethertype, 0x8892);
  EXPECT_EQ(test::as_text(view.payload), "profinet");
}

TEST(Ethernet, LinkControlIsKnownByItsGroupAddress) {
  for (const char* group : {"01:80:c2:00:00:00", "01:80:c2:00:00:0f", "01:00:0c:cc:cc:cc", "01:00:0c:cc:cc:cd"}) {
    const Bytes bytes = frame().to(group).llc(0x42, 0x42, 0x03).payload("bpdu").pad_to(60).bytes();
    EXPECT_EQ(parse(bytes).shape, Shape::kLinkControl) << group;
  }
  const Bytes beyond = frame().to("01:80:c2:00:00:10").llc(0x42, 0x42, 0x03).payload("all bridges").bytes();
  EXPECT_EQ(parse(beyond).shape, Shape::kOther);
}

TEST(Ethernet, EapolAndLldpAreLinkControlAtAnyAddress) {
  const Bytes eapol = frame().ethertype(0x888e).payload("start").bytes();
  const Bytes lldp = frame().ethertype(0x88cc).payload("chassis").vlan(5).bytes();
  EXPECT_EQ(parse(eapol).shape, Shape::kLinkControl);
  EXPECT_EQ(parse(lldp).shape, Shape::kLinkControl);
}

TEST(Ethernet, IpToALinkLocalGroupIsStillIp) {
  const Bytes bytes = tcp_frame().to("01:80:c2:00:00:0e").bytes();
  EXPECT_EQ(parse(bytes).shape, Shape::kIp);
}

TEST(Arp, GivesSenderAndTarget) {
  const Bytes bytes = frame().from("02:00:00:00:00:0a").to("ff:ff:ff:ff:ff:ff").arp(1, "10.1.0.2", "10.1.0.1").bytes();
  const PacketView view = parse(bytes);
  EXPECT_EQ(view.shape, Shape::kArp);
  EXPECT_EQ(view.proto, 1);
  EXPECT_EQ(view.source, address("10.1.0.2"));
  EXPECT_EQ(view.target, address("10.1.0.1"));
  EXPECT_EQ(view.arp_sender_mac, mac("02:00:00:00:00:0a"));
  EXPECT_FALSE(view.odd);
}

TEST(Arp, WithOtherAddressLengthsCannotBeRead) {
  Bytes bytes = frame().arp(2, "10.1.0.2", "10.1.0.1").bytes();
  bytes[14 + 4] = std::byte{8};
  EXPECT_EQ(parse(bytes).shape, Shape::kMalformed);
}

TEST(Arp, CutShortCannotBeRead) {
  Bytes bytes = frame().arp(2, "10.1.0.2", "10.1.0.1").bytes();
  bytes.pop_back();
  EXPECT_EQ(parse(bytes).shape, Shape::kMalformed);
}

}  // namespace
}  // namespace wardline::packet
