#include "dataplane/classify/start_filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

namespace wardline::classify {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

StartFilter starts_of(const std::vector<std::string>& expressions, std::size_t exact_length = 0) {
  std::vector<StartFilter::Candidate> candidates;
  for (const auto& expression : expressions) candidates.push_back({start_of(expression, false), exact_length});
  return StartFilter(std::move(candidates));
}

std::vector<std::uint32_t> found(const StartFilter& filter, std::string_view text) {
  std::array<std::uint32_t, 4> numbers;
  const auto count = filter.find(std::as_bytes(std::span(text)), numbers);
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
  EXPECT_EQ(filter.find(std::as_bytes(std::span(std::string_view("abc"))), room), 4U);
  EXPECT_EQ(filter.find(std::as_bytes(std::span(std::string_view("xbc"))), room), 0U);
}

// Neighbours share a lane where there are more of them than lanes.
TEST(StartFilter, ThoseWhoseGateIsClosedAreLeftOut) {
  for (const std::size_t others : {0UL, 300UL}) {
    std::vector<std::string> expressions{"^[A-Z]+ [^\\n]*'or", "^[A-Z]+ [^\\n]*x", "^[A-Z]+ [^\\n]*%or"};
    for (std::size_t i = 0; i < others; ++i) expressions.push_back("^\\x80" + std::string(i % 7 + 1, 'z'));
    std::vector<StartFilter::Candidate> candidates;
    for (const auto& expression : expressions)
      candidates.push_back({start_of(expression, false), 0, gate_of(expression, false)});
    const StartFilter filter(std::move(candidates));
    EXPECT_THAT(found(filter, "GET /x"), ElementsAre(1));
    EXPECT_THAT(found(filter, "GET /'or"), ElementsAre(0, 1));
    EXPECT_THAT(found(filter, "GET /%'or"), ElementsAre(0, 1, 2));
    EXPECT_THAT(found(filter, "GET /\n%'or"), ElementsAre(1)) << "behind the line";
    EXPECT_THAT(found(filter, "GET /" + std::string(300, 'a')), ElementsAre(0, 1, 2)) << "too far to tell";
  }
}

TEST(StartFilter, OfMoreGatesThanThereIsRoomForTheRestAreOpen) {
  std::vector<StartFilter::Candidate> candidates;
  constexpr std::string_view kExpression = "^[a-z]+%";
  for (std::size_t i = 0; i < Gates::kMost + 2; ++i)
    candidates.push_back({start_of(kExpression, false), 0, gate_of(kExpression, false)});
  EXPECT_THAT(found(StartFilter(std::move(candidates)), "abc"), ElementsAre(64, 65));
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
