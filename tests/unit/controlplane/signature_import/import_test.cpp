#include "controlplane/signature_import/import.h"

#include <gtest/gtest.h>

#include "controlplane/signature_import/body.h"
#include "controlplane/signature_import/expression.h"
#include "controlplane/signature_import/sample.h"

namespace wardline::signature_import {
namespace {

Rule rule_of(const std::string& options) {
  auto file = read_rules("alert tcp any any -> any 80 (msg:\"a\"; " + options + " sid:1;)\n");
  return file.rules.empty() ? Rule{} : file.rules.front();
}

std::string expression_of(const std::string& options) {
  const auto body = read_body(rule_of(options));
  if (!body) return "refused: " + body.error();
  const auto pattern = pattern_of(body->chains.front());
  return pattern ? pattern->expression : "refused: " + pattern.error();
}

TEST(RuleFile, ARuleMayGoOnOnTheNextLineAndAFaultNamesItsOwn) {
  const auto file =
      read_rules("# a comment\nalert tcp any any -> any any (msg:\"a\"; \\\n content:\"x\"; sid:7;)\nno rule\n");
  ASSERT_EQ(file.rules.size(), 1U);
  EXPECT_EQ(file.rules[0].line, 2U);
  EXPECT_EQ(file.rules[0].value_of("sid"), "7");
  ASSERT_EQ(file.unreadable.size(), 1U);
  EXPECT_EQ(file.unreadable[0].line, 4U);
}

TEST(RuleFile, MarksInsideQuotesCutNothing) {
  const auto rule = rule_of("content:\"a\\;b|3b|(c)\";");
  ASSERT_EQ(rule.options.size(), 3U);
  EXPECT_EQ(rule.options[1].value, "a\\;b|3b|(c)");
}

TEST(Expression, ADistanceAndAWithinAreTheGapBetweenTwoTexts) {
  EXPECT_EQ(expression_of("content:\"AB\"; content:\"CDE\"; distance:2; within:10;"), "AB.{2,7}CDE");
  EXPECT_EQ(expression_of("content:\"AB\"; content:\"CD\"; distance:3;"), "AB.{3,}CD");
  EXPECT_EQ(expression_of("content:\"AB\"; content:\"CD\"; within:2;"), "ABCD");
}

TEST(Expression, OffsetAndDepthBecomeThePlaceOfTheEnd) {
  const auto body = read_body(rule_of("content:\"ABCD\"; offset:4; depth:10;"));
  ASSERT_TRUE(body);
  const auto pattern = pattern_of(body->chains.front());
  ASSERT_TRUE(pattern);
  EXPECT_EQ(pattern->offset, 8U);
  EXPECT_EQ(pattern->depth, 14U);
}

TEST(Expression, ABufferIsToldByWhatStandsAroundIt) {
  EXPECT_EQ(expression_of("http.uri; content:\"/a\"; startswith;"), "^[A-Z]{3,16} /a");
  EXPECT_EQ(expression_of("dns.query; content:\"a.bc\"; endswith;"), R"(^.{12}[\x01-\x3f][^\x00]*a[\x01-\x3f]bc\x00)");
}

TEST(Expression, ADotOfAnExpressionWithoutTheFlagSMatchesNoNewline) {
  EXPECT_EQ(expression_of("pcre:\"/a.b/\";"), "(?:(?-s:a.b))");
  EXPECT_EQ(expression_of("pcre:\"/a.b/s\";"), "(?:a.b)");
  EXPECT_EQ(expression_of("pcre:\"/^ab/\";"), "^(?:ab)");
}

TEST(Expression, WhatCannotBeToldByPatternsIsRefusedWithTheReason) {
  EXPECT_TRUE(expression_of("content:\"a\"; byte_test:4,>,1,0;").starts_with("refused: the option 'byte_test'"));
  EXPECT_TRUE(expression_of("pcre:\"/a(?=b)/\";").find("look-around") != std::string::npos);
  EXPECT_TRUE(expression_of("pcre:\"/(?:^|&)id=1/\";").find("asks for the first byte") != std::string::npos);
  EXPECT_TRUE(expression_of("pcre:\"/^Host: a/m\";").find("begin of a line") != std::string::npos);
  EXPECT_TRUE(expression_of("content:\"a\"; labword:1;").starts_with("refused: the option 'labword' is not known"));
}

TEST(Sample, IsTheShortestTextThatTheFirstAlternativesGive) {
  EXPECT_EQ(sample_of("ab?c{2}(?:x|yy)[0-9]\\x41+"), "accx0A");
  EXPECT_EQ(sample_of("(?P<name>a)"), std::nullopt);
  EXPECT_EQ(sample_of("a("), std::nullopt);
}

TEST(Import, ARuleThatIsCarriedOverRaisesItsOwnExampleAndKeepsItsNumber) {
  const auto import = import_rules(
      "alert tcp any any -> any 445 (msg:\"two texts\"; flow:to_server; content:\"|ff|SMBr\"; offset:4; depth:5; "
      "content:\"LANMAN\"; distance:4; classtype:attempted-admin; sid:42; rev:3;)\n",
      "a.rules");
  ASSERT_EQ(import.outcomes.size(), 1U);
  EXPECT_TRUE(import.outcomes[0].carried) << import.outcomes[0].reason;
  EXPECT_NE(import.yaml.find("id: sid-42"), std::string::npos);
  EXPECT_NE(import.yaml.find("source: 'a.rules line 1, sid 42 rev 3'"), std::string::npos);
}

TEST(Import, TwoRulesOfOneNumberAreNotBothCarriedOver) {
  const std::string rule = "alert tcp any any -> any any (msg:\"a\"; content:\"ABCDEF\"; sid:1;)\n";
  const auto import = import_rules(rule + rule, "a.rules");
  EXPECT_EQ(import.carried(), 1U);
  EXPECT_EQ(import.outcomes[1].reason, "the sid 1 stands in the file already");
}

TEST(Import, NoTextBreaksIt) {
  std::string text = "alert tcp any any -> any any (content:\"a|41 42|\"; pcre:\"/[a-z]{2,}\\x/i\"; sid:9;)\n";
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string broken = text;
    broken.erase(i, 1);
    EXPECT_LE(import_rules(broken, "a.rules").carried(), 1U);
  }
}

}  // namespace
}  // namespace wardline::signature_import
