#include "controlplane/cli/text.h"

#include <gtest/gtest.h>

namespace wardline::cli {
namespace {

TEST(Text, WordsAreBrokenBehindTheIndent) {
  EXPECT_EQ(wrapped("one two three", 10, 2), "one two\n  three");
  EXPECT_EQ(wrapped("averyveryverylongword end", 8, 2), "averyveryverylongword\n  end");
  EXPECT_EQ(wrapped("", 10, 2), "");
}

TEST(Text, CharactersCountNotBytes) {
  EXPECT_EQ(wrapped("\xc3\xa4\xc3\xa4\xc3\xa4 b", 5, 0), "\xc3\xa4\xc3\xa4\xc3\xa4 b");
  EXPECT_EQ(fitted("\xc3\xa4\xc3\xa4\xc3\xa4", 2), "\xc3\xa4\xe2\x80\xa6");
}

TEST(Text, AmountsHaveFourCharactersAtMost) {
  EXPECT_EQ(amount(0), "0");
  EXPECT_EQ(amount(3.5), "3.5");
  EXPECT_EQ(amount(999), "999");
  EXPECT_EQ(amount(999.7), "1.0k");
  EXPECT_EQ(amount(1234), "1.2k");
  EXPECT_EQ(amount(12'345'678), "12M");
  EXPECT_EQ(amount(999'999), "1.0M");
}

}  // namespace
}  // namespace wardline::cli
