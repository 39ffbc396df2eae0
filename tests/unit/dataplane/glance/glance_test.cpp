// A first look says of every frame what the parser says, in every set of instructions that the processor has.
#include <gtest/gtest.h>

#include <random>

#include "dataplane/packet/checksum.h"
#include "dataplane/packet/packet_view.h"
#include "tests/unit/dataplane/glance/agreement.h"
#include "tests/unit/packet_builder.h"

namespace wardline::glance {
namespace {

using wardline::test::Bytes;
using wardline::test::FrameBuilder;

FrameBuilder base() {
  return FrameBuilder().from("02:00:00:00:00:01").to("02:00:00:00:00:02");
}

// With options as stacks send them: MSS, SACK permitted, window scale.
FrameBuilder opening(FrameBuilder tcp) {
  constexpr unsigned char kOptions[] = {2, 4, 0x05, 0xb4, 4, 2, 1, 3, 3, 7};
  const auto options = std::as_bytes(std::span(kOptions));
  return tcp.flags(packet::kSyn).tcp_options({options.begin(), options.end()});
}

std::vector<Bytes> ordinary() {
  std::vector<Bytes> all;
  for (const bool tagged : {false, true})
    for (const bool v6 : {false, true})
      for (const bool turned : {false, true})
        for (const char* payload : {"", "a", "some bytes that are a payload"}) {
          auto frame = base();
          if (tagged) frame.vlan(410);
          const char* low = v6 ? "fd00::1" : "10.1.0.2";
          const char* high = v6 ? "fd00::2" : "10.2.0.9";
          v6 ? frame.ipv6(turned ? high : low, turned ? low : high)
             : frame.ipv4(turned ? high : low, turned ? low : high);
          all.push_back(FrameBuilder(frame).udp(5000, 9000).payload(payload).pad_to(60).bytes());
          all.push_back(FrameBuilder(frame).tcp(5000, 9000).payload(payload).pad_to(60).bytes());
          all.push_back(FrameBuilder(frame).tcp(9000, 443).flags(packet::kAck | packet::kPsh).payload(payload).bytes());
          all.push_back(FrameBuilder(frame).tcp(9000, 443).flags(packet::kAck | packet::kFin).payload(payload).bytes());
          all.push_back(opening(FrameBuilder(frame).tcp(9000, 443)).payload(payload).bytes());
        }
  return all;
}

std::vector<Bytes> unusual() {
  const auto v4 = base().ipv4("10.1.0.2", "10.2.0.9");
  const auto of = [](FrameBuilder frame) { return frame.payload("0123456789abcdef").bytes(); };
  std::vector<Bytes> all{
      of(base().ipv4("0.0.0.0", "10.2.0.9").udp(5000, 9000)),
      of(base().ipv4("10.1.0.2", "224.0.0.9").udp(5000, 9000)),
      of(base().ipv4("10.1.0.2", "255.255.255.255").udp(5000, 9000)),
      of(base().ipv4("10.1.0.2", "10.1.0.2").udp(5000, 5000)),
      of(FrameBuilder(v4).to("01:00:5e:00:00:09").udp(5000, 9000)),
      of(FrameBuilder(v4).udp(68, 67)),
      of(FrameBuilder(v4).udp(5000, 0)),
      of(FrameBuilder(v4).udp(0, 5000)),
      of(FrameBuilder(v4).tcp(0, 5000)),
      of(FrameBuilder(v4).udp(5000, 9000).udp_length_field(9)),
      of(FrameBuilder(v4).udp(5000, 9000).udp_length_field(0)),
      of(FrameBuilder(v4).udp(5000, 9000).wrong_ip_checksum()),
      of(FrameBuilder(v4).udp(5000, 9000).ttl(0)),
      of(FrameBuilder(v4).udp(5000, 9000).fragment(0, true)),
      of(FrameBuilder(v4).udp(5000, 9000).fragment(16, false)),
      of(FrameBuilder(v4).udp(5000, 9000).total_length_field(27)),
      of(FrameBuilder(v4).udp(5000, 9000).total_length_field(400)),
      of(FrameBuilder(v4).ipv4_options(Bytes(4, std::byte{1})).udp(5000, 9000)),
      of(FrameBuilder(v4).vlan(5, 0x88a8).udp(5000, 9000)),
      of(FrameBuilder(v4).vlan(5).vlan(6).udp(5000, 9000)),
      of(FrameBuilder(v4).tcp(5000, 9000).data_offset_field(4)),
      of(FrameBuilder(v4).tcp(5000, 9000).data_offset_field(15)),
      of(FrameBuilder(v4).tcp(5000, 9000).tcp_options(Bytes(12, std::byte{1}))),
      of(FrameBuilder(v4).tcp(5000, 9000).flags(packet::kSyn).tcp_options(Bytes(4, std::byte{9}))),
      of(FrameBuilder(v4).tcp(5000, 9000).flags(packet::kSyn).tcp_options({std::byte{8}, std::byte{1}})),
      of(FrameBuilder(v4).tcp(1, 2).flags(packet::kSyn | packet::kAck).tcp_options({std::byte{8}, std::byte{1}})),
      of(FrameBuilder(v4).tcp(1, 2).flags(packet::kFin | packet::kAck).tcp_options({std::byte{8}, std::byte{1}})),
      of(base().ipv6("fd00::1", "fd00::2").tcp(1, 2).flags(packet::kSyn).tcp_options({std::byte{8}, std::byte{1}})),
      of(FrameBuilder(v4).icmp(8, 0)),
      of(FrameBuilder(v4).snap().udp(5000, 9000)),
      of(base().ipv6("::ffff:10.1.0.2", "fd00::2").udp(5000, 9000)),
      of(base().ipv6("::", "fd00::2").udp(5000, 9000)),
      of(base().ipv6("fd00::1", "ff02::1").udp(5000, 9000)),
      of(base().ipv6("fd00::1", "fd00::2").udp(546, 547)),
      of(base().ipv6("fd00::1", "fd00::2").extension(60, Bytes(6, std::byte{0})).udp(5000, 9000)),
      of(base().arp(1, "10.1.0.2", "10.1.0.1")),
      Bytes{},
      Bytes(13, std::byte{0}),
      Bytes(60, std::byte{0}),
  };
  const auto v6 = base().ipv6("fd00::1", "fd00::2");
  for (unsigned flags = 0; flags < 64; ++flags)
    for (const auto& network : {v4, v6})
      all.push_back(of(FrameBuilder(network).tcp(5000, 9000).flags(static_cast<std::uint8_t>(flags))));
  return all;
}

// So that a change somewhere else is not always seen by the sum alone.
void repair_sum(Bytes& frame, std::size_t at) {
  if (frame.size() < at + 20) return;
  frame[at + 10] = frame[at + 11] = std::byte{0};
  const auto sum = static_cast<std::uint16_t>(~packet::ones_sum(std::span(frame).subspan(at, 20)));
  frame[at + 10] = static_cast<std::byte>(sum & 0xff);
  frame[at + 11] = static_cast<std::byte>(sum >> 8);
}

std::string agreement(std::span<const Bytes> frames) {
  for (const Side side : {Side::kDevice, Side::kCore})
    if (const auto differs = test::disagreement(frames, side)) return *differs;
  return {};
}

TEST(Glance, SeesOrdinaryFramesAsPlainWithTheParsersKeys) {
  EXPECT_EQ(agreement(ordinary()), "");
}

TEST(Glance, LeavesUnusualFramesToTheParser) {
  EXPECT_EQ(agreement(unusual()), "");
}

TEST(Glance, AgreesWithTheParserOnRandomlyChangedFrames) {
  std::mt19937 random(20261128);
  const auto bases = ordinary();
  std::vector<Bytes> frames;
  for (int n = 0; n < 60'000; ++n) {
    Bytes frame = bases[random() % bases.size()];
    for (unsigned changes = random() % 3; changes-- > 0;) {
      const auto at = random() % std::min<std::size_t>(frame.size(), 60);
      frame[at] = random() % 2 != 0 ? static_cast<std::byte>(random()) : frame[at] ^ std::byte{1} << random() % 8;
    }
    if (random() % 2 != 0) repair_sum(frame, frame[12] == std::byte{0x81} ? 18 : 14);
    if (random() % 16 == 0) frame.resize(random() % (frame.size() + 1));
    frames.push_back(std::move(frame));
  }
  EXPECT_EQ(agreement(frames), "");
}

TEST(Glance, LooksAtBurstsOfEveryLength) {
  const auto frames = ordinary();
  for (std::size_t count = 0; count <= Batch::kMaxFrames; ++count)
    EXPECT_EQ(agreement(std::span(frames).first(count)), "") << count;
}

TEST(Glance, TakesACutFrameForNoPlainOne) {
  const auto bytes = ordinary()[0];
  const std::array<SegmentId, 4096> segments{};
  const Frame cut{.bytes = bytes, .wire_length = static_cast<std::uint32_t>(bytes.size() + 1)};
  for (const auto way : test::ways()) {
    Burst burst;
    look_with(way)({&cut, 1}, {{segments.data(), segments.data()}, {}}, burst);
    EXPECT_EQ(burst.plain(), 0u);
  }
}

}  // namespace
}  // namespace wardline::glance
