#include "dataplane/packet/cursor.h"

#include <gtest/gtest.h>

#include "tests/unit/packet_builder.h"

namespace wardline::packet {
namespace {

using test::to_bytes;

TEST(Cursor, ReadsNumbersInNetworkOrder) {
  const auto bytes = to_bytes(std::string_view("\x01\x02\x03\x04\x05\x06\x07", 7));
  Cursor in(bytes);
  EXPECT_EQ(in.u8(), 0x01);
  EXPECT_EQ(in.u16(), 0x0203);
  EXPECT_EQ(in.u32(), 0x04050607u);
  EXPECT_FALSE(in.failed());
  EXPECT_EQ(in.left(), 0u);
}

TEST(Cursor, AReadPastTheEndPoisonsAllLaterReads) {
  const auto bytes = to_bytes("abc");
  Cursor in(bytes);
  EXPECT_EQ(in.u32(), 0u);
  EXPECT_TRUE(in.failed());
  EXPECT_EQ(in.u8(), 0) << "the three bytes must not be given after a failed read";
  EXPECT_TRUE(in.take(1).empty());
  EXPECT_TRUE(in.rest().empty());
}

TEST(Cursor, TakingNothingAtTheEndIsNoFailure) {
  Cursor in({});
  EXPECT_TRUE(in.take(0).empty());
  in.limit(0);
  EXPECT_FALSE(in.failed());
}

TEST(Cursor, ALimitCutsPaddingAndRefusesToGrow) {
  const auto bytes = to_bytes("payloadpadding");
  Cursor in(bytes);
  in.limit(7);
  EXPECT_EQ(test::as_text(in.rest()), "payload");
  in.limit(8);
  EXPECT_TRUE(in.failed());
}

TEST(Cursor, AFailedHeaderReadsAsZeros) {
  const auto bytes = to_bytes("abc");
  Cursor in(bytes);
  const auto header = in.take<20>();
  EXPECT_EQ(header.u32<16>(), 0u);
  EXPECT_TRUE(in.failed());
}

}  // namespace
}  // namespace wardline::packet
