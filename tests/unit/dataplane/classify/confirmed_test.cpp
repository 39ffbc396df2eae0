// Negated patterns, carriers and confirmed expressions, and that what is searched apart is found as if it were not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "dataplane/classify/databases.h"
#include "dataplane/classify/literal.h"

namespace wardline::classify {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Pattern literal(std::string bytes, SignatureId signature) {
  Pattern made;
  made.search = Search::kLiteral;
  made.literals = {std::move(bytes)};
  made.signature = signature;
  return made;
}

Pattern confirmed(std::string expression, std::vector<std::string> literals, SignatureId signature) {
  Pattern made;
  made.expression = std::move(expression);
  made.literals = std::move(literals);
  made.signature = signature;
  return made;
}

Pattern anchored(std::string expression, SignatureId signature) {
  auto made = confirmed(std::move(expression), {}, signature);
  made.search = Search::kAnchored;
  return made;
}

Pattern negated(Pattern pattern) {
  pattern.negated = true;
  return pattern;
}

SignatureTraits threat_within(std::array<AppId, 4> within = {}) {
  SignatureTraits traits;
  traits.threat = true;
  traits.within = within;
  return traits;
}

SignatureTraits application_within(AppId app, std::uint8_t confidence = 80, AppId within = kNoApp) {
  SignatureTraits traits;
  traits.app = app;
  traits.confidence = confidence;
  traits.within[0] = within;
  return traits;
}

std::shared_ptr<DatabaseSet> databases_of(const std::vector<Pattern>& patterns, std::vector<SignatureTraits> traits) {
  auto set = DatabaseSet::compile(patterns, std::move(traits), "");
  EXPECT_TRUE(set.has_value());
  EXPECT_TRUE((*set)->prepare_workers(1).has_value());
  return *set;
}

std::span<const std::byte> scannable(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::vector<SignatureId> threats_of(const Hits& hits) {
  EXPECT_EQ(hits.outcome, ScanOutcome::kFinished);
  return {hits.threats.begin(), hits.threats.begin() + hits.threat_count};
}

std::vector<SignatureId> threats_in(const DatabaseSet& set, std::string_view text) {
  return threats_of(set.scan({.bytes = scannable(text)}, 0));
}

TEST(Confirmed, AnExpressionIsRunWhereItsLiteralIsAndDecides) {
  const auto set = databases_of({confirmed("cmd=[a-z]+;rm", {"cmd="}, 0)}, {threat_within()});
  EXPECT_THAT(threats_in(*set, "GET /?cmd=ls;rm"), ElementsAre(0));
  EXPECT_THAT(threats_in(*set, "GET /?cmd=ls"), IsEmpty());
  EXPECT_THAT(threats_in(*set, "ls;rm"), IsEmpty());
}

TEST(Confirmed, ALooseExpressionIsRunWithoutAny) {
  const auto set = databases_of({confirmed("[0-9]{4}-[0-9]{4}", {}, 0)}, {threat_within()});
  EXPECT_THAT(threats_in(*set, "x 1234-5678"), ElementsAre(0));
}

// Both compile to the same database. The filter before the literals must not look for what the other is confirmed by.
TEST(Confirmed, AnExpressionOfTheBytesOfALiteralIsNotTakenForIt) {
  auto tcp = threat_within(), udp = threat_within();
  tcp.udp = udp.tcp = false;
  const auto set = databases_of({confirmed(escaped("abcde"), {"other"}, 0), literal("abcde", 1)}, {tcp, udp});
  EXPECT_THAT(threats_of(set->scan({.transport = Transport::kUdp, .bytes = scannable("abcde")}, 0)), ElementsAre(1));
}

TEST(Confirmed, TheLiteralIgnoresCaseWhenTheExpressionDoes) {
  auto pattern = confirmed("union +select", {"union"}, 0);
  pattern.caseless = true;
  const auto set = databases_of({pattern}, {threat_within()});
  EXPECT_THAT(threats_in(*set, "x UNION  SeLect"), ElementsAre(0));
}

TEST(Confirmed, EachOfTwoExpressionsMustHitWhenTheSignatureSaysAll) {
  auto both = threat_within();
  both.pattern_count = 2;
  const auto set = databases_of({confirmed("abc[0-9]", {"abc"}, 0), confirmed("abc[x-z]", {"abc"}, 0)}, {both});
  EXPECT_THAT(threats_in(*set, "abc1 abc2"), IsEmpty());
  EXPECT_THAT(threats_in(*set, "abc1 abcx"), ElementsAre(0));
}

TEST(Negated, APatternThatHitsDeniesTheSignature) {
  for (const auto& forbidden : {literal("harmless", 0), confirmed("harm[a-z]{4}", {"harm"}, 0),
                                confirmed("h[a]rmless", {}, 0), anchored("^.{0,40}harmless", 0)}) {
    const auto set = databases_of({literal("attack", 0), negated(forbidden)}, {threat_within()});
    EXPECT_THAT(threats_in(*set, "an attack"), ElementsAre(0));
    EXPECT_THAT(threats_in(*set, "a harmless attack"), IsEmpty());
    EXPECT_THAT(threats_in(*set, "harmless"), IsEmpty());
    EXPECT_THAT(threats_in(*set, "an attack"), ElementsAre(0)) << "a former scan's denial must not stay";
  }
}

TEST(Within, AThreatCountsInAFlowOfItsApplicationAlone) {
  const auto set =
      databases_of({anchored("^SMB", 0), literal("evil", 1)}, {application_within(4), threat_within({4, 5})});
  const auto found = [&](std::string_view text, AppId known, bool applications) {
    return threats_of(set->scan({.bytes = scannable(text), .applications = applications, .app = known}, 0));
  };
  EXPECT_THAT(found("evil", kNoApp, true), IsEmpty());
  EXPECT_THAT(found("evil", 6, true), IsEmpty());
  EXPECT_THAT(found("evil", 5, true), ElementsAre(1));
  EXPECT_THAT(found("SMB evil", kNoApp, true), ElementsAre(1)) << "found in the same scan";
  EXPECT_THAT(found("SMB evil", kNoApp, false), IsEmpty()) << "applications were not looked for";
  EXPECT_THAT(found("evil", 4, false), ElementsAre(1));
}

TEST(Within, AKindOfTheApplicationIsTheApplication) {
  auto narrow = application_within(7, 95);
  narrow.carriers = {4, 3};
  const auto set = databases_of({anchored("^SMB", 0), anchored("^SMB/files", 1), literal("evil", 2)},
                                {application_within(4), narrow, threat_within({4})});
  const auto hits = set->scan({.bytes = scannable("SMB/files evil")}, 0);
  EXPECT_EQ(hits.app, 7);
  EXPECT_THAT(threats_of(hits), ElementsAre(2));
  EXPECT_THAT(threats_of(set->scan({.bytes = scannable("evil"), .applications = false, .app = 7}, 0)), ElementsAre(2));
}

TEST(Within, AnApplicationIsTakenInsideItsCarrierAlone) {
  const auto set = databases_of({anchored("^GET", 0), literal("fhir+json", 1), literal("evil", 2)},
                                {application_within(4, 90), application_within(7, 95, 4), threat_within({4, 0, 0, 0})});
  EXPECT_EQ(set->scan({.bytes = scannable("fhir+json")}, 0).app, kNoApp);
  EXPECT_EQ(set->scan({.bytes = scannable("GET fhir+json")}, 0).app, 7);
  EXPECT_EQ(set->scan({.bytes = scannable("fhir+json"), .app = 4}, 0).app, 7);
  EXPECT_THAT(threats_in(*set, "GET fhir+json evil"), ElementsAre(2)) << "the carrier still carries";
}

TEST(FromStart, WhatCountsFromTheFirstByteIsVoidElsewhere) {
  auto early = literal("early", 1);
  early.max_offset = 20;
  const auto set = databases_of({anchored("^first", 0), early, confirmed("^abc.*z", {"abc"}, 2), literal("any", 3)},
                                {threat_within(), threat_within(), threat_within(), threat_within()});
  constexpr std::string_view kText = "first early any", kOther = "abc any z";
  EXPECT_THAT(threats_in(*set, kText), ElementsAre(0, 1, 3));
  EXPECT_THAT(threats_in(*set, kOther), ElementsAre(2, 3));
  for (const auto text : {kText, kOther})
    EXPECT_THAT(threats_of(set->scan({.bytes = scannable(text), .from_start = false}, 0)), ElementsAre(3));
}

TEST(FromStart, AScanForThreatsAloneNamesNoApplication) {
  const auto set = databases_of({anchored("^GET", 0), literal("evil", 1)}, {application_within(4), threat_within()});
  const auto hits = set->scan({.bytes = scannable("GET evil"), .applications = false}, 0);
  EXPECT_EQ(hits.app, kNoApp);
  EXPECT_EQ(hits.threat_count, 1);
}

TEST(Compile, AnInsertedSignatureLeavesTheOthersDatabases) {
  const auto own = confirmed("abc[0-9]+", {"abc"}, 0);
  auto moved = own;
  moved.signature = 1;
  std::string folder = ::testing::TempDir() + "wardline-confirmed-XXXXXX";
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  const auto first = DatabaseSet::compile(std::vector{own}, {threat_within()}, folder);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ((*first)->report().compiled, 2U) << "the expression, and one database of literals for all directions";
  const auto second =
      DatabaseSet::compile(std::vector{anchored("^new+", 0), moved}, {threat_within(), threat_within()}, folder);
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ((*second)->report().compiled, 1U);
  EXPECT_EQ((*second)->report().cached, 2U);
}

TEST(Compile, ALiteralWithoutBytesIsRefused) {
  const auto set = DatabaseSet::compile(std::vector{literal("", 0)}, {threat_within()}, "");
  ASSERT_FALSE(set.has_value());
  EXPECT_EQ(set.error()[0].code, "signature.literal");
}

TEST(Costs, NameLooseExpressionsFirstAndCheapSignaturesNot) {
  const auto set =
      databases_of({literal("a long literal", 0), confirmed("[a-z]{3}=[0-9]{2,900}", {}, 1), literal("ab", 2),
                    anchored("^GET", 3), literal("floats", 3), confirmed("longword[0-9]", {"longword"}, 4)},
                   {threat_within(), threat_within(), threat_within(), application_within(3), threat_within()});
  const auto costs = set->costs();
  std::vector<SignatureId> named;
  for (const auto& cost : costs) named.push_back(cost.signature);
  std::ranges::sort(named);
  EXPECT_THAT(named, ElementsAre(1, 2, 3));
  const auto loose = std::ranges::find(costs, SignatureId{1}, &SignatureCost::signature);
  EXPECT_TRUE(loose->always);
  EXPECT_GT(loose->ns_per_kib, 0);
  EXPECT_GT(loose->database_bytes, 0U);
  EXPECT_THAT(loose->reasons[0], HasSubstr("loose"));
  EXPECT_THAT(loose->reasons[1], HasSubstr("900 times"));
}

// The same expressions, each once searched loose and once confirmed by its literal, over bytes in which it is common.
TEST(Confirmed, IsRunOnceHoweverManyOfItsLiteralsAreFound) {
  const auto set = databases_of({confirmed("cmd=(?:wget|curl)", {"wget", "curl"}, 0)}, {threat_within()});
  EXPECT_THAT(threats_in(*set, "cmd=wget"), ElementsAre(0));
  EXPECT_THAT(threats_in(*set, "cmd=curl"), ElementsAre(0));
  EXPECT_THAT(threats_in(*set, "wget curl wget cmd=curl"), ElementsAre(0));
  EXPECT_THAT(threats_in(*set, "wget curl"), IsEmpty());
  EXPECT_THAT(threats_in(*set, "cmd=fetch"), IsEmpty());
}

TEST(Confirmed, FindsWhatALooseSearchFindsOnRandomInputs) {
  std::mt19937 random{11};
  constexpr std::string_view kLetters{"abc1"};
  const auto word = [&](std::size_t length) {
    std::string made(length, 'a');
    for (auto& c : made) c = kLetters[random() % kLetters.size()];
    return made;
  };
  int found = 0;
  for (int round = 0; round < 20; ++round) {
    std::vector<Pattern> apart, together;
    for (SignatureId id = 0; id < 8; ++id) {
      const auto begin = random() % 2 == 0 ? word(3) : "(?:" + word(3) + "|" + word(4) + ")";
      const auto expression = begin + "[a-c]{0,4}" + word(1 + random() % 2) + (random() % 2 == 0 ? ".{1,9}b" : "");
      auto pattern = confirmed(expression, required_literals(expression, {}), id);
      pattern.caseless = random() % 3 == 0;
      if (random() % 4 == 0) pattern.max_offset = 20 + static_cast<std::uint32_t>(random() % 30);
      if (random() % 4 == 0) pattern.min_offset = static_cast<std::uint32_t>(random() % 20);
      apart.push_back(pattern);
      pattern.literals.clear();
      together.push_back(pattern);
    }
    const std::vector<SignatureTraits> traits(8, threat_within());
    const auto one = databases_of(apart, traits), other = databases_of(together, traits);
    for (int i = 0; i < 300; ++i) {
      const auto text = word(1 + random() % 80);
      const auto expected = threats_in(*other, text);
      ASSERT_EQ(threats_in(*one, text), expected) << text;
      found += static_cast<int>(expected.size());
    }
  }
  EXPECT_GT(found, 1000);
}

}  // namespace
}  // namespace wardline::classify
