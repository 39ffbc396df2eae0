#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dataplane/flow/flow_record.h"
#include "dataplane/flow/lazy_array.h"
#include "dataplane/tick.h"

namespace wardline::flow {

// A lazy timer wheel over the records of one table: a packet only writes `last_seen`; when a record's time has come,
// the caller looks at it and lets it go or files it again. No list surgery per packet.
//
// Owner: one worker. Memory: fixed, one link of 4 bytes a record, so that there is always room. A record that is given
// back to its table stays filed; whoever gets its place next is visited at the time that was filed, or later if it
// says so then: at most the time between two reports of a long flow.
class ExpiryWheel {
 public:
  ExpiryWheel(std::uint32_t records, CoarseTick now);

  // An empty wheel goes on from here: the clock may begin anywhere (a host that has been up for a month).
  void start_at(CoarseTick now) {
    if (filed_ == 0) cursor_ = now - now % kGranularity;
  }

  bool filed(FlowIndex record) const { return next_[record] != kNotFiled; }
  // Requires: not filed. A time in the past comes next; one that is more than a turn of the wheel away (550 s) comes
  // after a turn, and the caller files it again.
  void file(FlowIndex record, CoarseTick due);

  // Records whose time has come, at most one granule after it; they are no longer filed. Returns how many.
  std::size_t take(CoarseTick now, std::span<FlowIndex> due);

  std::uint32_t filed_count() const { return filed_; }
  std::uint32_t capacity() const { return static_cast<std::uint32_t>(next_.size()); }
  std::size_t memory_bytes() const { return next_.bytes() + slots_.size() * sizeof slots_[0]; }

 private:
  // Links: 0 for what is not filed, so that zeroed memory is an empty wheel; else the next record's number and 2.
  static constexpr std::uint32_t kNotFiled = 0, kEnd = 1, kFirst = 2;
  // Granules are as short as 256 KiB of slots allow: what ends comes due in their rhythm, and at millions of flows a
  // second a granule's worth of ends is what frames wait beside.
  static constexpr std::uint32_t kSlots = 65536;     // each of kGranularity coarse ticks
  static constexpr std::uint32_t kGranularity = 8;   // about 8.4 ms; one turn of the wheel is about 550 s
  static constexpr CoarseTick kFuture = 0x7fffffff;  // a larger age is a time to come

  std::uint32_t slot_of(CoarseTick time) const { return time / kGranularity % kSlots; }

  LazyArray<std::uint32_t> next_;
  std::vector<std::uint32_t> slots_;  // heads, as links
  std::uint32_t filed_ = 0;
  CoarseTick cursor_;  // beginning of the granule that is taken next; what lies in it is taken once `now` has left it
};

}  // namespace wardline::flow
