#pragma once
#include <algorithm>
#include <array>
#include <cstdint>

#include "dataplane/flow/ordered_bytes.h"
#include "dataplane/flow/state_pool.h"
#include "dataplane/ids.h"

namespace wardline::flow {

using FirstBytes = OrderedBytes<2048>;      // what an application is told by
using InspectedBytes = OrderedBytes<4096>;  // what slides over a stream in which threats are looked for

// The threats that were told of a flow, so that each is told once. The oldest is forgotten.
class ToldThreats {
 public:
  bool add(SignatureId signature) {  // false: told before
    for (const auto known : told_)
      if (known == signature) return false;
    told_[next_++ % told_.size()] = signature;
    return true;
  }
  void reset() {
    told_.fill(kNoSignature);
    next_ = 0;
  }

 private:
  std::array<SignatureId, 8> told_;
  std::uint8_t next_;
};

// Places of urgent bytes in one direction: most receivers take such a byte out of the stream (RFC 6093, 3), so what
// carries one is judged with it and without it. At most kMost within what is held.
class UrgentBytes {
 public:
  static constexpr std::size_t kMost = 7;
  // Forgets what lies before `held_from`. False: there is no room.
  bool add(std::uint32_t sequence, std::uint32_t held_from) {
    forget_before(held_from);
    if (contains(sequence)) return true;
    const std::uint32_t place = sequence - from_;
    if (count_ == kMost || place > 0xffff) return false;
    places_[count_++] = static_cast<std::uint16_t>(place);
    return true;
  }
  bool contains(std::uint32_t sequence) const {
    return std::find(places_.begin(), places_.begin() + count_, sequence - from_) != places_.begin() + count_;
  }
  bool empty() const { return count_ == 0; }
  void reset() { count_ = 0; }

 private:
  // Places count from here on.
  void forget_before(std::uint32_t sequence) {
    std::uint8_t kept = 0;
    for (std::size_t i = 0; i < count_; ++i) {
      const std::uint32_t place = from_ + places_[i] - sequence;
      if (static_cast<std::int32_t>(place) >= 0 && place <= 0xffff) places_[kept++] = static_cast<std::uint16_t>(place);
    }
    count_ = kept;
    from_ = sequence;
  }

  std::uint32_t from_;
  std::array<std::uint16_t, kMost> places_;
  std::uint8_t count_;
};

// What is known of one direction's connection beside its bytes.
struct StreamEnds {
  std::uint32_t acknowledged;  // the receiver has all bytes before this one
  std::uint32_t restart;       // where a handshake would begin that nobody answered yet
  std::uint32_t end;           // after the last byte, told by a FIN in order
  UrgentBytes urgent;
  bool has_acknowledged : 1, has_restart : 1, ended : 1;
  bool opened : 1;           // its opening segment was seen: no byte of it lies before the first one held
  bool checked : 1;          // its opening segment had a right checksum, so that wrong ones are no offloading sender's
  bool restart_checked : 1;  // and so had the SYN that would begin it again

  void reset() {
    acknowledged = restart = end = 0;
    has_acknowledged = has_restart = ended = opened = checked = restart_checked = false;
    urgent.reset();
  }
};

// What an undecided flow needs beyond its record. [0] from the device side, [1] to it.
struct UndecidedState {
  std::array<FirstBytes, 2> direction;
  std::array<StreamEnds, 2> ends;
  std::array<std::uint32_t, 2> bytes_forwarded;
  std::array<std::uint16_t, 2> packets_forwarded;
  ToldThreats told;
  bool handshake;  // the SYN-ACK was seen
  union {
    std::uint32_t inspected;  // place in the pool of inspected flows once a direction is full; else kNoSide
    std::uint32_t next_free;  // of a place that nobody uses
  };

  void reset() {
    for (auto& bytes : direction) bytes.reset();
    for (auto& end : ends) end.reset();
    bytes_forwarded = {};
    packets_forwarded = {};
    told.reset();
    handshake = false;
    inspected = kNoSide;
  }
};
static_assert(sizeof(UndecidedState) <= 4300, "an undecided flow costs 4.2 KiB beside its record");
using UndecidedPool = StatePool<UndecidedState>;

// What a flow needs in which threats are looked for beyond its first bytes.
struct InspectedState {
  std::array<InspectedBytes, 2> direction;
  std::array<StreamEnds, 2> ends;
  ToldThreats told;
  std::uint32_t next_free;

  void reset() {
    for (auto& bytes : direction) bytes.reset();
    for (auto& end : ends) end.reset();
    told.reset();
  }
};
using InspectedPool = StatePool<InspectedState>;

}  // namespace wardline::flow
