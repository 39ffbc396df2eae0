#pragma once
#include <cstddef>
#include <cstdint>

namespace wardline::work {

// What the next bytes of a stream are to its messages.
struct ShapeStep {
  enum class Answer : std::uint8_t {
    kBetween,  // of no message: line ends that some senders put between two
    kMore,     // of the current message, which goes on
    kHeadEnd,  // of the current message, whose head is there whole: nothing that follows tells a fact
    kEnd,      // of the current message, which ends here
    kGarbage,  // not the protocol that it should be
  };
  Answer answer = Answer::kMore;
  std::size_t taken = 0;  // at least one byte, unless garbage
  bool counted = false;   // their number was told before: whatever they say, the next message begins where it begins
};

}  // namespace wardline::work
