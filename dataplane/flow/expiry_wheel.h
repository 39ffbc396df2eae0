#pragma once
#include <cstdint>
#include <vector>

#include "dataplane/flow/flow_record.h"
#include "dataplane/flow/lazy_array.h"
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

  // An empty wheel goes on from here: the clock may begin anywhere (a host that has been up for a month).
  void start_at(CoarseTick now) {
    if (filed_ == 0) cursor_ = now - now % kGranularity;
  }

  // False when no handle is left (cannot happen with one per record). Due in the past: comes with the next advance.
  bool file(Handle handle, CoarseTick due);

  // Takes up to `limit` handles and calls visit(handle) -> CoarseTick for the due ones: 0 to let go, else when it is
  // due again. A handle comes at most one granule after its time. Returns how many it visited.
  template <typename Visit>
  std::uint32_t advance(CoarseTick now, std::uint32_t limit, Visit visit) {
    std::uint32_t visited = 0;
    Node node;
    for (std::uint32_t taken = 0; taken < limit && take(now, node); ++taken) {
      CoarseTick due = node.due;
      if (age(now, due) <= kFuture) {
        ++visited;
        due = visit(node.handle);
        if (due == 0) continue;
      }  // else its time is more than a turn of the wheel away: it goes on to the next turn
      file(node.handle, due);
    }
    return visited;
  }
  std::uint32_t filed() const { return filed_; }
  std::uint32_t capacity() const { return static_cast<std::uint32_t>(nodes_.size()); }
  std::size_t memory_bytes() const { return nodes_.bytes() + slots_.size() * sizeof slots_[0]; }

 private:
  struct Node {
    Handle handle;
    CoarseTick due;
    std::uint32_t next;
  };
  static constexpr std::uint32_t kNil = 0xffffffff;
  static constexpr std::uint32_t kSlots = 4096;       // each of kGranularity coarse ticks
  static constexpr std::uint32_t kGranularity = 128;  // about 134 ms; one turn of the wheel is about 550 s
  static constexpr CoarseTick kFuture = 0x7fffffff;   // a larger age is a time to come

  bool take(CoarseTick now, Node& out);
  std::uint32_t slot_of(CoarseTick time) const { return time / kGranularity % kSlots; }

  LazyArray<Node> nodes_;
  std::vector<std::uint32_t> slots_;
  std::uint32_t free_ = kNil, fresh_ = 0, filed_ = 0;  // nodes from fresh_ on were never used
  CoarseTick cursor_;  // beginning of the granule that is taken next; what lies in it is taken once `now` has left it
};

}  // namespace wardline::flow
