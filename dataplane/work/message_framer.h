#pragma once
#include <array>
#include <cstdint>
#include <span>

#include "dataplane/flow/state_pool.h"
#include "dataplane/flow/stream_state.h"
#include "dataplane/work/message_shape.h"

namespace wardline::work {

// Follows the messages of one direction of a TCP connection for the life of the flow and says of each segment whether
// all messages whose head it completes may pass. The first kHeadBytes of a message are kept until it is judged: at its
// end, at the end of an HTTP head, or when that many have come; a longer one is judged by what is there. So a receiver
// may have the start of a message that is refused, never the whole of it, nor what follows.
//
// A segment must begin where the last one ended. Bytes of a message that is judged already, whose number is known, are
// free: whatever they say, nothing is judged by them, so that they may come again, and ahead of a hole. All others are
// remembered by hash, the last kRemembered pieces, and come again as they were, with new bytes after them or not. What
// the receiver acknowledged it takes no more, so that passes: a keep-alive brings a byte of any value (RFC
// 9293, 3.8.4).
class MessageFramer {
 public:
  static constexpr std::size_t kHeadBytes = 512;
  enum class Answer : std::uint8_t { kPass, kForbidden, kGarbage, kOutOfOrder, kContradiction };

  void start(facts::Reader reader, std::uint32_t next_sequence) {
    shape_.start(reader);
    pieces_ = {};
    free_ = {};
    pieces_next_ = free_next_ = 0;
    head_have_ = 0;
    judged_ = false;
    next_ = acknowledged_ = next_sequence;
    started_ = true;
  }
  void forget() { started_ = false; }
  bool started() const { return started_; }

  std::uint32_t next_sequence() const { return next_; }
  // The receiver has all bytes before this one.
  void acknowledged(std::uint32_t sequence);

  // Calls `may_pass(head)`, a bool, for each message whose head these bytes complete, and stops at the first that may
  // not. Requires: started().
  template <typename MayPass>
  Answer judge(std::uint32_t sequence, std::span<const std::byte> segment, MayPass may_pass) {
    Answer answer = place(sequence, segment);
    if (answer != Answer::kPass || segment.empty()) return answer;
    std::size_t at = 0, remembered = 0;
    while (at < segment.size()) {
      const Gathered step = gather(segment.subspan(at));
      if (step.garbage) return Answer::kGarbage;
      if (step.whole && !may_pass(head())) return Answer::kForbidden;
      if (step.free) {
        remember(segment.subspan(remembered, at - remembered));
        add_free(step.taken);
        remembered = at + step.taken;
      }
      at += step.taken;
    }
    remember(segment.subspan(remembered));
    return Answer::kPass;
  }

 private:
  static constexpr std::size_t kRemembered = 64, kFreeRanges = 32;
  struct Piece {
    std::uint32_t sequence = 0, length = 0;
    std::uint64_t hash = 0;
  };
  struct Range {
    std::uint32_t from = 0, to = 0;
  };
  // Bytes of one message, or between two. `whole`: its head is there now.
  struct Gathered {
    std::size_t taken = 0;
    bool garbage = false, whole = false, free = false;
  };
  Gathered gather(std::span<const std::byte> rest);
  // Cuts off what was judged before; an empty segment passes.
  Answer place(std::uint32_t& sequence, std::span<const std::byte>& segment) const;
  std::size_t sent_before(std::uint32_t sequence, std::span<const std::byte> segment) const;
  void remember(std::span<const std::byte> piece);
  void add_free(std::size_t length);
  std::span<const std::byte> head() const { return {head_.data(), judged_have_}; }

  bool started_ = false, judged_ = false;
  std::uint8_t pieces_next_ = 0, free_next_ = 0;
  std::uint16_t head_have_ = 0, judged_have_ = 0;
  std::uint32_t next_ = 0, acknowledged_ = 0;
  std::array<Piece, kRemembered> pieces_{};
  std::array<Range, kFreeRanges> free_{};  // the latest stands before free_next_
  MessageShape shape_;
  std::array<std::byte, kHeadBytes> head_;
};

// A flow that is judged message by message; [0] from the device side.
struct MessageState {
  std::array<MessageFramer, 2> direction;
  std::array<flow::StreamEnds, 2> ends;
  std::array<std::uint32_t, 2> first;  // numbers of the first bytes
  std::uint32_t ahead;  // undecided state whose bytes ahead of a hole were forwarded and wait to be judged; or kNoSide
  std::uint32_t inspected;  // window in which threats are looked for; kNoSide: none
  std::uint32_t next_free;

  void reset() {
    for (auto& framer : direction) framer.forget();
    for (auto& end : ends) end.reset();
    ahead = inspected = flow::kNoSide;
  }
};
using MessagePool = flow::StatePool<MessageState>;

}  // namespace wardline::work
