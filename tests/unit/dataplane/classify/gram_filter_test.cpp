#include "dataplane/classify/gram_filter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

namespace wardline::classify {
namespace {

bool may_match(const GramFilter& filter, std::string_view text) {
  return filter.may_match(std::as_bytes(std::span(text)));
}

GramFilter filter_of(const std::vector<std::string>& literals) {
  return GramFilter(literals);
}

class GramFilterTest : public ::testing::Test {
 protected:
  std::string bytes(std::size_t length) {
    std::string made(length, '\0');
    for (auto& c : made) c = static_cast<char>(random_());
    return made;
  }
  std::vector<std::string> literals(std::size_t count, std::size_t least) {
    std::vector<std::string> made;
    while (made.size() < count) made.push_back(bytes(least + random_() % 40));
    return made;
  }
  std::string changed_case(std::string text) {
    for (auto& c : text)
      if (std::isalpha(static_cast<unsigned char>(c)) != 0 && random_() % 2 == 0) c = static_cast<char>(c ^ 0x20);
    return text;
  }

  std::mt19937 random_{20260302};
};

// At every place of every size: where a literal begins and how many bytes are left decides which gram is looked at.
TEST_F(GramFilterTest, NeverDeniesALiteralThatIsThere) {
  for (const std::size_t least : {3UL, 5UL}) {
    const auto all = literals(least == 3 ? 30 : 500, least);
    const auto filter = filter_of(all);
    for (const auto& literal : all)
      for (std::size_t size = literal.size(); size <= 70; ++size)
        for (std::size_t at = 0; at + literal.size() <= size; ++at) {
          auto text = bytes(size);
          text.replace(at, literal.size(), changed_case(literal));
          ASSERT_TRUE(may_match(filter, text)) << literal.size() << " bytes at " << at << " of " << size;
        }
  }
}

TEST_F(GramFilterTest, DeniesNearlyAllRandomBytes) {
  const auto filter = filter_of(literals(500, 5));
  int allowed = 0;
  for (int i = 0; i < 10'000; ++i) allowed += may_match(filter, bytes(22)) ? 1 : 0;
  EXPECT_LT(allowed, 200);
}

TEST_F(GramFilterTest, SaysNothingWhereItWouldNotHelp) {
  const auto filter = filter_of({"abcdef"});
  EXPECT_FALSE(may_match(filter, "ghijklmn"));
  EXPECT_TRUE(may_match(filter, std::string(GramFilter::kLongestPayload + 1, 'x'))) << "long";
  EXPECT_TRUE(may_match(filter_of({"abcdef", "xy"}), "ghijklmn")) << "a literal of two bytes";
  EXPECT_TRUE(may_match(GramFilter(), "ghijklmn")) << "no filter";
}

TEST_F(GramFilterTest, APayloadShorterThanAllLiteralsHoldsNone) {
  const auto filter = filter_of({"abcdef"});
  EXPECT_FALSE(may_match(filter, "abcde"));
  EXPECT_FALSE(may_match(filter, "a"));
  EXPECT_TRUE(may_match(filter, "ABCdef"));
}

}  // namespace
}  // namespace wardline::classify
