#pragma once
#include <cstdint>
#include <vector>

#include "dataplane/flow/flow_record.h"
#include "dataplane/tick.h"

namespace wardline::flow {

// A lazy timer wheel: a packet only writes `last_seen`; when a handle comes due, the caller looks at the record and
// re-files or expires it. No list surgery per packet. Handles carry a generation, since a place may be reused.
//
// Owner: one worker. Memory: fixed, `capacity` handles (one per record). Work is bounded per call.
class ExpiryWheel {
 public:
  struct Handle {
    FlowIndex index;
    std::uint16_t generation;
    bool v6;
  };
  ExpiryWheel(std::uint32_t capacity, CoarseTick now);

  // False when no handle is left (cannot happen with one per record).
  bool file(Handle handle, CoarseTick due);

  // Takes up to `limit` due handles and calls visit(handle) -> CoarseTick: 0 to let go, else when it is due again.
  template <typename Visit>
  std::uint32_t advance(CoarseTick now, std::uint32_t limit, Visit visit) {
    std::uint32_t done = 0;
    Handle handle;
    while (done < limit && take_due(now, handle)) {
      ++done;
      if (const CoarseTick due = visit(handle); due != 0) file(handle, due);
    }
    return done;
  }
  std::uint32_t filed() const;

 private:
  bool take_due(CoarseTick now, Handle& out);
  struct Node {
    Handle handle;
    CoarseTick due;
    std::uint32_t next;
  };
  static constexpr std::uint32_t kNil = 0xffffffff;
  static constexpr std::uint32_t kSlots = 4096;       // each of kGranularity coarse ticks
  static constexpr std::uint32_t kGranularity = 128;  // about 134 ms; one turn of the wheel is about 550 s
  std::vector<Node> nodes_;
  std::vector<std::uint32_t> slots_;
  std::uint32_t free_ = 0, filed_ = 0;
  CoarseTick cursor_ = 0;  // in granules
};

}  // namespace wardline::flow
