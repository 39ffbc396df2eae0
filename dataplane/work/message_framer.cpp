#include "dataplane/work/message_framer.h"

#include <algorithm>

#include "dataplane/flow/flow_record.h"

namespace wardline::work {
namespace {

std::uint64_t hash_of(std::span<const std::byte> bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const std::byte byte : bytes) hash = (hash ^ std::to_integer<std::uint64_t>(byte)) * 0x100000001b3;
  return hash;
}

}  // namespace

MessageFramer::Answer MessageFramer::gather(std::span<const std::byte>& rest, bool& whole) {
  const ShapeStep step = shape_.take(rest);
  if (step.answer == ShapeStep::Answer::kGarbage) return Answer::kGarbage;
  const auto taken = rest.first(step.taken);
  rest = rest.subspan(step.taken);
  if (step.answer == ShapeStep::Answer::kBetween) return Answer::kPass;
  const auto kept = std::min(taken.size(), judged_ ? 0 : kHeadBytes - head_have_);
  std::copy_n(taken.begin(), kept, head_.begin() + head_have_);
  head_have_ = static_cast<std::uint16_t>(head_have_ + kept);
  const bool ends = step.answer == ShapeStep::Answer::kEnd;
  whole = !judged_ && (ends || step.answer == ShapeStep::Answer::kHeadEnd || head_have_ == kHeadBytes);
  judged_have_ = head_have_;
  judged_ = (judged_ || whole) && !ends;
  if (ends) head_have_ = 0;
  return Answer::kPass;
}

// How many bytes at the start of `segment` repeat remembered segments, one after the other.
std::size_t MessageFramer::sent_before(std::uint32_t sequence, std::span<const std::byte> segment) const {
  std::size_t known = 0;
  for (std::size_t step = 0; step < kRemembered && known < segment.size(); ++step) {
    const auto rest = segment.subspan(known);
    const auto match = std::ranges::find_if(sent_, [&](const Sent& sent) {
      return sent.length != 0 && sent.length <= rest.size() &&
             sent.sequence == sequence + static_cast<std::uint32_t>(known) &&
             sent.hash == hash_of(rest.first(sent.length));
    });
    if (match == sent_.end()) break;
    known += match->length;
  }
  return known;
}

MessageFramer::Answer MessageFramer::place(std::uint32_t& sequence, std::span<const std::byte>& segment) const {
  if (segment.empty()) return Answer::kPass;
  const auto ahead = static_cast<std::int32_t>(sequence - next_);
  if (ahead > 0) return Answer::kOutOfOrder;
  const auto end = sequence + static_cast<std::uint32_t>(segment.size());
  if (static_cast<std::int32_t>(end - acknowledged_) <= 0) {
    segment = {};
    return Answer::kPass;
  }
  if (ahead == 0) return Answer::kPass;
  const auto known = sent_before(sequence, segment);
  segment = segment.subspan(known);
  sequence += static_cast<std::uint32_t>(known);
  return segment.empty() || sequence == next_ ? Answer::kPass : Answer::kContradiction;
}

void MessageFramer::remember(std::uint32_t sequence, std::span<const std::byte> segment) {
  next_ += static_cast<std::uint32_t>(segment.size());
  sent_[sent_next_] = {sequence, static_cast<std::uint32_t>(segment.size()), hash_of(segment)};
  sent_next_ = static_cast<std::uint8_t>((sent_next_ + 1) % kRemembered);
}

FramerPool::FramerPool(std::uint32_t capacity) : states_(capacity), capacity_(capacity), free_(flow::kNoSide) {}

std::uint32_t FramerPool::take() {
  auto index = free_;
  if (index != flow::kNoSide)
    free_ = states_[index].next_free;
  else if (fresh_ < capacity_)
    index = fresh_++;
  else
    return flow::kNoSide;
  for (auto& direction : states_[index].direction) direction.forget();
  return index;
}

void FramerPool::give_back(std::uint32_t index) {
  states_[index].next_free = free_;
  free_ = index;
}

}  // namespace wardline::work
