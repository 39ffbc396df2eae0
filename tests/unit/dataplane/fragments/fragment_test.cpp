#include "dataplane/fragments/fragment.h"

#include <gtest/gtest.h>

#include "tests/unit/cut.h"

namespace wardline::test {
namespace {

using fragments::read_fragment;

std::optional<fragments::Fragment> read(const Bytes& frame) {
  return read_fragment(packet::parse(frame), frame);
}

TEST(Fragment, OfIpv4SaysWhereItsDataLies) {
  const Bytes bytes =
      frame().vlan(7).ipv4("10.1.0.2", "10.2.0.9").proto(17).fragment(1480, true, 77).payload("12345678").bytes();
  const auto fragment = read(bytes);
  ASSERT_TRUE(fragment);
  EXPECT_EQ(fragment->id, 77);
  EXPECT_EQ(fragment->offset, 1480);
  EXPECT_TRUE(fragment->more);
  EXPECT_EQ(fragment->proto, 17);
  EXPECT_EQ(as_text(fragment->data), "12345678");
  EXPECT_TRUE(fragment->in_bounds());
}

TEST(Fragment, EthernetPaddingIsNoData) {
  const Bytes bytes =
      frame().ipv4("10.1.0.2", "10.2.0.9").proto(17).fragment(8, false).payload("end").pad_to(60).bytes();
  const auto fragment = read(bytes);
  ASSERT_TRUE(fragment);
  EXPECT_EQ(as_text(fragment->data), "end");
}

TEST(Fragment, OfIpv6LiesBehindItsExtensionHeaders) {
  const Bytes bytes = frame()
                          .ipv6("fd00::2", "fd00::9")
                          .extension(0, Bytes(6))
                          .extension(60, Bytes(6))
                          .proto(17)
                          .fragment(1448, false, 99)
                          .payload("end")
                          .bytes();
  const auto fragment = read(bytes);
  ASSERT_TRUE(fragment);
  EXPECT_EQ(fragment->id, 99U);
  EXPECT_EQ(fragment->offset, 1448U);
  EXPECT_FALSE(fragment->more);
  EXPECT_EQ(fragment->headers_end, 14U + 40 + 8 + 8);
  EXPECT_EQ(as_text(fragment->data), "end");
}

TEST(Fragment, OutOfBoundsIsRaggedEmptyOrBeyondTheLargestPacket) {
  const auto v4 = [](std::uint16_t offset, bool more, std::string_view text) {
    return read(frame().ipv4("10.1.0.2", "10.2.0.9").proto(17).fragment(offset, more).payload(text).bytes())
        ->in_bounds();
  };
  EXPECT_TRUE(v4(0, true, "12345678"));
  EXPECT_FALSE(v4(0, true, "1234567")) << "only the last piece may have any length";
  EXPECT_TRUE(v4(8, false, "1234567"));
  EXPECT_FALSE(v4(65528, false, "12345678"));
  EXPECT_TRUE(v4(65528, false, "1234567"));
  EXPECT_FALSE(v4(8, false, ""));
}

TEST(Fragment, TheWholeHasTheHeadersOfTheFirstWithRightLengths) {
  for (const bool v6 : {false, true}) {
    const auto headers = v6 ? frame().vlan(7).ipv6("fd00::2", "fd00::9").extension(60, Bytes(6))
                            : frame().vlan(7).ipv4("10.1.0.2", "10.2.0.9");
    const auto whole = FrameBuilder(headers).udp(5000, 53).payload(std::string(100, 'x'));
    const Bytes packet = whole.packet();
    const Bytes first = FrameBuilder(headers)
                            .proto(17)
                            .fragment(0, true)
                            .payload(Bytes(packet.begin() + (v6 ? 48 : 20), packet.begin() + (v6 ? 48 : 20) + 16))
                            .bytes();
    const auto view = packet::parse(first);
    Bytes room(200);
    const auto length = fragments::write_whole_headers(view, *read(first), first, 108, room);
    ASSERT_TRUE(length);
    const Bytes wanted = whole.bytes();
    ASSERT_EQ(*length, wanted.size() - 108);
    std::copy(wanted.begin() + static_cast<std::ptrdiff_t>(*length), wanted.end(),
              room.begin() + static_cast<std::ptrdiff_t>(*length));
    room.resize(wanted.size());
    const auto read_back = packet::parse(room);
    EXPECT_EQ(read_back.shape, packet::Shape::kIp);
    EXPECT_FALSE(read_back.fragment);
    EXPECT_FALSE(read_back.odd) << "also the checksum of the header is right";
    EXPECT_EQ(read_back.target_port, 53);
    EXPECT_EQ(read_back.payload.size(), 100U);
    EXPECT_TRUE(packet::checksum_holds(read_back, room));
  }
}

TEST(Fragment, AWholeThatIsTooLongOrHasNoRoomIsNotWritten) {
  const Bytes first = frame().ipv4("10.1.0.2", "10.2.0.9").proto(17).fragment(0, true).payload("12345678").bytes();
  const auto view = packet::parse(first);
  Bytes room(66000), small(100);
  EXPECT_TRUE(fragments::write_whole_headers(view, *read(first), first, 65515, room));
  EXPECT_FALSE(fragments::write_whole_headers(view, *read(first), first, 65516, room));
  EXPECT_FALSE(fragments::write_whole_headers(view, *read(first), first, 100, small));
}

}  // namespace
}  // namespace wardline::test
