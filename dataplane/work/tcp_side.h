#pragma once
#include <cstdint>

#include "dataplane/flow/flow_record.h"
#include "dataplane/tick.h"

// What ColdRecord::side of a TCP flow holds while it is no place in a pool.
namespace wardline::work {

// Places in pools have this bit clear, everything else has it set.
inline constexpr std::uint32_t kNoPlace = 1U << 31;
inline bool holds_buffers(std::uint32_t side) {
  return (side & kNoPlace) == 0;
}

// An undecided flow of which only the client's SYN came: no buffer is spent on a SYN that nobody answers.
class SynMark {
 public:
  explicit SynMark(std::uint32_t side) : side_(side) {}
  SynMark(std::uint32_t sequence_of_first_byte, bool checked, bool strict)
      : side_(kNoPlace | (checked ? kChecked : 0) | (strict ? kStrict : 0) | (sequence_of_first_byte & kNumber)) {
    if (side_ == flow::kNoSide) --side_;  // one byte off: fits() allows for it
  }

  std::uint32_t side() const { return side_; }
  bool set() const { return side_ != flow::kNoSide && !holds_buffers(side_); }
  bool checked() const { return set() && (side_ & kChecked) != 0; }
  bool strict() const { return set() && (side_ & kStrict) != 0; }  // bytes of another connection are out of order
  // Whether a sequence or acknowledgement number is one of a connection that began here, 64 KiB on at most: a first
  // flight is shorter (RFC 6928).
  bool fits(std::uint32_t number) const { return set() && ((number - side_ + 1) & kNumber) <= 65536; }

 private:
  static constexpr std::uint32_t kChecked = 1U << 30, kStrict = 1U << 29, kNumber = kStrict - 1;
  std::uint32_t side_;
};

// A condemned flow: when, and where the client's numbers stood, both coarsely. 20 bits of the number, in 4 KiB; 12 of
// the time, in 1.07 s, so that it comes round after 73 minutes.
class CondemnedMark {
 public:
  explicit CondemnedMark(std::uint32_t side) : side_(side) {}
  CondemnedMark(std::uint32_t client_sequence, CoarseTick now) : side_((client_sequence & kNumber) | seconds(now)) {}

  std::uint32_t side() const { return side_; }
  // A SYN opens another connection: some time has passed, and its number is far from the condemned one's, so that no
  // byte of that one lies in the new one's window. Hosts that choose numbers as RFC 6528 says are far away by then.
  bool frees(std::uint32_t syn_sequence, CoarseTick now) const {
    constexpr std::uint32_t kHold = 60, kFar = 1U << 20;
    const std::uint32_t aged = (seconds(now) - seconds_of(side_)) & kSeconds;
    const std::uint32_t apart = syn_sequence - (side_ & kNumber);
    return aged >= kHold && apart + kFar >= 2 * kFar;
  }

 private:
  static constexpr std::uint32_t kSeconds = 0xfff, kNumber = ~kSeconds;
  static std::uint32_t seconds_of(std::uint32_t side) { return side & kSeconds; }
  static std::uint32_t seconds(CoarseTick now) { return (now >> 10) & kSeconds; }
  std::uint32_t side_;
};

}  // namespace wardline::work
