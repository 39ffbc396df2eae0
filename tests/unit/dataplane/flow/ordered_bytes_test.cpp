#include "dataplane/flow/stream_state.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace wardline::flow {
namespace {

using Fit = FirstBytes::Fit;

std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::string prefix(const FirstBytes& first) {
  const auto p = first.prefix();
  return {reinterpret_cast<const char*>(p.data()), p.size()};
}

class FirstBytesTest : public testing::Test {
 protected:
  FirstBytesTest() { first.start(kBase); }
  Fit give(std::int64_t offset, std::string_view text, bool forwarded = true) {
    const auto fit = first.offer(static_cast<std::uint32_t>(kBase + offset), bytes(text));
    forwarded ? first.commit() : first.discard();
    return fit;
  }
  static constexpr std::uint32_t kBase = 0xfffffffd;  // the numbers wrap after three bytes
  FirstBytes first;
};

TEST_F(FirstBytesTest, PutsSegmentsInOrderAcrossTheWrapAround) {
  EXPECT_EQ(give(0, "MS"), Fit::kInOrder);
  EXPECT_EQ(give(2, "H|^~"), Fit::kInOrder);
  EXPECT_EQ(prefix(first), "MSH|^~");
}

TEST_F(FirstBytesTest, JoinsWhatLayAheadOnceTheHoleIsClosed) {
  EXPECT_EQ(give(4, "efgh"), Fit::kAhead);
  EXPECT_EQ(prefix(first), "");
  EXPECT_EQ(give(0, "abcd"), Fit::kInOrder);
  EXPECT_EQ(prefix(first), "abcdefgh");
}

TEST_F(FirstBytesTest, TellsARetransmissionFromAContradiction) {
  give(0, "GET / HTTP");
  EXPECT_EQ(give(4, "/ H"), Fit::kRetransmission);
  EXPECT_EQ(give(4, "/ X"), Fit::kContradiction);
  EXPECT_EQ(prefix(first), "GET / HTTP");
}

TEST_F(FirstBytesTest, TakesTheNewPartOfARetransmission) {
  give(0, "abc");
  EXPECT_EQ(give(1, "bcde"), Fit::kInOrder);
  EXPECT_EQ(prefix(first), "abcde");
}

TEST_F(FirstBytesTest, RefusesTheNewPartWhenTheOldPartDiffers) {
  give(0, "abc");
  EXPECT_EQ(give(1, "bXde"), Fit::kContradiction);
  EXPECT_EQ(prefix(first), "abc");
}

TEST_F(FirstBytesTest, SeesAContradictionOfBytesAheadOfAHole) {
  give(4, "efgh");
  EXPECT_EQ(give(0, "abcdEf"), Fit::kContradiction);
  EXPECT_EQ(give(6, "gX"), Fit::kContradiction);
  EXPECT_EQ(give(5, "fg"), Fit::kRetransmission);
}

TEST_F(FirstBytesTest, ChecksAgainstBytesOfferedAndNotYetForwarded) {
  first.offer(kBase, bytes("abcd"));
  EXPECT_EQ(first.offer(kBase + 2, bytes("XY")), Fit::kContradiction);
}

TEST_F(FirstBytesTest, ForgetsWhatWasNotForwarded) {
  EXPECT_EQ(give(0, "evil", false), Fit::kInOrder);
  EXPECT_EQ(prefix(first), "");
  EXPECT_EQ(give(0, "good"), Fit::kInOrder);
  EXPECT_EQ(prefix(first), "good");
}

TEST_F(FirstBytesTest, DiscardBringsBackTheIslandsThatAHoleFillerJoined) {
  give(2, "cd");
  give(6, "gh");
  EXPECT_EQ(give(0, "ab", false), Fit::kInOrder);
  EXPECT_EQ(prefix(first), "");
  EXPECT_EQ(give(2, "cX"), Fit::kContradiction) << "the island still stands";
  EXPECT_EQ(give(0, "ab"), Fit::kInOrder);
  EXPECT_EQ(prefix(first), "abcd");
}

TEST_F(FirstBytesTest, IgnoresThePartBeforeTheFirstByte) {
  EXPECT_EQ(give(-2, "??ab"), Fit::kInOrder);
  EXPECT_EQ(prefix(first), "ab");
  EXPECT_EQ(give(-2, "!!"), Fit::kRetransmission);
  EXPECT_EQ(give(-1, "?"), Fit::kRetransmission) << "a keep-alive probe";
}

TEST_F(FirstBytesTest, IgnoresThePartPastItsEnd) {
  const std::string almost(FirstBytes::kLimit - 2, 'a');
  give(0, almost);
  EXPECT_EQ(give(FirstBytes::kLimit - 2, "bcdef"), Fit::kInOrder);
  EXPECT_TRUE(first.full());
  EXPECT_EQ(prefix(first), almost + "bc");
  EXPECT_EQ(give(FirstBytes::kLimit, "def"), Fit::kBeyond);
  EXPECT_EQ(give(FirstBytes::kLimit - 1, "cdef"), Fit::kRetransmission);
  EXPECT_EQ(give(FirstBytes::kLimit - 1, "Xdef"), Fit::kContradiction);
}

TEST_F(FirstBytesTest, RefusesMoreHolesThanItTracks) {
  EXPECT_EQ(give(10, "a"), Fit::kAhead);
  EXPECT_EQ(give(30, "c"), Fit::kAhead);
  EXPECT_EQ(give(20, "b"), Fit::kAhead);
  EXPECT_EQ(give(40, "d"), Fit::kAhead);
  EXPECT_EQ(give(50, "e"), Fit::kTooManyHoles);
  EXPECT_EQ(give(41, "d"), Fit::kAhead) << "this one only makes an island longer";
  EXPECT_EQ(give(11, "xxxxxxxxxbyyyyyyyyyc"), Fit::kAhead) << "this one joins three islands";
  EXPECT_EQ(give(50, "e"), Fit::kAhead);
}

TEST_F(FirstBytesTest, TakesAheadOfAHoleOnlyWhatFitsWhole) {
  EXPECT_EQ(give(FirstBytes::kLimit - 2, "bcd"), Fit::kBeyond) << "its end would be a hole that nobody fills";
  EXPECT_EQ(give(FirstBytes::kLimit - 2, "bc"), Fit::kAhead);
}

TEST(OrderedBytes, SlidesOnAndKeepsWhatLiesAheadOfHoles) {
  OrderedBytes<16> window;
  window.start(100);
  const auto give = [&](std::uint32_t sequence, std::string_view text) {
    const auto fit = window.offer(sequence, bytes(text));
    window.commit();
    return fit;
  };
  EXPECT_EQ(give(100, "0123456789"), Fit::kInOrder);
  EXPECT_EQ(give(112, "cd"), Fit::kAhead);
  window.slide(4);
  EXPECT_FALSE(window.from_start());
  EXPECT_EQ(window.base_sequence(), 106U);
  EXPECT_EQ(window.first_sequence(), 100U);
  EXPECT_EQ(window.passed(), 10U);
  EXPECT_EQ(give(106, "6x"), Fit::kContradiction);
  EXPECT_EQ(give(104, "45"), Fit::kRetransmission) << "older than the window";
  EXPECT_EQ(give(113, "X"), Fit::kContradiction) << "what lay ahead slid along";
  EXPECT_EQ(give(110, "ab"), Fit::kInOrder);
  EXPECT_EQ(window.end_sequence(), 114U);
  window.slide(4);
  EXPECT_EQ(window.prefix().size(), 4U);
  window.skip_to(500);
  EXPECT_EQ(give(500, "z"), Fit::kInOrder);
  EXPECT_EQ(window.first_sequence(), 100U);
}

TEST(OrderedBytes, TakesOverASmallerOneWithItsHoles) {
  OrderedBytes<16> small;
  small.start(7);
  small.offer(7, bytes("ab"));
  small.offer(11, bytes("ef"));
  OrderedBytes<64> large;
  large.take_over(small);
  EXPECT_EQ(large.offer(9, bytes("cd")), Fit::kInOrder);
  EXPECT_EQ(large.end_sequence(), 13U);
  large.discard();
  EXPECT_EQ(large.end_sequence(), 9U) << "what was taken over is committed";
}

TEST(OrderedBytes, KnowsOldBytesFromNewOnesHoweverLongTheStream) {
  InspectedBytes window;
  window.start(1000);
  for (std::uint64_t gone = 0; gone < std::uint64_t{9} << 30; gone += 1U << 28) {
    window.skip_to(window.base_sequence() + (1U << 28));
    ASSERT_GT(static_cast<std::int32_t>(window.base_sequence() - window.first_sequence()), 0) << gone;
    ASSERT_GE(window.passed(), std::min<std::uint64_t>(gone, 1U << 30)) << "a depth that was reached stays so";
  }
}

TEST_F(FirstBytesTest, HasNothingToSayOfAnEmptySegment) {
  EXPECT_EQ(give(5, ""), Fit::kEmpty);
}

TEST_F(FirstBytesTest, LetsASegmentFarAwayBe) {
  EXPECT_EQ(give(0x7fffffff, "a"), Fit::kBeyond);
  EXPECT_EQ(give(-0x70000000, "a"), Fit::kRetransmission);
}

// The slow twin: a byte or nothing for each place.
class Naive {
 public:
  Fit offer(std::int64_t offset, std::span<const std::byte> segment) {
    if (segment.empty()) return Fit::kEmpty;
    if (offset >= FirstBytes::kLimit) return Fit::kBeyond;
    auto next = known_;
    bool fresh = false, any = false;
    for (std::size_t i = 0; i < segment.size(); ++i) {
      const auto place = offset + static_cast<std::int64_t>(i);
      if (place < 0 || place >= FirstBytes::kLimit) continue;
      auto& cell = next[static_cast<std::size_t>(place)];
      if (cell && *cell != segment[i]) return Fit::kContradiction;
      any = true;
      fresh |= !cell;
      cell = segment[i];
    }
    const bool ahead = offset > static_cast<std::int64_t>(length_of_prefix(known_));
    if (ahead && static_cast<std::size_t>(offset) + segment.size() > FirstBytes::kLimit) return Fit::kBeyond;
    if (!any || !fresh) return Fit::kRetransmission;
    if (ahead && islands(next) > FirstBytes::kMaxIslands) return Fit::kTooManyHoles;
    known_ = next;
    return ahead ? Fit::kAhead : Fit::kInOrder;
  }
  void commit() { committed_ = known_; }
  void discard() { known_ = committed_; }
  std::vector<std::byte> prefix() const {
    std::vector<std::byte> out;
    for (std::size_t i = 0; i < length_of_prefix(known_); ++i) out.push_back(*known_[i]);
    return out;
  }

