#include "dataplane/classify/start.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/dataplane/classify/random_expressions.h"

namespace wardline::classify {
namespace {

// The bytes that may stand at a position: "ab", "(all)", or "(N)" for so many others.
std::string at(std::string_view expression, std::size_t position, bool caseless = false) {
  const auto bytes = start_of(expression, caseless).at[position];
  if (bytes.all()) return "(all)";
  if (bytes.count() > 4) return "(" + std::to_string(bytes.count()) + ")";
  std::string text;
  for (std::size_t i = 0; i < 256; ++i)
    if (bytes[i]) text += static_cast<char>(i);
  return text;
}

bool says_nothing(std::string_view expression) {
  const auto start = start_of(expression, false);
  for (const auto& bytes : start.at)
    if (!bytes.all()) return false;
  return start.shortest == 0;
}

TEST(Start, NamesTheBytesOfEachPosition) {
  EXPECT_EQ(at("^GET", 0), "G");
  EXPECT_EQ(at("^GET", 2), "T");
  EXPECT_EQ(at("^GET", 3), "(all)") << "behind the match";
  EXPECT_EQ(at("^\\x80.[\\x00-\\x7f][^a]", 1), "(all)");
  EXPECT_EQ(at("^\\x80.[\\x00-\\x7f][^a]", 2), "(128)");
  EXPECT_EQ(at("^\\x80.[\\x00-\\x7f][^a]", 3), "(255)");
  EXPECT_EQ(at("^[]a][a-]", 0), "]a");
  EXPECT_EQ(at("^[]a][a-]", 1), "-a");
}

TEST(Start, TakesAllBranches) {
  EXPECT_EQ(at("^(?:ab|cd)e", 0), "ac");
  EXPECT_EQ(at("^(?:ab|c)e", 1), "be");
  EXPECT_EQ(at("^ab|^cd", 1), "bd");
  EXPECT_EQ(at("^(?:abc)?x", 0), "ax");
  EXPECT_EQ(at("^(?:abc)?xyz", 2), "cz");
}

TEST(Start, CountsRepetitions) {
  EXPECT_EQ(at("^a{3}b", 3), "b");
  EXPECT_EQ(at("^a{1,2}b", 1), "ab");
  EXPECT_EQ(at("^a{1,2}bc", 2), "bc");
  EXPECT_EQ(at("^a*bcd", 0), "ab");
  EXPECT_EQ(at("^a*bcd", 2), "abcd");
  EXPECT_EQ(start_of("^.{88}\\z", false).shortest, 88U);
  EXPECT_EQ(start_of("^a{2,9}(?:bc|d)e+", false).shortest, 4U);
}

TEST(Start, FollowsFlagsOfCase) {
  EXPECT_EQ(at("^ab", 1, true), "Bb");
  EXPECT_EQ(at("^(?i:ab)c", 1), "Bb");
  EXPECT_EQ(at("^(?i:ab)c", 2), "c");
  EXPECT_EQ(at("^[a-b]", 0, true), "ABab");
  EXPECT_EQ(at("^(?-i)a", 0, true), "a");
}

TEST(Start, SaysNothingOfWhatItCannotReadOrIsNotAnchored) {
  for (const auto* expression :
       {"abc", "^a|b", "(?:^a)?b", "x*^a", "(?m)^a", "^a(?=b)", "^\\101bc", "^(a)\\1", "^[\\Q]\\E]"})
    EXPECT_TRUE(says_nothing(expression)) << expression;
  EXPECT_EQ(at("^[\\d]x", 0), "(all)");
  EXPECT_EQ(at("^[^\\s]x", 0), "(all)");
  EXPECT_EQ(at("^[[:alpha:]x]y", 0), "(all)");
  EXPECT_EQ(at("^\\Dx", 0), "(all)");
  EXPECT_EQ(at("^\\Dx", 1), "x");
}

TEST(Start, KnowsClassesByName) {
  EXPECT_EQ(at("^\\d", 0), "(10)");
  EXPECT_EQ(at("^\\w", 0), "(63)");
  EXPECT_EQ(at("^\\s", 0), "(6)");
  EXPECT_EQ(at("^(?:\\xef\\xbb\\xbf)?\\s{0,4}<", 0), "(8)");
}

TEST(Start, AllowsWhateverHyperscanMatches) {
  test::RandomExpressions random;
  int matches = 0, refused = 0, decided = 0;
  for (int round = 0; round < 400; ++round) {
    const Expression expression{.text = "^" + random.expression(2), .caseless = random.below(3) == 0};
    const test::Matcher matcher(expression);
    if (!matcher.compiled()) continue;  // it would match nothing at all
    const auto start = start_of(expression.text, expression.caseless);
    for (int i = 0; i < 200; ++i) {
      const auto text = random.text();
      const bool matched = matcher.matches(text);
      bool allowed = text.size() >= start.shortest;
      for (std::size_t at = 0; at < std::min(text.size(), Start::kPositions); ++at)
        allowed = allowed && start.at[at][static_cast<unsigned char>(text[at])];
      ASSERT_TRUE(allowed || !matched) << expression.text << " on " << text;
      ASSERT_TRUE(!start.whole || allowed == matched) << expression.text << " on " << text;
      decided += start.whole ? 1 : 0;
      matches += matched ? 1 : 0;
      refused += allowed ? 0 : 1;
    }
  }
  EXPECT_GT(matches, 1000);
  EXPECT_GT(refused, 1000);
  EXPECT_GT(decided, 1000);
}

TEST(Start, KnowsWhatItsBytesDecideAlone) {
  for (const auto* expression : {"^ab", "^[\\x90\\xb0].{10}\\xbe\\xde", "^a{3}[^b]", "^(?:a|b)c", "^(?i:x)y", "^.{16}"})
    EXPECT_TRUE(start_of(expression, false).whole) << expression;
  for (const auto* expression : {"^a+", "^ab?", "^(?:ab|cd)", "^ab$", "^a\\b", "^\\d", "^[\\w]", "^.{17}", "ab", "^a|b",
                                 "^", "^a^b", "^a(?:^b)"})
    EXPECT_FALSE(start_of(expression, false).whole) << expression;
}

}  // namespace
}  // namespace wardline::classify
