#pragma once
#include <cstdint>

#include "dataplane/flow/flow_record.h"
#include "dataplane/flow/lazy_array.h"

namespace wardline::flow {

// Fixed pool of what only some flows need beyond their record. State has reset() and `next_free`. Owner: one worker.
// Memory: had from the kernel at the first touch, at most capacity() * sizeof(State).
template <typename State>
class StatePool {
 public:
  explicit StatePool(std::uint32_t capacity) : states_(capacity), capacity_(capacity) {}

  std::uint32_t take() {  // kNoSide when exhausted; the state is reset
    auto index = free_;
    if (index != kNoSide)
      free_ = states_[index].next_free;
    else if (fresh_ < capacity_)
      index = fresh_++;
    else
      return kNoSide;
    states_[index].reset();
    ++in_use_;
    return index;
  }
  void give_back(std::uint32_t index) {
    states_[index].next_free = free_;
    free_ = index;
    --in_use_;
  }

  State& operator[](std::uint32_t index) { return states_[index]; }
  const State& operator[](std::uint32_t index) const { return states_[index]; }
  std::uint32_t in_use() const { return in_use_; }
  std::uint32_t capacity() const { return capacity_; }

 private:
  LazyArray<State> states_;
  std::uint32_t capacity_, free_ = kNoSide, fresh_ = 0, in_use_ = 0;  // states from fresh_ on were never used
};

}  // namespace wardline::flow
