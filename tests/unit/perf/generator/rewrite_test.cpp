// Checksums after a rewriting must be what a host would have written; wrong ones must stay wrong.
#include "perf/generator/rewrite.h"

#include <gtest/gtest.h>

#include <vector>

#include "dataplane/packet/packet_view.h"
#include "tests/unit/packet_builder.h"

namespace wardline::perf {
namespace {

using test::Bytes;
using test::frame;
using test::FrameBuilder;

// Where things are in a frame without tags, IPv4 options and extension headers.
FrameEntry entry_of(const Bytes& bytes, std::uint16_t checksum_at, bool v6 = false) {
  FrameEntry entry{};
  entry.length = static_cast<std::uint16_t>(bytes.size());
  entry.ip = 14;
  entry.checksum = static_cast<std::uint16_t>((v6 ? 54 : 34) + checksum_at);
  entry.client_port = v6 ? 54 : 34;
  entry.port_step = 7;
  entry.flags = v6 ? kIpv6 : 0;
  return entry;
}
constexpr std::uint16_t kTcp = 16, kUdp = 6, kIcmp6 = 2;

Bytes with_addresses_of(Bytes bytes, const FrameEntry& entry, std::uint64_t pass) {
  Rewriter(bytes.data(), entry).move_addresses(pass);
  return bytes;
}

FrameBuilder segment(const char* source, const char* target) {
  return frame().ipv4(source, target).tcp(1500, 80).payload("some odd text");
}

TEST(Rewriting, GivesBothAddressesTheNumberOfThePass) {
  const auto before = segment("10.1.2.3", "10.9.8.7").bytes();
  EXPECT_EQ(with_addresses_of(before, entry_of(before, kTcp), 0x0102), segment("10.3.3.3", "10.11.9.7").bytes());
  EXPECT_EQ(with_addresses_of(before, entry_of(before, kTcp), 0), before);
}

TEST(Rewriting, LeavesGroupsAndNobodyAlone) {
  const auto group = frame().ipv4("10.1.2.3", "239.255.255.250").udp(1900, 1900).payload("x");
  const auto after = frame().ipv4("10.254.3.3", "239.255.255.250").udp(1900, 1900).payload("x");
  EXPECT_EQ(with_addresses_of(group.bytes(), entry_of(group.bytes(), kUdp), 0x01ff), after.bytes());
  const auto nobody = frame().ipv4("0.0.0.0", "255.255.255.255").udp(68, 67).payload("x").bytes();
  EXPECT_EQ(with_addresses_of(nobody, entry_of(nobody, kUdp), 99), nobody);
  const auto solicited = frame().ipv6("::", "ff02::1:ff00:1").icmp(135, 0).payload("x").bytes();
  EXPECT_EQ(with_addresses_of(solicited, entry_of(solicited, kIcmp6, true), 99), solicited);
}

TEST(Rewriting, KeepsPrefixesOfIpv6) {
  const auto before = frame().ipv6("2001:db8::1", "fe80::2").tcp(1500, 80).payload("text").bytes();
  const auto after = frame().ipv6("2001:db8::102:0:0:1", "fe80::102:0:0:2").tcp(1500, 80).payload("text").bytes();
  EXPECT_EQ(with_addresses_of(before, entry_of(before, kTcp, true), 0x0201), after);
}

TEST(Rewriting, LeavesAWrongChecksumWrongAndAMissingOneMissing) {
  const auto wrong = segment("10.1.2.3", "10.9.8.7").wrong_transport_checksum().bytes();
  const auto moved = with_addresses_of(wrong, entry_of(wrong, kTcp), 5);
  EXPECT_FALSE(packet::checksum_holds(packet::parse(moved), moved));
  EXPECT_FALSE(packet::parse(moved).odd);
  const auto none = frame().ipv4("10.1.2.3", "10.9.8.7").udp(1, 2).no_udp_checksum().payload("x");
  auto entry = entry_of(none.bytes(), kUdp);
  entry.flags = kZeroIsNone;
  const auto after = frame().ipv4("10.1.7.3", "10.9.13.7").udp(1, 2).no_udp_checksum().payload("x");
  EXPECT_EQ(with_addresses_of(none.bytes(), entry, 0x0500), after.bytes());
}

// A sum of zero is written as 0xffff, for 0 would say that there is no checksum.
TEST(Rewriting, NeverMakesADatagramLoseItsChecksum) {
  const auto before = frame().ipv4("10.1.2.3", "10.9.8.7").udp(1, 2).payload("x").bytes();
  auto entry = entry_of(before, kUdp);
  entry.flags = kZeroIsNone;
  for (std::uint32_t pass = 0; pass < 65'536; ++pass) {
    const auto moved = with_addresses_of(before, entry, pass);
    ASSERT_TRUE(moved[40] != std::byte{0} || moved[41] != std::byte{0}) << "pass " << pass;
    ASSERT_TRUE(packet::checksum_holds(packet::parse(moved), moved)) << "pass " << pass;
  }
}

TEST(Rewriting, MovesTheClientsPortByItsSessions) {
  const auto before = segment("10.1.2.3", "10.9.8.7").bytes();
  auto bytes = before;
  Rewriter(bytes.data(), entry_of(before, kTcp)).move_port(3);
  EXPECT_EQ(bytes, frame().ipv4("10.1.2.3", "10.9.8.7").tcp(1500 + 3 * 7, 80).payload("some odd text").bytes());
}

TEST(Rewriting, ComesRoundWithinThePortsAboveTheSystems) {
  const auto before = segment("10.1.2.3", "10.9.8.7").bytes();
  for (std::uint64_t pass : {9'000U, 64'512U, 4'000'000'000U}) {
    auto bytes = before;
    Rewriter(bytes.data(), entry_of(before, kTcp)).move_port(pass);
    const auto view = packet::parse(bytes);
    EXPECT_EQ(view.source_port, 1024 + (1500 - 1024 + pass * 7) % 64'512);
    EXPECT_TRUE(packet::checksum_holds(view, bytes));
  }
}

}  // namespace
}  // namespace wardline::perf
