#include "dataplane/fragments/fragment_queue.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/cut.h"

namespace wardline::test {
namespace {

using fragments::DatagramKey;
using fragments::FragmentQueue;
using Answer = FragmentQueue::Answer;

std::string counting(std::size_t size) {
  std::string text(size, ' ');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('!' + i % 90);
  return text;
}

Cut datagram(std::size_t payload, std::uint16_t id = 1) {
  const auto headers = frame().ipv4("10.1.0.2", "10.2.0.9");
  auto made = cut(headers, FrameBuilder(headers).udp(5000, 53).payload(counting(payload)), 17);
  made.id = id;
  return made;
}

class Queue : public testing::Test {
 protected:
  FragmentQueue::Offered offer(const Bytes& bytes, std::uint64_t device = 1) {
    const auto view = packet::parse(bytes);
    const auto fragment = fragments::read_fragment(view, bytes);
    const Frame frame{.bytes = bytes, .wire_length = static_cast<std::uint32_t>(bytes.size())};
    return queue_.offer({.source = view.source, .target = view.target, .id = fragment->id}, device, *fragment, frame,
                        now_);
  }
  void release_all(std::uint32_t datagram) {
    for (std::size_t i = 0; i < queue_.pieces(datagram); ++i) queue_.release(datagram, i);
    queue_.erase(datagram);
  }
  std::vector<Bytes> take() {
    std::array<ReleasedFrame, Batch::kMaxReleased> into;
    std::vector<Bytes> all;
    const auto count = queue_.take_released(into);
    for (const auto& frame : std::span(into).first(count)) all.emplace_back(frame.bytes.begin(), frame.bytes.end());
    return all;
  }
  FragmentQueue queue_{256, 1600};
  Tick now_ = kSecond;
};

TEST_F(Queue, InAnyOrderTheDatagramIsTheSame) {
  auto pieces = datagram(3000).pieces(1480);
  ASSERT_EQ(pieces.size(), 3U);
  std::ranges::sort(pieces);
  const Bytes transport = datagram(3000).transport;
  do {
    EXPECT_EQ(offer(pieces[0]).answer, Answer::kHeld);
    EXPECT_EQ(offer(pieces[1]).answer, Answer::kHeld);
    const auto last = offer(pieces[2]);
    ASSERT_EQ(last.answer, Answer::kWhole);
    const auto whole = queue_.put_together(last.datagram);
    const auto view = packet::parse(whole);
    EXPECT_EQ(view.shape, packet::Shape::kIp);
    EXPECT_EQ(view.target_port, 53);
    EXPECT_TRUE(std::ranges::equal(whole.last(transport.size()), transport));
    release_all(last.datagram);
    EXPECT_EQ(take(), pieces) << "as they came, byte for byte";
    EXPECT_TRUE(take().empty());
    EXPECT_TRUE(queue_.empty());
  } while (std::ranges::next_permutation(pieces).found);
}

TEST_F(Queue, ARepeatedPieceIsADuplicateAndOneThatDiffersAnOverlap) {
  const auto made = datagram(100);
  EXPECT_EQ(offer(made.piece(0, 64)).answer, Answer::kHeld);
  EXPECT_EQ(offer(made.piece(0, 64)).answer, Answer::kDuplicate);
  auto other = made;
  other.transport[20] ^= std::byte{1};
  EXPECT_EQ(offer(other.piece(0, 64)).answer, Answer::kOverlap);
}

TEST_F(Queue, PiecesOverEachOtherOrBeyondTheEndOverlap) {
  const auto made = datagram(200);  // 208 bytes of transport
  struct Case {
    std::size_t first_at, first_length, second_at, second_length;
  };
  for (const Case& c : {Case{0, 64, 56, 64}, Case{64, 64, 0, 72}, Case{0, 128, 32, 32}, Case{32, 32, 0, 128},
                        Case{0, 64, 0, 32}, Case{0, 32, 0, 64}, Case{128, 80, 120, 16}}) {
    const auto first = offer(made.piece(c.first_at, c.first_length));
    EXPECT_EQ(first.answer, Answer::kHeld);
    EXPECT_EQ(offer(made.piece(c.second_at, c.second_length)).answer, Answer::kOverlap)
        << c.first_at << " " << c.second_at;
    release_all(first.datagram);
  }
  auto shorter = made;
  shorter.transport.resize(100);
  const auto first = offer(made.piece(128, 40));  // more follow
  EXPECT_EQ(offer(shorter.piece(64, 64)).answer, Answer::kOverlap) << "a last piece before one that is there";
  release_all(first.datagram);
  const auto last = offer(shorter.piece(64, 64));
  EXPECT_EQ(offer(made.piece(128, 40)).answer, Answer::kOverlap) << "a piece behind the last one";
  release_all(last.datagram);
}

TEST_F(Queue, WhatWasRefusedOrLetGoStaysSoUntilItsTimeIsOver) {
  const auto made = datagram(200);
  const auto first = offer(made.piece(0, 64));
  queue_.discard(first.datagram, 0);
  queue_.refuse(first.datagram, Reason::kFragmentOverlap);
  EXPECT_EQ(offer(made.piece(64, 64)).answer, Answer::kRefused);
  EXPECT_EQ(queue_.refused_for(first.datagram), Reason::kFragmentOverlap);
  EXPECT_EQ(queue_.overdue(now_ + kSecond - 1), FragmentQueue::kNone);
  EXPECT_EQ(queue_.overdue(now_ + kSecond), first.datagram);
  queue_.erase(first.datagram);
  const auto again = offer(made.piece(64, 64));
  EXPECT_EQ(again.answer, Answer::kHeld);
  release_all(again.datagram);
}

TEST_F(Queue, ADeviceHasItsShareOfDatagramsAndOfBuffers) {
  for (std::uint16_t i = 0; i < 64; ++i) EXPECT_EQ(offer(datagram(100, i).piece(0, 64)).answer, Answer::kHeld);
  EXPECT_EQ(offer(datagram(100, 64).piece(0, 64)).answer, Answer::kNoRoom) << "the 65th datagram, or the quarter";
  EXPECT_EQ(offer(datagram(100, 64).piece(0, 64), 2).answer, Answer::kHeld) << "another device has its own";
}

TEST_F(Queue, ADatagramHasAtMost64Pieces) {
  FragmentQueue large(1024, 1600);
  const auto made = datagram(70 * 8);
  for (std::size_t i = 0; i <= 64; ++i) {
    const Bytes bytes = made.piece(i * 8, 8);
    const auto view = packet::parse(bytes);
    const auto fragment = fragments::read_fragment(view, bytes);
    const auto answer =
        large.offer({.source = {}, .target = {}, .id = 1}, 1, *fragment, Frame{.bytes = bytes}, now_).answer;
    EXPECT_EQ(answer, i < 64 ? Answer::kHeld : Answer::kTooMany) << i;
  }
}

TEST_F(Queue, AFullQueueAndALongFrameFindNoRoom) {
  FragmentQueue tiny(4, 200);
  const auto give = [&](const Bytes& bytes, std::uint64_t device) {
    const auto view = packet::parse(bytes);
    const auto fragment = fragments::read_fragment(view, bytes);
    return tiny.offer({.source = {}, .target = {}, .id = fragment->id}, device, *fragment, Frame{.bytes = bytes}, now_)
        .answer;
  };
  EXPECT_EQ(give(datagram(400).piece(0, 240), 1), Answer::kNoRoom);
  for (std::uint16_t i = 0; i < 4; ++i) EXPECT_EQ(give(datagram(100, i).piece(0, 64), i), Answer::kHeld);
  EXPECT_EQ(give(datagram(100, 9).piece(0, 64), 9), Answer::kNoRoom);
}

TEST_F(Queue, TheOldestIsDueFirstAndAnotherKeyIsAnotherDatagram) {
  const auto first = offer(datagram(100, 1).piece(0, 64));
  now_ += kMillisecond;
  const auto second = offer(datagram(100, 2).piece(0, 64));
  EXPECT_NE(first.datagram, second.datagram);
  EXPECT_EQ(queue_.overdue(now_ + kSecond), first.datagram);
  release_all(first.datagram);
  EXPECT_EQ(queue_.overdue(now_ + kSecond), second.datagram);
  release_all(second.datagram);
  EXPECT_EQ(take().size(), 2U);
}

TEST_F(Queue, WhatDoesNotFitIntoABatchComesWithTheNext) {
  for (std::uint16_t id = 0; id < 60; ++id) {
    const auto made = datagram(100, id);
    offer(made.piece(0, 64), id);
    release_all(offer(made.piece(64, 64), id).datagram);
  }
  EXPECT_EQ(take().size(), 64U);
  EXPECT_EQ(take().size(), 56U);
  EXPECT_FALSE(queue_.empty());
  EXPECT_TRUE(take().empty());
  EXPECT_TRUE(queue_.empty());
}

}  // namespace
}  // namespace wardline::test
