#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "dataplane/flow/lazy_array.h"
#include "dataplane/work/message_shape.h"

namespace wardline::work {

// Follows the messages of one direction of a TCP connection for the life of the flow and says of each segment whether
// all messages whose head it completes may pass. The first kHeadBytes of a message are kept until it is judged: at its
// end, at the end of an HTTP head, or when that many have come; a longer one is judged by what is there. So a receiver
// may have the start of a message that is refused, never the whole of it, nor what follows.
//
// A segment must begin where the last one ended. A retransmission must be made of whole ones of the last kRemembered
// segments, byte for byte (compared by hash), with new bytes after them or not, so that nothing reaches the receiver
// that was not judged. What the receiver acknowledged it takes no more, so that passes: a keep-alive brings a byte of
// any value (RFC 9293, 3.8.4).
class MessageFramer {
 public:
  static constexpr std::size_t kHeadBytes = 512;
  enum class Answer : std::uint8_t { kPass, kForbidden, kGarbage, kOutOfOrder, kContradiction };

  void start(facts::Reader reader, std::uint32_t next_sequence) {
    shape_.start(reader);
    sent_ = {};
    sent_next_ = 0;
    head_have_ = 0;
    judged_ = false;
    next_ = acknowledged_ = next_sequence;
    started_ = true;
  }
  void forget() { started_ = false; }
  bool started() const { return started_; }

  // The receiver has all bytes before this one.
  void acknowledged(std::uint32_t sequence) {
    if (started_ && static_cast<std::int32_t>(next_ - sequence) >= 0) acknowledged_ = sequence;
  }

  // Calls `may_pass(head)`, a bool, for each message whose head these bytes complete, and stops at the first that may
  // not. Requires: started().
  template <typename MayPass>
  Answer judge(std::uint32_t sequence, std::span<const std::byte> segment, MayPass may_pass) {
    Answer answer = place(sequence, segment);
    if (answer != Answer::kPass || segment.empty()) return answer;
    for (auto rest = segment; !rest.empty();) {
      bool whole = false;
      if (answer = gather(rest, whole); answer != Answer::kPass) return answer;
      if (whole && !may_pass(head())) return Answer::kForbidden;
    }
    remember(sequence, segment);
    return Answer::kPass;
  }

 private:
  static constexpr std::size_t kRemembered = 8;
  struct Sent {
    std::uint32_t sequence = 0, length = 0;
    std::uint64_t hash = 0;
  };
  // Cuts off what was judged before; an empty segment passes.
  Answer place(std::uint32_t& sequence, std::span<const std::byte>& segment) const;
  std::size_t sent_before(std::uint32_t sequence, std::span<const std::byte> segment) const;
  // Takes bytes of one message from the front of `rest`; `whole`: its head is there now.
  Answer gather(std::span<const std::byte>& rest, bool& whole);
  void remember(std::uint32_t sequence, std::span<const std::byte> segment);
  std::span<const std::byte> head() const { return {head_.data(), judged_have_}; }

  bool started_ = false, judged_ = false;
  std::uint8_t sent_next_ = 0;
  std::uint16_t head_have_ = 0, judged_have_ = 0;
  std::uint32_t next_ = 0, acknowledged_ = 0;
  std::array<Sent, kRemembered> sent_{};
  MessageShape shape_;
  std::array<std::byte, kHeadBytes> head_;
};

// Both directions of a flow; [0] from the device side.
struct MessageState {
  std::array<MessageFramer, 2> direction;
  std::uint32_t next_free = 0;
};

// Fixed pool. Owner: one worker. Memory is touched when a state is first used.
class FramerPool {
 public:
  explicit FramerPool(std::uint32_t capacity);
  std::uint32_t take();  // kNoSide when exhausted
  void give_back(std::uint32_t index);
  MessageState& operator[](std::uint32_t index) { return states_[index]; }

 private:
  flow::LazyArray<MessageState> states_;
  std::uint32_t capacity_, free_, fresh_ = 0;
};

}  // namespace wardline::work
