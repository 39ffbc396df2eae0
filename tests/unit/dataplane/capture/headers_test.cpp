// What a capture keeps of a frame: every header, and not a byte of what they carry.
#include "dataplane/capture/headers.h"

#include <gtest/gtest.h>

#include "tests/unit/packet_builder.h"

namespace wardline::capture {
namespace {

using test::Bytes;
using test::frame;
using test::FrameBuilder;

constexpr std::string_view kSecret = "PID|||LAB-1^MUELLER^ANNA";

FrameBuilder four() {
  return frame().ipv4("10.1.0.2", "10.2.0.9");
}
FrameBuilder six() {
  return frame().ipv6("fd00::2", "fd00::9");
}
std::size_t length_of(FrameBuilder built) {
  return cut_headers(built.payload(kSecret).bytes()).length;
}
bool tells(const Headers& headers, std::string_view text) {
  return test::as_text(headers.used()).contains(text);
}

TEST(CaptureHeaders, EndWhereThePayloadBegins) {
  EXPECT_EQ(length_of(four().tcp(1, 2)), 14U + 20 + 20);
  EXPECT_EQ(length_of(four().tcp(1, 2).tcp_options(Bytes(12, std::byte{1}))), 14U + 20 + 32);
  EXPECT_EQ(length_of(four().ipv4_options(Bytes(8, std::byte{1})).udp(1, 2)), 14U + 28 + 8);
  EXPECT_EQ(length_of(four().vlan(20).vlan(30).udp(68, 67)), 14U + 8 + 20 + 8) << "DHCP is no exception";
  EXPECT_EQ(length_of(six().tcp(1, 2)), 14U + 40 + 20);
  EXPECT_EQ(length_of(six().extension(60, Bytes(6)).udp(1, 2)), 14U + 40 + 8 + 8);
  EXPECT_EQ(length_of(four().echo_request(1, 1)), 14U + 20 + 8);
  EXPECT_EQ(length_of(four().proto(47)), 14U + 20) << "GRE carries what others say";
  EXPECT_EQ(length_of(frame().ethertype(0x88cc)), 14U);
  EXPECT_EQ(length_of(frame().llc(0x42, 0x42, 3)), 14U);
}

TEST(CaptureHeaders, OfARarerFrameNothingIsKeptEither) {
  EXPECT_EQ(cut_headers(frame().arp(1, "10.1.0.2", "10.1.0.3").pad_to(60).bytes()).length, 14U + 28) << "no padding";
  EXPECT_EQ(length_of(four().udp(1, 2).fragment(1480, false)), 14U + 20) << "a later fragment has no ports";
  const auto quoted = four().udp(1, 2).payload(kSecret);
  const auto error = frame().ipv4("10.2.0.9", "10.1.0.2").icmp(3, 3).quoting(quoted).bytes();
  EXPECT_EQ(cut_headers(error).length, 14U + 20 + 8);
}

TEST(CaptureHeaders, OfAFrameThatCannotBeReadTheFixedHeaderIsKept) {
  EXPECT_EQ(length_of(four().tcp(1, 2).data_offset_field(4)), 14U + 20);
  EXPECT_EQ(length_of(four().udp(1, 2).udp_length_field(9000)), 14U + 20);
  EXPECT_EQ(length_of(four().udp(1, 2).total_length_field(9000)), 14U + 20);
  EXPECT_EQ(length_of(six().udp(1, 2).udp_length_field(3)), 14U + 40);
  EXPECT_EQ(length_of(frame().ethertype(0x0800)), 14U) << "what says IPv4 and is not";
}

TEST(CaptureHeaders, WhereverAFrameIsCutNoPayloadIsTold) {
  for (const auto& whole : {four().vlan(20).tcp(1, 2).payload(kSecret).bytes(),
                            six().udp(1, 2).payload(kSecret).bytes(), four().echo_reply(1, 1).payload(kSecret).bytes()})
    for (std::size_t length = 0; length <= whole.size(); ++length) {
      const auto headers = cut_headers(std::span(whole).first(length));
      EXPECT_LE(headers.length, length);
      EXPECT_FALSE(tells(headers, kSecret.substr(0, 4))) << length;
    }
}

TEST(CaptureHeaders, AreCutWhereTheyAreTooLong) {
  const auto headers = cut_headers(six().extension(60, Bytes(254)).udp(1, 2).payload(kSecret).bytes());
  EXPECT_EQ(headers.length, Headers::kMost);
  EXPECT_FALSE(tells(headers, kSecret));
}

}  // namespace
}  // namespace wardline::capture
