#include "dataplane/classify/literal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "dataplane/classify/engine.h"

namespace wardline::classify {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

std::string literal_of(std::string_view expression, bool caseless = false) {
  const auto literals = required_literals(expression, {caseless, caseless});
  return literals.empty() ? "(none)" : literals.size() == 1 ? literals[0] : "(several)";
}

std::vector<std::string> literals_of(std::string_view expression) {
  return required_literals(expression, {});
}

TEST(RequiredLiteral, IsTheLongestRunOfFixedBytes) {
  EXPECT_EQ(literal_of("abcdef"), "abcdef");
  EXPECT_EQ(literal_of("abc.defgh[0-9]ijk"), "defgh");
  EXPECT_EQ(literal_of("^GET /.* HTTP/1"), " HTTP/1");
  EXPECT_EQ(literal_of("ab[c]de"), "abcde");
  EXPECT_EQ(literal_of("ab[c-k]de"), "(none)");
}

TEST(RequiredLiteral, ReadsEscapedBytes) {
  EXPECT_EQ(literal_of("\\x01\\xff\\r\\n\\t\\.\\\\"), "\x01\xff\r\n\t.\\");
  EXPECT_EQ(literal_of("\\x00\\x00\\x00"), std::string(3, '\0'));
  EXPECT_EQ(literal_of("abc\\ddefg\\Whi"), "defg");
  EXPECT_EQ(literal_of("[\\]abc]xyz[^]]"), "xyz");
  EXPECT_EQ(literal_of("[[:alpha:]]xyz"), "xyz");
}

TEST(RequiredLiteral, SkipsWhatMayBeAbsent) {
  EXPECT_EQ(literal_of("ab[c-k]?defg"), "defg");
  EXPECT_EQ(literal_of("abcx*defg"), "defg");
  EXPECT_EQ(literal_of("ab(cdef[g-p])?hij"), "hij");
  EXPECT_EQ(literal_of("ab(?:cdefg){0,3}hij"), "hij");
}

TEST(RequiredLiteral, CountsWhatIsRepeatedAtLeast) {
  EXPECT_EQ(literal_of("ab+cd"), "bcd");
  EXPECT_EQ(literal_of("xa{3}y"), "xaaay");
  EXPECT_EQ(literal_of("xa{2,}yz"), "aayz");
  EXPECT_EQ(literal_of("(?:ab){2,5}"), "abab");
  EXPECT_EQ(literal_of("(abc)+?d"), "abcd");
}

TEST(RequiredLiteral, LooksIntoGroups) {
  EXPECT_EQ(literal_of("ab(cd)ef"), "abcdef");
  EXPECT_EQ(literal_of("(?:GET|POST) /cgi-bin"), " /cgi-bin");
  EXPECT_EQ(literal_of("(x.long)y"), "long") << "what is within stays within: no need to join it with what follows";
}

TEST(RequiredLiteral, OfBranchesOneStandsInEachMatch) {
  EXPECT_THAT(literals_of("abcdef|ghijkl"), UnorderedElementsAre("abcdef", "ghijkl"));
  EXPECT_THAT(literals_of("^GET [^ ]*/(?:etc|bin)(?:/|%2f)passwd"),
              UnorderedElementsAre("/etc/passwd", "/bin/passwd", "/etc%2fpasswd", "/bin%2fpasswd"));
  EXPECT_THAT(literals_of("x[0-9](?:first.*second|third)"), UnorderedElementsAre("second", "third"));
  EXPECT_EQ(literal_of("abcdef|[0-9]*"), "(none)") << "one branch holds nothing certain";
  EXPECT_EQ(literal_of("(?:abc|xabcx)"), "abc") << "what holds the longer one holds the shorter";
}

TEST(RequiredLiteral, WhatMayBeAbsentIsThereOrNot) {
  EXPECT_THAT(literals_of("%\\{\\(?#"), UnorderedElementsAre("%{#", "%{(#"));
  EXPECT_THAT(literals_of("abc?defg"), UnorderedElementsAre("abcdefg", "abdefg"));
  EXPECT_THAT(literals_of("port=(?:[45]43|80);"), UnorderedElementsAre("port=443;", "port=543;", "port=80;"));
}

TEST(RequiredLiteral, IsWhatTellsMostNotTheLongest) {
  EXPECT_THAT(literals_of("\\r\\nContent-Type: ?[^\\r\\n]{0,20}ognl"), ElementsAre("ognl"));
  EXPECT_THAT(literals_of("^POST /.*Host: .*:(?:443|8443)\\r\\n"), UnorderedElementsAre(":443\r\n", ":8443\r\n"));
  EXPECT_THAT(literals_of("\\x00{12}[^a]abcd"), ElementsAre("abcd"));
  EXPECT_THAT(literals_of("^GET /.* HTTP/1\\.1"), ElementsAre(" HTTP/1.1")) << "where there is nothing better";
}

TEST(RequiredLiteral, LettersOfBothCasesAreOneWhereTheSearchDoesNotTellThemApart) {
  EXPECT_THAT(required_literals("[Ff][Hh][Ii][Rr]\\+[Jj][Ss][Oo][Nn]", {false, true}), ElementsAre("FHIR+JSON"));
  EXPECT_THAT(required_literals("x[^\\x00-0\\x32-ac-\\xff]secret", {false, true}),
              UnorderedElementsAre("x1secret", "xbsecret"));
}

TEST(RequiredLiteral, OfTooManyBranchesNone) {
  std::string many = "branch-000";
  for (int i = 1; i < 40; ++i) many += "|branch-" + std::to_string(100 + i);
  EXPECT_EQ(literal_of(many), "(none)");
  EXPECT_EQ(literal_of("(?:" + many + ")[0-9]common"), "common");
}

TEST(RequiredLiteral, LettersUnderAFlagOfTheExpressionDoNotCount) {
  EXPECT_EQ(literal_of("(?i)abcdef"), "(none)");
  EXPECT_EQ(literal_of("(?i)ab12345cd"), "12345");
  EXPECT_EQ(literal_of("(?i)abcdef", true), "abcdef");
  EXPECT_EQ(literal_of("abc(?i:defghi)jklm"), "jklm");
  EXPECT_EQ(literal_of("(?:(?i)abcd)efg"), "efg");
}

TEST(RequiredLiteral, WhatItDoesNotKnowEndsTheSearch) {
  for (const auto* expression :
       {"abc\\Qdef", "abc(?=def)", "abc(?<n>def)", "abc\\1def", "(?x)abc def", "abcd)", "(abcd", "abcd{,3}", "abcd{x",
        "abcd\\", "[abcd", "abcd[\\", "abc\\x1", "(*UTF8)abcd", "+abcd"})
    EXPECT_EQ(literal_of(expression), "(none)") << expression;
  EXPECT_EQ(literal_of(std::string(200, '(') + "abcd" + std::string(200, ')')), "(none)");
}

TEST(RequiredLiteral, RepeatsOfRepeatsDoNotGrowWithoutBound) {
  for (const auto* expression : {"((((((a{99}){99}){99}){99}){99}){99})", "a{18446744073709551615}", "[ab]{99}a{4000}c",
                                 "abcd(?:){18446744073709551615}", "(?:(?:)*){9999999999}abcd"}) {
    const auto literals = required_literals(expression, {});
    ASSERT_THAT(literals, SizeIs(1)) << expression;
    EXPECT_LE(literals[0].size(), 256U) << expression;
  }
}

// Expressions of every construct, over an alphabet so small that they match often.
class RandomExpression {
 public:
  std::string operator()() { return sequence(0); }
  std::string text() {
    std::string made(random_() % 60, '\0');
    for (auto& c : made) c = kLetters[random_() % kLetters.size()];
    return made;
  }
  bool chance(unsigned int of) { return random_() % of == 0; }

