#include "dataplane/work/message_framer.h"

#include <algorithm>
#include <cstring>
#include <random>

#include "dataplane/fold.h"

namespace wardline::work {
namespace {

// A number of this run: without it nobody can make two pieces of one hash, to have one judged and the other received.
const std::uint64_t kSecret = [] {
  std::random_device secret;
  return std::uint64_t{secret()} << 32 | secret() | 1;
}();

std::uint64_t hash_of(std::span<const std::byte> bytes) {
  std::uint64_t hash = kSecret ^ bytes.size();
  for (; !bytes.empty(); bytes = bytes.subspan(std::min<std::size_t>(bytes.size(), 8))) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), std::min<std::size_t>(bytes.size(), sizeof word));
    hash = fold(hash ^ word, kSecret * 0x9e3779b97f4a7c15 | 1);
  }
  return hash;
}

}  // namespace

MessageFramer::Gathered MessageFramer::gather(std::span<const std::byte> rest) {
  const bool judged = judged_;
  const auto room = judged ? rest.size() : kHeadBytes - head_have_;
  const ShapeStep step = shape_.take(rest.first(std::min(rest.size(), room)));
  if (step.answer == ShapeStep::Answer::kGarbage) return {.garbage = true};
  if (step.answer == ShapeStep::Answer::kBetween) return {.taken = step.taken};
  if (!judged) {
    std::copy_n(rest.begin(), step.taken, head_.begin() + head_have_);
    head_have_ = static_cast<std::uint16_t>(head_have_ + step.taken);
  }
  const bool ends = step.answer == ShapeStep::Answer::kEnd;
  const bool whole = !judged && (ends || step.answer == ShapeStep::Answer::kHeadEnd || head_have_ == kHeadBytes);
  judged_have_ = head_have_;
  judged_ = (judged || whole) && !ends;
  if (ends) head_have_ = 0;
  return {.taken = step.taken, .whole = whole, .free = judged && step.counted};
}

// Past the bytes at hand it may also have free ones that went ahead of a hole.
void MessageFramer::acknowledged(std::uint32_t sequence) {
  if (!started_ || static_cast<std::int32_t>(sequence - acknowledged_) <= 0) return;
  const auto ahead = static_cast<std::int32_t>(sequence - next_);
  if (ahead > 0) {
    if (!judged_ || static_cast<std::uint32_t>(ahead) > shape_.counted_left()) return;
    const bool ends = shape_.pass_counted(static_cast<std::uint32_t>(ahead)).answer == ShapeStep::Answer::kEnd;
    add_free(static_cast<std::uint32_t>(ahead));
    judged_ = !ends;
    if (ends) head_have_ = 0;
  }
  acknowledged_ = sequence;
}

// How many bytes at the start of `segment` are free, or repeat remembered pieces, one after the other.
std::size_t MessageFramer::sent_before(std::uint32_t sequence, std::span<const std::byte> segment) const {
  std::size_t known = 0;
  for (std::size_t step = 0; step < kRemembered + kFreeRanges && known < segment.size(); ++step) {
    const auto rest = segment.subspan(known);
    const auto at = sequence + static_cast<std::uint32_t>(known);
    const auto range =
        std::ranges::find_if(free_, [at](const Range& free) { return at - free.from < free.to - free.from; });
    if (range != free_.end()) {
      known += std::min<std::size_t>(range->to - at, rest.size());
      continue;
    }
    const auto match = std::ranges::find_if(pieces_, [&](const Piece& piece) {
      return piece.length != 0 && piece.length <= rest.size() && piece.sequence == at &&
             piece.hash == hash_of(rest.first(piece.length));
    });
    if (match == pieces_.end()) break;
    known += match->length;
  }
  return known;
}

MessageFramer::Answer MessageFramer::place(std::uint32_t& sequence, std::span<const std::byte>& segment) const {
  if (segment.empty()) return Answer::kPass;
  const auto ahead = static_cast<std::int32_t>(sequence - next_);
  if (ahead > 0) {
    const bool free = judged_ && static_cast<std::uint32_t>(ahead) + segment.size() <= shape_.counted_left();
    segment = {};
    return free ? Answer::kPass : Answer::kOutOfOrder;
  }
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

void MessageFramer::remember(std::span<const std::byte> piece) {
  if (piece.empty()) return;
  pieces_[pieces_next_] = {next_, static_cast<std::uint32_t>(piece.size()), hash_of(piece)};
  pieces_next_ = static_cast<std::uint8_t>((pieces_next_ + 1) % kRemembered);
  next_ += static_cast<std::uint32_t>(piece.size());
}

void MessageFramer::add_free(std::size_t length) {
  const auto end = next_ + static_cast<std::uint32_t>(length);
  constexpr std::uint32_t kOldest = 1U << 30;
  auto& last = free_[(free_next_ + kFreeRanges - 1) % kFreeRanges];
  if (last.to == next_ && last.from != last.to) {
    last.to = end;
  } else {
    free_[free_next_] = {next_, end};
    free_next_ = static_cast<std::uint8_t>((free_next_ + 1) % kFreeRanges);
  }
  // A number that has come round must not be taken for one of a range that is long past.
  if ((next_ ^ end) >> 28 != 0)
    for (auto& range : free_)
      if (end - range.from > kOldest) range.from = range.to;
  next_ = end;
}

}  // namespace wardline::work
