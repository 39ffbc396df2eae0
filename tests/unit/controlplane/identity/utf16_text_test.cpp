#include "controlplane/identity/utf16_text.h"

#include <gtest/gtest.h>

#include "hostile.h"

namespace wardline::identity {
namespace {

using namespace std::string_literals;

std::string utf8(const std::string& bytes, ByteOrder order) {
  return utf8_of_utf16(std::as_bytes(std::span(bytes)), order);
}

TEST(Utf16Text, EachLengthOfUtf8ComesOut) {
  EXPECT_EQ(utf8("\x00\x41\x00\xdf\x20\xac\xd8\x3d\xde\x00"s, ByteOrder::kBig),
            "A\xc3\x9f\xe2\x82\xac\xf0\x9f\x98\x80");
  EXPECT_EQ(utf8(test::utf16("CT01"), ByteOrder::kLittle), "CT01");
}

TEST(Utf16Text, HalfAPairBecomesTheReplacement) {
  EXPECT_EQ(utf8("\xd8\x3d\x00\x41"s, ByteOrder::kBig),
            "\xef\xbf\xbd"
            "A");
  EXPECT_EQ(utf8("\xde\x00"s, ByteOrder::kBig), "\xef\xbf\xbd");
  EXPECT_EQ(utf8("\xd8\x3d"s, ByteOrder::kBig), "\xef\xbf\xbd");
}

TEST(Utf16Text, EndsAtANulOrAtHalfAUnit) {
  EXPECT_EQ(utf8("\x41\x00\x00\x00\x42\x00"s, ByteOrder::kLittle), "A");
  EXPECT_EQ(utf8("\x41\x00\x42"s, ByteOrder::kLittle), "A");
  EXPECT_EQ(utf8("", ByteOrder::kLittle), "");
}

}  // namespace
}  // namespace wardline::identity