 private:
  using Cells = std::vector<std::optional<std::byte>>;
  static std::size_t length_of_prefix(const Cells& cells) {
    return static_cast<std::size_t>(std::ranges::find_if(cells, [](const auto& cell) { return !cell; }) -
                                    cells.begin());
  }
  static std::uint8_t islands(const Cells& cells) {
    std::uint8_t count = 0;
    for (std::size_t i = std::max<std::size_t>(length_of_prefix(cells), 1); i < cells.size(); ++i)
      if (cells[i] && !cells[i - 1]) ++count;
    return count;
  }
  Cells known_ = Cells(FirstBytes::kLimit), committed_ = known_;
};

TEST(FirstBytes, AgreesWithAMapOfBytesUnderRandomSegments) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::vector<std::byte> stream(FirstBytes::kLimit + 200);
  std::array<int, 7> met{};
  // Some outcomes are rare: go on until each was met, or it is plain that one never comes.
  const auto some_unmet = [&] { return std::ranges::find(met, 0) != met.end(); };
  for (int flow = 0; flow < 60 || (flow < 2000 && some_unmet()); ++flow) {
    for (auto& byte : stream) byte = static_cast<std::byte>(random());
    const auto base = static_cast<std::uint32_t>(random());
    const auto reach = 20 + random() % (stream.size() - 20);  // short streams fill up, long ones have holes
    FirstBytes first;
    Naive naive;
    first.start(base);
    for (int i = 0; i < 60; ++i) {
      const auto offset = static_cast<std::int64_t>(random() % reach) - 10;
      const auto from = static_cast<std::size_t>(std::max<std::int64_t>(offset, 0));
      const auto length = random() % (1 + std::min<std::size_t>(stream.size() - from, 400));
      std::vector<std::byte> segment(static_cast<std::size_t>(from - offset), std::byte{0x3f});
      segment.insert(segment.end(), stream.begin() + static_cast<std::ptrdiff_t>(from),
                     stream.begin() + static_cast<std::ptrdiff_t>(from + length));
      if (!segment.empty() && random() % 10 == 0) segment[random() % segment.size()] ^= std::byte{1};
      const auto fit = first.offer(static_cast<std::uint32_t>(base + offset), segment);
      ASSERT_EQ(fit, naive.offer(offset, segment)) << "offset " << offset << ", " << segment.size() << " bytes";
      ASSERT_TRUE(std::ranges::equal(first.prefix(), naive.prefix()));
      ++met[static_cast<std::size_t>(fit)];
      const bool forwarded = random() % 4 != 0;
      forwarded ? first.commit() : first.discard();
      forwarded ? naive.commit() : naive.discard();
      ASSERT_TRUE(std::ranges::equal(first.prefix(), naive.prefix()));
    }
  }
  for (const auto times : met) EXPECT_GT(times, 0) << "an outcome was never met: the test proves too little";
}

TEST(UndecidedPool, GivesEachStateOnceAndFreshAgain) {
  UndecidedPool pool(2);
  const auto a = pool.take(), b = pool.take();
  EXPECT_NE(a, b);
  EXPECT_EQ(pool.take(), kNoSide);
  EXPECT_EQ(pool.in_use(), 2u);
  pool[a].direction[1].start(9);
  pool[a].direction[1].offer(9, bytes("left over"));
  pool[a].bytes_forwarded[0] = 4096;
  pool.give_back(a);
  ASSERT_EQ(pool.take(), a);
  EXPECT_FALSE(pool[a].direction[1].started());
  EXPECT_TRUE(pool[a].direction[1].prefix().empty());
  EXPECT_EQ(pool[a].bytes_forwarded[0], 0u);
}

}  // namespace
}  // namespace wardline::flow
