#include "dataplane/flow/first_bytes.h"

namespace wardline::flow {

UndecidedPool::UndecidedPool(std::uint32_t capacity) : states_(capacity), capacity_(capacity) {}

std::uint32_t UndecidedPool::take() {
  auto index = free_;
  if (index != kNoSide)
    free_ = states_[index].next_free;
  else if (fresh_ < capacity_)
    index = fresh_++;
  else
    return kNoSide;
  auto& state = states_[index];
  for (auto& direction : state.direction) direction.reset();
  state.acknowledged = {};
  state.bytes_forwarded = {};
  state.packets_forwarded = {};
  ++in_use_;
  return index;
}

void UndecidedPool::give_back(std::uint32_t index) {
  states_[index].next_free = free_;
  free_ = index;
  --in_use_;
}

}  // namespace wardline::flow
