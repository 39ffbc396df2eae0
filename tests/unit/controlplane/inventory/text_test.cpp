#include "controlplane/inventory/text.h"

#include <gtest/gtest.h>

namespace wardline::inventory {
namespace {

using namespace std::string_literals;

TEST(CleanText, KeepsOrdinaryTextInAnyLanguage) {
  EXPECT_EQ(clean_text("Bettplatz 4 \xc3\xa4\xc3\xb6\xc3\xbc \xe7\x97\x85\xe9\x99\xa2"),
            "Bettplatz 4 \xc3\xa4\xc3\xb6\xc3\xbc \xe7\x97\x85\xe9\x99\xa2");
}

TEST(CleanText, DropsPaddingAroundTheText) {
  EXPECT_EQ(clean_text("  CT01            "), "CT01");
  EXPECT_EQ(clean_text("host\0\0\0"s), "host");
  EXPECT_EQ(clean_text(" \t\0 "s), "");
}

TEST(CleanText, EscapesWhatWouldStartANewLogLine) {
  EXPECT_EQ(clean_text("pump\r\nNov 21 root: all is well"), "pump\\u000d\\u000aNov 21 root: all is well");
  EXPECT_EQ(clean_text("a\x1b[2Jb"), "a\\u001b[2Jb");
  EXPECT_EQ(clean_text("a\xe2\x80\xa8"
                       "b"),
            "a\\u2028b");
}

TEST(CleanText, EscapesWhatTurnsTheDirectionOfWriting) {
  EXPECT_EQ(clean_text("a\xe2\x80\xae"
                       "b"),
            "a\\u202eb");
}

TEST(CleanText, ShowsBytesThatAreNoUtf8) {
  EXPECT_EQ(clean_text("\xff\xfe"), "\\xff\\xfe");
  EXPECT_EQ(clean_text("\xc0\xaf"), "\\xc0\\xaf") << "an overlong slash";
  EXPECT_EQ(clean_text("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "a surrogate";
  EXPECT_EQ(clean_text("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80") << "beyond U+10FFFF";
  EXPECT_EQ(clean_text("ab\xe2\x82"), "ab\\xe2\\x82") << "cut in the middle";
}

TEST(CleanText, IsNeverLongerThanItsBound) {
  const auto cut = clean_text(std::string(64 * 1024, 'x'));
  EXPECT_EQ(cut.size(), kMaxText);
  EXPECT_TRUE(cut.ends_with("x\xe2\x80\xa6"));
  EXPECT_LE(clean_text(std::string(64 * 1024, '\xff')).size(), kMaxText);
  EXPECT_EQ(clean_text(std::string(kMaxText, 'y')), std::string(kMaxText, 'y')) << "what fits is not cut";
  for (std::size_t bound = 0; bound < 12; ++bound) EXPECT_LE(clean_text("\n\xc3\xa4\xff long", bound).size(), bound);
}

TEST(CleanText, NeverCutsACharacterInTwo) {
  std::string umlauts;
  for (int i = 0; i < 300; ++i) umlauts += "\xc3\xa4";
  EXPECT_EQ(clean_text(clean_text(umlauts)), clean_text(umlauts));
  EXPECT_EQ(clean_text(umlauts).find("\\x"), std::string::npos);
}

}  // namespace
}  // namespace wardline::inventory
