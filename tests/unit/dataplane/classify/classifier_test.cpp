#include "dataplane/classify/classifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string_view>

#include "dataplane/classify/databases.h"

namespace wardline::classify {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

Pattern pattern(std::string expression, SignatureId signature, std::string where = "s.yaml:1:1") {
  Pattern made;
  made.search = expression.starts_with('^') ? Search::kAnchored : Search::kConfirmed;
  made.expression = std::move(expression);
  made.signature = signature;
  made.where = std::move(where);
  return made;
}

SignatureTraits application(AppId app, std::uint8_t confidence = 80) {
  SignatureTraits traits;
  traits.app = app;
  traits.confidence = confidence;
  return traits;
}

SignatureTraits threat(std::uint8_t severity) {
  SignatureTraits traits;
  traits.threat = true;
  traits.severity = severity;
  return traits;
}

std::shared_ptr<DatabaseSet> compiled(const std::vector<Pattern>& patterns, std::vector<SignatureTraits> traits) {
  auto set = DatabaseSet::compile(patterns, std::move(traits), "");
  EXPECT_TRUE(set.has_value());
  EXPECT_TRUE((*set)->prepare_workers(2).has_value());
  return *set;
}

Hits scan_tcp(const DatabaseSet& set, std::string_view text, std::uint16_t port = 0) {
  return set.scan({.server_port = port, .bytes = bytes_of(text)}, 0);
}

TEST(Classifier, KnowsItsEngineAndProcessor) {
  const auto answer = self_test();
  EXPECT_TRUE(answer.has_value()) << answer.error().text();
}

TEST(Classifier, FindsAnApplicationByAnAnchoredAndByAFloatingPattern) {
  const auto set = compiled({pattern("^SSH-2", 0), pattern("Log4", 1)}, {application(4), application(5)});
  EXPECT_EQ(scan_tcp(*set, "SSH-2.0-x").app, 4);
  EXPECT_EQ(scan_tcp(*set, "xx Log4 yy").app, 5);
  EXPECT_EQ(scan_tcp(*set, "x SSH-2.0").app, kNoApp);
  EXPECT_EQ(scan_tcp(*set, "").app, kNoApp);
}

TEST(Classifier, ScansOnlyWhatIsForThisTransportAndSender) {
  auto traits = application(7);
  traits.tcp = false;
  traits.from_server = false;
  const auto set = compiled({pattern("^Q", 0)}, {traits});
  const auto app = [&](Transport transport, Sender sender) {
    return set->scan({.transport = transport, .sender = sender, .bytes = bytes_of("Q")}, 1).app;
  };
  EXPECT_EQ(app(Transport::kUdp, Sender::kClient), 7);
  EXPECT_EQ(app(Transport::kUdp, Sender::kServer), kNoApp);
  EXPECT_EQ(app(Transport::kTcp, Sender::kClient), kNoApp);
}

TEST(Classifier, TheHighestConfidenceWinsThenTheLowerSignature) {
  const auto set = compiled({pattern("^A", 0), pattern("^AB", 1), pattern("^ABC", 2)},
                            {application(10, 70), application(11, 80), application(12, 80)});
  EXPECT_EQ(scan_tcp(*set, "ABC").app, 11);
  EXPECT_EQ(scan_tcp(*set, "ABC").app_signature, 1);
  EXPECT_EQ(scan_tcp(*set, "ACC").app, 10);
}

TEST(Classifier, AHintedServerPortRaisesConfidenceButIsNeverNeeded) {
  auto hinted = application(20, 75);
  hinted.port_hint = {5353};
  const auto set = compiled({pattern("^D", 0), pattern("^D", 1)}, {application(21, 80), hinted});
  EXPECT_EQ(scan_tcp(*set, "D", 53).app, 21);
  EXPECT_EQ(scan_tcp(*set, "D", 5353).app, 20);
  EXPECT_EQ(scan_tcp(*set, "D", 5353).confidence, 85);
}

TEST(Classifier, AllPatternsOfASignatureMustHitWhenItSaysSo) {
  auto both = application(30);
  both.pattern_count = 2;
  const auto set = compiled({pattern("^one", 0), pattern("two", 0)}, {both});
  EXPECT_EQ(scan_tcp(*set, "one one one").app, kNoApp);
  EXPECT_EQ(scan_tcp(*set, "two two").app, kNoApp);
  EXPECT_EQ(scan_tcp(*set, "one and two").app, 30);
  EXPECT_EQ(scan_tcp(*set, "two").app, kNoApp) << "counts of a former scan must not stay";
}

TEST(Classifier, AnExactLengthIsDemandedOfTheWholePayload) {
  auto traits = application(31);
  traits.exact_length = 4;
  const auto set = compiled({pattern("^NT", 0)}, {traits});
  EXPECT_EQ(scan_tcp(*set, "NTPx").app, 31);
  EXPECT_EQ(scan_tcp(*set, "NTPxx").app, kNoApp);
}

TEST(Classifier, OffsetsAndMinimumLengthBoundTheMatch) {
  auto late = pattern("GET", 0);
  late.min_offset = 8;
  late.max_offset = 12;
  auto many = pattern("x+y", 1);
  many.min_length = 5;
  const auto set = compiled({late, many}, {application(1), application(2)});
  EXPECT_EQ(scan_tcp(*set, "GET....").app, kNoApp);
  EXPECT_EQ(scan_tcp(*set, ".....GET").app, 1);
  EXPECT_EQ(scan_tcp(*set, "..........GET").app, kNoApp);
  EXPECT_EQ(scan_tcp(*set, "xxy").app, kNoApp);
  EXPECT_EQ(scan_tcp(*set, "xxxxy").app, 2);
}

TEST(Classifier, ADotMatchesANewlineAndCaselessPatternsIgnoreCase) {
  auto caseless = pattern("^host: evil", 1);
  caseless.caseless = true;
  const auto set = compiled({pattern("^a.b", 0), caseless}, {application(1), application(2)});
  EXPECT_EQ(scan_tcp(*set, "a\nb").app, 1);
  EXPECT_EQ(scan_tcp(*set, "HOST: Evil").app, 2);
}

TEST(Classifier, KeepsTheEightGravestThreatsWithTheGravestFirst) {
  std::vector<Pattern> patterns;
  std::vector<SignatureTraits> traits;
  for (const std::uint8_t severity : {2, 9, 5, 2, 10, 1, 3, 3, 4, 0}) {
    patterns.push_back(
        pattern(std::string(1, static_cast<char>('a' + traits.size())), static_cast<SignatureId>(traits.size())));
    traits.push_back(threat(severity));
  }
  const auto set = compiled(patterns, traits);
  const auto hits = scan_tcp(*set, "abcdefghij");
  EXPECT_EQ(hits.threat_count, 8);
  EXPECT_THAT(hits.threats, ElementsAre(4, 1, 2, 8, 6, 7, 0, 3));
  EXPECT_EQ(hits.app, kNoApp);
  EXPECT_EQ(scan_tcp(*set, "c").threat_count, 1);
}

TEST(Classifier, AWorkerWithoutAScratchIsAFailureAndNotAnEmptyAnswer) {
  const auto set = compiled({pattern("^A", 0)}, {application(1)});
  EXPECT_EQ(set->scan({.bytes = bytes_of("A")}, 2).outcome, ScanOutcome::kFailed);
  EXPECT_EQ(set->scan({.bytes = bytes_of("A")}, 1).outcome, ScanOutcome::kFinished);
}

Database database_of(const char* expression) {
  hs_database_t* raw = nullptr;
  hs_compile_error_t* fault = nullptr;
  EXPECT_EQ(hs_compile(expression, HS_FLAG_SINGLEMATCH, HS_MODE_BLOCK, nullptr, &raw, &fault), HS_SUCCESS);
  return {DatabasePtr(raw), {Meaning{}}};
}

TEST(Classifier, AScratchTooSmallForTheDatabaseIsAFailure) {
  const auto small = database_of("a");
  const auto large = database_of("(foo.*bar){3,7}[a-z]{20,40}(x|yz)+.{5,30}q.*(lorem|ipsum|dolor).{40}z");
  hs_scratch_t* raw = nullptr;
  ASSERT_EQ(hs_alloc_scratch(small.database.get(), &raw), HS_SUCCESS);
  WorkerScratch worker(1, 0, 0);
  worker.scratch.reset(raw);
  EXPECT_EQ(run_database(small, bytes_of("xax"), true, worker), ScanOutcome::kFinished);
  EXPECT_EQ(worker.touched_count, 1U);
  EXPECT_EQ(run_database(large, bytes_of("foobar"), true, worker), ScanOutcome::kFailed);
  worker.scratch.reset();
  EXPECT_EQ(run_database(small, bytes_of("xax"), true, worker), ScanOutcome::kFailed);
}

TEST(Classifier, ReportsEveryFaultyPatternOnceWithItsPlace) {
  const std::vector<Pattern> patterns{pattern("^good", 0, "a.yaml:3:14"), pattern("^(open", 1, "a.yaml:9:14"),
                                      pattern("fine", 2, "b.yaml:2:14"), pattern("[z-a]", 3, "b.yaml:7:14"),
                                      pattern("x*", 4, "b.yaml:8:14")};
  const auto set = DatabaseSet::compile(patterns, std::vector<SignatureTraits>(5, application(1)), "");
  ASSERT_FALSE(set.has_value());
  std::vector<std::string> places;
  for (const auto& error : set.error()) places.push_back(error.where);
  EXPECT_THAT(places, ElementsAre("a.yaml:9:14", "b.yaml:7:14", "b.yaml:8:14"));
  EXPECT_THAT(set.error()[0].what, HasSubstr("^(open"));
}

TEST(Classifier, APatternOfNoSignatureIsRefused) {
  const auto set = DatabaseSet::compile(std::vector{pattern("a", 3)}, {application(1)}, "");
  ASSERT_FALSE(set.has_value());
  EXPECT_EQ(set.error()[0].code, "signature.number");
}

TEST(Classifier, ASetWithoutPatternsFindsNothingAndDoesNotFail) {
  const auto set = compiled({}, {});
  const auto hits = scan_tcp(*set, "anything");
  EXPECT_EQ(hits.outcome, ScanOutcome::kFinished);
  EXPECT_EQ(hits.app, kNoApp);
}

}  // namespace
}  // namespace wardline::classify
