#include "dataplane/classify/start_filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

namespace wardline::classify {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Candidates = std::vector<StartFilter::Candidate>;
using Numbers = std::vector<std::uint32_t>;
using Part = StartFilter::Part;

constexpr Part kAllParts[] = {Part::kThreats, Part::kThreatGuards, Part::kApplications, Part::kApplicationGuards};

Candidates candidates_of(const std::vector<std::string>& expressions, std::size_t exact_length = 0) {
  Candidates candidates;
  for (const auto& expression : expressions) candidates.push_back({start_of(expression, false), exact_length});
  return candidates;
}

StartFilter filter_of(Candidates candidates, Part part = Part::kApplications) {
  StartFilter filter;
  filter.fill(part, std::move(candidates));
  return filter;
}

StartFilter starts_of(const std::vector<std::string>& expressions, std::size_t exact_length = 0) {
  return filter_of(candidates_of(expressions, exact_length));
}

std::size_t find(const StartFilter& filter, Part part, std::string_view text, std::span<std::uint32_t> found) {
  const auto bytes = std::as_bytes(std::span(text));
  return filter.find(part, filter.lanes_for(bytes, true), bytes, found);
}

Numbers found(const StartFilter& filter, std::string_view text, Part part = Part::kApplications) {
  std::array<std::uint32_t, 4> numbers;
  const auto count = find(filter, part, text, numbers);
  EXPECT_LE(count, numbers.size());
  return {numbers.begin(), numbers.begin() + static_cast<std::ptrdiff_t>(std::min(count, numbers.size()))};
}

TEST(StartFilter, NamesWhatMayMatch) {
  const auto filter = starts_of({"^GET /", "^.E[A-Z]", "^POST"});
  EXPECT_THAT(found(filter, "GET / HTTP"), ElementsAre(0, 1));
  EXPECT_THAT(found(filter, "POST /"), ElementsAre(2));
  EXPECT_THAT(found(filter, "POS"), IsEmpty()) << "too short";
  EXPECT_THAT(found(filter, "nothing of it"), IsEmpty());
  EXPECT_THAT(found(StartFilter(), "GET / HTTP"), IsEmpty());
}

TEST(StartFilter, LooksBehindThePositionsOfItsLanes) {
  const auto filter = starts_of({"^.{10}a", "^.{10}b"});
  EXPECT_THAT(found(filter, "0123456789b"), ElementsAre(1));
}

TEST(StartFilter, AnExactLengthIsAsked) {
  for (const std::size_t length : {5UL, 63UL, 64UL, 200UL}) {
    const auto filter = starts_of({"^ab"}, length);
    EXPECT_THAT(found(filter, "ab" + std::string(length - 2, 'x')), ElementsAre(0)) << length;
    EXPECT_THAT(found(filter, "ab" + std::string(length - 1, 'x')), IsEmpty()) << length;
  }
}

TEST(StartFilter, NamesNoMoreThanThereIsRoomFor) {
  const auto filter = starts_of(std::vector<std::string>(5, "^ab"));
  std::array<std::uint32_t, 4> room;
  EXPECT_EQ(find(filter, Part::kApplications, "abc", room), 4U);
  EXPECT_EQ(find(filter, Part::kApplications, "xbc", room), 0U);
}

// Neighbours share a lane where there are more of them than lanes.
TEST(StartFilter, ThoseWhoseGateIsClosedAreLeftOut) {
  for (const std::size_t others : {0UL, 300UL}) {
    std::vector<std::string> expressions{"^[A-Z]+ [^\\n]*'or", "^[A-Z]+ [^\\n]*x", "^[A-Z]+ [^\\n]*%or"};
    for (std::size_t i = 0; i < others; ++i) expressions.push_back("^\\x80" + std::string(i % 7 + 1, 'z'));
    Candidates candidates;
    for (const auto& expression : expressions)
      candidates.push_back({start_of(expression, false), 0, gate_of(expression, false)});
    const auto filter = filter_of(std::move(candidates));
    EXPECT_THAT(found(filter, "GET /x"), ElementsAre(1));
    EXPECT_THAT(found(filter, "GET /'or"), ElementsAre(0, 1));
    EXPECT_THAT(found(filter, "GET /%'or"), ElementsAre(0, 1, 2));
    EXPECT_THAT(found(filter, "GET /\n%'or"), ElementsAre(1)) << "behind the line";
    EXPECT_THAT(found(filter, "GET /" + std::string(300, 'a')), ElementsAre(0, 1, 2)) << "too far to tell";
  }
}

TEST(StartFilter, OfMoreGatesThanThereIsRoomForTheRestAreOpen) {
  Candidates candidates;
  constexpr std::string_view kExpression = "^[a-z]+%";
  for (std::size_t i = 0; i < Gates::kMost + 2; ++i)
    candidates.push_back({start_of(kExpression, false), 0, gate_of(kExpression, false)});
  EXPECT_THAT(found(filter_of(std::move(candidates)), "abc"), ElementsAre(64, 65));
}

TEST(StartFilter, EachPartAnswersForItself) {
  StartFilter filter;
  for (const auto part : kAllParts)
    filter.fill(part, candidates_of({"^ab", "^" + std::to_string(static_cast<unsigned>(part))}));
  for (const auto part : kAllParts) {
    EXPECT_THAT(found(filter, "abc", part), ElementsAre(0));
    for (const auto other : kAllParts)
      EXPECT_EQ(found(filter, std::to_string(static_cast<unsigned>(other)), part),
                part == other ? Numbers{1} : Numbers{});
  }
}

TEST(StartFilter, FindsThreatsWhereApplicationsAreNotAskedFor) {
  StartFilter filter;
  for (const auto part : kAllParts) filter.fill(part, candidates_of({"^ab"}));
  const std::string_view text = "abc";
  const auto bytes = std::as_bytes(std::span(text));
  const auto left = filter.lanes_for(bytes, false);
  std::array<std::uint32_t, 4> room;
  EXPECT_EQ(filter.find(Part::kThreats, left, bytes, room), 1U);
  EXPECT_EQ(filter.find(Part::kThreatGuards, left, bytes, room), 1U);
}

// By itself and among so many that lanes are shared, each is named exactly where length and all positions fit.
TEST(StartFilter, NamesWhatEachPositionAllows) {
  const std::vector<std::string> expressions{"^ab",
                                             "^[aA][bB]",
                                             "^[a-c]b[\\x00-\\x0f]",
                                             "^.{9}[^x]",
                                             "^.{15}[pq]",
                                             "^(?i)get .{8}z",
                                             "^[\\x80-\\x9f].{11}k",
                                             "^.{12}\\xbe\\xde",
                                             "^[\\x41\\x43].*a",
                                             "^ab[0-9]{13}[4-7]"};
  std::mt19937 random(20261130);
  for (const std::size_t copies : {1UL, 30UL}) {
    Candidates candidates;
    for (const auto& expression : expressions)
      for (std::size_t i = 0; i < copies; ++i) candidates.push_back({start_of(expression, false), 0});
    const auto filter = filter_of(candidates);
    for (int round = 0; round < 20'000; ++round) {
      std::string text(random() % 20, '\0');
      for (auto& c : text) c = "abABcCxzpqk\x80\xbe\xde\x0e 45gGeEtT"[random() % 24];
      Numbers expected;
      for (std::uint32_t i = 0; i < candidates.size(); ++i) {
        const auto& start = candidates[i].start;
        bool fits = text.size() >= start.shortest;
        for (std::size_t at = 0; at < std::min(text.size(), Start::kPositions); ++at)
          fits = fits && start.at[at][static_cast<unsigned char>(text[at])];
        if (fits) expected.push_back(i);
      }
      Numbers numbers(candidates.size());
      numbers.resize(find(filter, Part::kApplications, text, numbers));
      ASSERT_EQ(numbers, expected) << copies << ' ' << text;
    }
  }
}

// More expressions than lanes, and each by itself.
TEST(StartFilter, ManyShareALaneAndAreToldApart) {
  std::vector<std::string> words;
  for (int i = 0; i < 300; ++i)
    words.push_back({static_cast<char>('a' + i % 26), static_cast<char>('a' + i / 26), 'q'});
  std::vector<std::string> expressions;
  for (const auto& word : words) expressions.push_back("^" + word);
  const auto filter = starts_of(expressions);
  for (std::uint32_t i = 0; i < words.size(); ++i) EXPECT_THAT(found(filter, words[i] + "rest"), ElementsAre(i));
}

}  // namespace
}  // namespace wardline::classify
