#include "dataplane/classify/gate.h"

#include <gtest/gtest.h>

#include <string>

#include "dataplane/classify/start.h"
#include "tests/unit/dataplane/classify/random_expressions.h"

namespace wardline::classify {
namespace {

// The bytes that open the gate, as text; "none" where there is no gate.
std::string opens(std::string_view expression, bool caseless = false) {
  const auto gate = gate_of(expression, caseless);
  if (!gate) return "none";
  std::string text;
  for (std::size_t i = 0; i < 256; ++i)
    if (gate->opens[i]) text += static_cast<char>(i);
  return text;
}

std::span<const std::byte> as_bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

// Whether this expression's gate is reached.
bool reached(std::string_view expression, std::string_view text) {
  const auto gate = gate_of(expression, false);
  EXPECT_TRUE(gate.has_value()) << expression;
  if (!gate) return false;
  Gates gates;
  const auto bit = gates.add(*gate);
  return gates.reached(as_bytes_of(text), bit) == bit;
}

TEST(Gate, IsTheRarestByteThatEveryMatchHolds) {
  EXPECT_EQ(opens("^[A-Z]{3,8} [^\\r\\n ]*'or"), "'");
  EXPECT_EQ(opens("^[A-Z]+ [^\\r ]*(?:%27|')(?:and|or)"), "%'");
  EXPECT_EQ(opens("^a_b~c"), "_") << "the first of two that are as rare";
  EXPECT_EQ(opens("^(?:a%|b~|c_)d"), "%_~");
  EXPECT_EQ(opens("^x(?:%y){2}"), "%");
  EXPECT_EQ(opens("^[a-z]+\\|"), "|");
  EXPECT_EQ(opens("^[A-Z]+ [^\\r\\n ]*;.*%"), ";") << "any bytes lead to the rarer one";
}

TEST(Gate, IsNoneWhereItWouldTellLittle) {
  EXPECT_EQ(opens("^GET /index"), "none") << "letters and what stands between words are everywhere";
  EXPECT_EQ(opens("^ab(?:%c)?d"), "none") << "not every match holds it";
  EXPECT_EQ(opens("^(?:a%|b)c"), "none") << "not every branch has one";
  EXPECT_EQ(opens("^a(?:%|~)*b"), "none");
  EXPECT_EQ(opens("^.{4}%"), "none") << "any bytes lead there";
  EXPECT_EQ(opens("^%abc"), "none") << "of the first byte a Start tells as much";
  EXPECT_EQ(opens("^a\\1%"), "none") << "what cannot be read";
}

TEST(Gate, IsReachedOverWhatMayLeadThere) {
  constexpr auto* kInjection = "^[A-Z]{3,8} [^\\r\\n ]*'or";
  EXPECT_TRUE(reached(kInjection, "GET /a?b=1'or"));
  EXPECT_TRUE(reached(kInjection, "'")) << "no more is asked";
  EXPECT_FALSE(reached(kInjection, "GET /a HTTP/1.1\r\nCookie: a='b'")) << "a line's end leads nowhere";
  EXPECT_FALSE(reached(kInjection, "GET /a?b=1"));
  EXPECT_FALSE(reached(kInjection, ""));
}

TEST(Gate, IsTakenForReachedWhereThePayloadIsLong) {
  const std::string longest(256, 'a');
  EXPECT_FALSE(reached("^[a-z]+%", longest));
  EXPECT_TRUE(reached("^[a-z]+%", longest + "b"));
  EXPECT_FALSE(reached("^[a-z]+%", " " + longest + "b")) << "decided before that";
}

TEST(Gate, IsReachedByWhateverHyperscanMatches) {
  test::RandomExpressions random;
  int matches = 0, refused = 0;
  for (int round = 0; round < 12'000; ++round) {
    const Expression expression{.text = "^" + random.expression(2), .caseless = random.below(3) == 0};
    const auto gate = gate_of(expression.text, expression.caseless);
    if (!gate || start_of(expression.text, expression.caseless).shortest == 0) continue;
    const test::Matcher matcher(expression);
    if (!matcher.compiled()) continue;
    Gates gates;
    const auto bit = gates.add(*gate);
    for (int i = 0; i < 200; ++i) {
      const auto text = random.text();
      const bool matched = matcher.matches(text), open = gates.reached(as_bytes_of(text), bit) != 0;
      ASSERT_TRUE(open || !matched) << expression.text << " on " << text;
      matches += matched ? 1 : 0;
      refused += open ? 0 : 1;
    }
  }
  EXPECT_GT(matches, 1000);
  EXPECT_GT(refused, 1000);
}

TEST(Gates, AreAskedForAtOnceAndApart) {
  Gates gates;
  const auto quote = gates.add(*gate_of("^[^\\n]*'", false)), percent = gates.add(*gate_of("^[a-z]+%", false));
  EXPECT_EQ(gates.reached(as_bytes_of("ab%'"), quote | percent), quote | percent);
  EXPECT_EQ(gates.reached(as_bytes_of("AB%'"), quote | percent), quote);
  EXPECT_EQ(gates.reached(as_bytes_of("ab%'"), percent), percent) << "the other is not asked";
}

TEST(Gates, HaveRoomForSixtyFour) {
  Gates gates;
  const auto gate = *gate_of("^[a-z]+%", false);
  for (std::size_t i = 0; i < Gates::kMost; ++i) EXPECT_NE(gates.add(gate), 0U);
  EXPECT_EQ(gates.add(gate), 0U);
}

}  // namespace
}  // namespace wardline::classify
