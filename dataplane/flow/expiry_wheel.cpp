#include "dataplane/flow/expiry_wheel.h"

namespace wardline::flow {

ExpiryWheel::ExpiryWheel(std::uint32_t records, CoarseTick now)
    : next_(records), slots_(kSlots, kEnd), cursor_(now - now % kGranularity) {}

void ExpiryWheel::file(FlowIndex record, CoarseTick due) {
  constexpr CoarseTick kFarthest = (kSlots - 1) * kGranularity;
  const CoarseTick ahead = age(due, cursor_);
  const CoarseTick time = ahead > kFuture ? cursor_ : ahead > kFarthest ? cursor_ + kFarthest : due;
  auto& head = slots_[slot_of(time)];
  next_[record] = head;
  head = record + kFirst;
  ++filed_;
}

// Walks over one turn of empty slots at most.
std::size_t ExpiryWheel::take(CoarseTick now, std::span<FlowIndex> due) {
  const CoarseTick present = now - now % kGranularity;
  if (filed_ == 0) cursor_ = present;
  if (age(present, cursor_) > kFuture) return 0;
  std::size_t taken = 0;
  for (std::uint32_t step = 0; step < kSlots && cursor_ != present; ++step) {
    auto& head = slots_[slot_of(cursor_)];
    for (; head != kEnd && taken < due.size(); ++taken) {
      const FlowIndex record = head - kFirst;
      head = next_[record];
      next_[record] = kNotFiled;
      due[taken] = record;
      --filed_;
    }
    if (head != kEnd) break;
    cursor_ += kGranularity;
  }
  return taken;
}

}  // namespace wardline::flow