 private:
  static constexpr std::string_view kLetters{"aabAB.1"};

  std::string sequence(int depth) {
    std::string made;
    for (auto parts = 1 + random_() % 6; parts > 0; --parts) made += atom(depth) + repeat();
    return depth < 3 && chance(8) ? made + "|" + sequence(depth + 1) : made;
  }
  std::string atom(int depth) {
    static constexpr const char* kAtoms[] = {"a",
                                             "b",
                                             "aab",
                                             "A",
                                             "\\x61",
                                             "\\.",
                                             "1",
                                             "[ab]",
                                             "[^a]",
                                             ".",
                                             "\\d",
                                             "\\w",
                                             "[^\\x00-0\\x32-ac-\\xff]"};  // 1 and b: both cases of b make it less
    if (depth < 3 && chance(4)) {
      static constexpr const char* kOpen[] = {"(", "(?:", "(?i:", "(?-i:"};
      return kOpen[random_() % 4] + sequence(depth + 1) + ")";
    }
    if (chance(30)) return "(?i)a";
    return kAtoms[random_() % std::size(kAtoms)];
  }
  std::string repeat() {
    static constexpr const char* kRepeats[] = {"?", "*", "+", "{2}", "{1,3}", "{2,}", "{0,2}", "+?"};
    return chance(4) ? kRepeats[random_() % std::size(kRepeats)] : "";
  }

  std::mt19937 random_{7};
};

int set_true(unsigned int, unsigned long long, unsigned long long, unsigned int, void* found) {
  *static_cast<bool*>(found) = true;
  return 0;
}

bool contains(std::string text, std::string literal, bool caseless) {
  if (caseless)
    for (auto* each : {&text, &literal})
      std::ranges::transform(*each, each->begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  return text.find(literal) != std::string::npos;
}

TEST(RequiredLiteral, StandsInAllBytesThatTheEngineMatches) {
  RandomExpression random;
  int with_literal = 0, several = 0, matches = 0;
  for (int i = 0; i < 3000; ++i) {
    Expression expression{.text = random(), .caseless = random.chance(4)};
    const bool search_caseless = expression.caseless || random.chance(4);
    const auto literals = required_literals(expression.text, {expression.caseless, search_caseless});
    if (literals.empty()) continue;
    const auto compiled = compile_expressions(std::span(&expression, 1));
    if (!compiled.database) continue;
    hs_scratch_t* raw = nullptr;
    ASSERT_EQ(hs_alloc_scratch(compiled.database.get(), &raw), HS_SUCCESS);
    const ScratchPtr scratch(raw);
    ++with_literal;
    several += literals.size() > 1 ? 1 : 0;
    for (int j = 0; j < 200; ++j) {
      const auto text = random.text();
      bool found = false;
      hs_scan(compiled.database.get(), text.data(), static_cast<unsigned int>(text.size()), 0, raw, set_true, &found);
      matches += found ? 1 : 0;
      const auto stands_there = [&](const auto& literal) { return contains(text, literal, search_caseless); };
      ASSERT_TRUE(!found || std::ranges::any_of(literals, stands_there))
          << expression.text << " matches " << text << " without " << ::testing::PrintToString(literals);
    }
  }
  EXPECT_GT(with_literal, 500);
  EXPECT_GT(several, 100);
  EXPECT_GT(matches, 5000);
}

}  // namespace
}  // namespace wardline::classify
