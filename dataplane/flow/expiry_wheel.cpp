#include "dataplane/flow/expiry_wheel.h"

namespace wardline::flow {

ExpiryWheel::ExpiryWheel(std::uint32_t capacity, CoarseTick now)
    : nodes_(capacity), slots_(kSlots, kNil), cursor_(now - now % kGranularity) {}

bool ExpiryWheel::file(Handle handle, CoarseTick due) {
  auto node = free_;
  if (node != kNil)
    free_ = nodes_[node].next;
  else if (fresh_ < nodes_.size())
    node = fresh_++;
  else
    return false;
  const CoarseTick farthest = (kSlots - 1) * kGranularity;
  const CoarseTick ahead = age(due, cursor_);
  const CoarseTick time = ahead > kFuture ? cursor_ : ahead > farthest ? cursor_ + farthest : due;
  auto& head = slots_[slot_of(time)];
  nodes_[node] = {handle, due, head};
  head = node;
  ++filed_;
  return true;
}

// One handle of a granule that `now` has left. Walks over one turn of empty slots at most.
bool ExpiryWheel::take(CoarseTick now, Node& out) {
  const CoarseTick present = now - now % kGranularity;
  if (filed_ == 0) cursor_ = present;
  if (age(present, cursor_) > kFuture) return false;
  for (std::uint32_t step = 0; step < kSlots && cursor_ != present; ++step) {
    auto& head = slots_[slot_of(cursor_)];
    if (head != kNil) {
      const auto node = head;
      out = nodes_[node];
      head = out.next;
      nodes_[node].next = free_;
      free_ = node;
      --filed_;
      return true;
    }
    cursor_ += kGranularity;
  }
  return false;
}

}  // namespace wardline::flow
