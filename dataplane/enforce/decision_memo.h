#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

#include "dataplane/enforce/decide.h"
#include "dataplane/flow/flow_key.h"
#include "dataplane/flow/lazy_array.h"

namespace wardline::enforce {

// All that `decide` reads of a flow and its policy; never all zero.
using Question = std::array<std::uint64_t, 5>;

// Answers of `decide`, remembered: most new flows ask what one before them asked. The question is all that `decide`
// reads, so another answer than its own is impossible; what the payload says is never remembered.
//
// Owner: one worker. Memory is fixed at construction. An epoch of the policy belongs to one policy: answers of a former
// one fit no question any more and give way.
class DecisionMemo {
 public:
  DecisionMemo(std::uint32_t entries, const flow::HashSeed& seed);  // `entries` is a power of two, at least kPlaces

  Decision decide(const Snapshot& policy, const FlowFacts& facts);

  // What is asked of a flow as if it were a little different: a copy of the facts is made only where nobody asked
  // before.
  struct As {
    flow::OpenedBy opened_by;
    bool guessed;
    AppState app_state;
  };
  Decision decide_as(const Snapshot& policy, const FlowFacts& facts, As as);

  // True when a rule allows this peer and port as `unclassified`: then undecided bytes do not count.
  bool allowed_unclassified(const Snapshot& policy, const FlowFacts& facts);

  // Who opened a flow that was picked up in the middle: the direction in which a rule fits, else the side with the port
  // below 1024, else the lower port accepts.
  flow::OpenedBy guess_opener(const Snapshot& policy, const FlowFacts& facts);

  std::size_t capacity() const { return entries_.size(); }
  std::size_t memory_bytes() const { return entries_.bytes(); }

 private:
  static constexpr std::size_t kPlaces = 2;  // of a set: two questions that share one do not drive each other out

  struct alignas(64) Entry {
    Question question;
    Decision answer;
  };
  static_assert(sizeof(Entry) == 64);
  Decision answer(const Snapshot& policy, const FlowFacts& facts, As as);
  static Decision work_out(Entry* set, const Snapshot& policy, const FlowFacts& facts, As as);

  flow::HashSeed seed_;
  std::size_t mask_;  // of a set's first place
  flow::LazyArray<Entry> entries_;
};

}  // namespace wardline::enforce
