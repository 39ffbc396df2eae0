#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dataplane/address.h"
#include "dataplane/batch.h"
#include "dataplane/flow/lazy_array.h"
#include "dataplane/fragments/fragment.h"
#include "dataplane/ids.h"
#include "dataplane/tick.h"

namespace wardline::fragments {

// What fragments of one datagram have in common (RFC 791, 3.2; RFC 8200, 4.5, where `proto` is left 0: only the first
// fragment's counts).
struct DatagramKey {
  Address source, target;
  std::uint32_t id = 0;
  SegmentId segment = kUnknownSegment;
  std::uint8_t proto = 0;
  Side side = Side::kDevice;
  bool v6 = false;
  bool operator==(const DatagramKey&) const = default;
};

// Fragments held as copies until their datagram is whole, refused or over its time, and copies that may go and wait for
// room in a batch. Fixed memory, touched as it is used. Owner: one worker.
//
// A datagram ends in one of four ways: all of its pieces are released or discarded and it is erased; or what still
// comes of it is refused, or let go unheld, until its time is over.
class FragmentQueue {
 public:
  static constexpr std::uint32_t kDatagramsOfDevice = 64;
  static constexpr std::size_t kMaxPieces = 64;
  static constexpr Tick kHoldTime = kSecond;
  static constexpr std::uint32_t kNone = 0xffffffff;

  // `buffer_bytes`: the longest frame that can be held.
  FragmentQueue(std::uint32_t buffers, std::uint32_t buffer_bytes);

  enum class Answer : std::uint8_t {
    kHeld,       // copied
    kWhole,      // copied, and it was the last one that was missing
    kDuplicate,  // of a piece that is held, byte for byte
    kOverlap,    // over a piece that is held, or beyond the datagram's end
    kTooMany,    // one piece more than kMaxPieces
    kNoRoom,     // no buffer, or the device has its share; `datagram` is kNone if nothing of it is held
    kRefused,    // its datagram was refused before
    kLetGo,      // its datagram was let go before
  };
  struct Offered {
    Answer answer;
    std::uint32_t datagram = kNone;
  };
  // `device` is the number of who sends or gets it, whose share it takes. Requires: fragment.in_bounds().
  Offered offer(const DatagramKey& key, std::uint64_t device, const Fragment& fragment, const Frame& frame, Tick now);

  // --- what is held of a datagram, in the order it came ---
  struct Piece {
    std::span<const std::byte> frame;
    std::uint8_t pair;
    Side side;
  };
  std::size_t pieces(std::uint32_t datagram) const { return datagrams_[datagram].count; }
  Piece piece(std::uint32_t datagram, std::size_t i) const;
  // The datagram as one packet with the headers of its first fragment, written into the queue's own scratch: stands
  // until the next call. Empty if it cannot be one. Requires: it is whole.
  std::span<const std::byte> put_together(std::uint32_t datagram);

  // --- and what becomes of it: release or discard each piece once, in order, then one of the last three ---
  void release(std::uint32_t datagram, std::size_t i);
  void discard(std::uint32_t datagram, std::size_t i);
  void erase(std::uint32_t datagram);
  void refuse(std::uint32_t datagram, Reason reason);
  void let_go(std::uint32_t datagram);
  Reason refused_for(std::uint32_t datagram) const { return datagrams_[datagram].refused_for; }

  // The oldest datagram if its time is over, else kNone.
  std::uint32_t overdue(Tick now) const;

  // Frees what the last call gave and gives what was released since, as much as fits. Returns how many.
  std::size_t take_released(std::span<ReleasedFrame> into);
  // Nothing is held, and nothing that was released waits.
  bool empty() const { return in_use_ == 0; }

 private:
  enum class State : std::uint8_t { kGathering, kRefused, kLetGo };
  struct Buffer {
    std::uint32_t next = kNone;  // of the free list, or of those released
    std::uint32_t frame_length = 0;
    std::uint32_t data_at = 0, data_length = 0, offset = 0;
    std::uint8_t pair = 0;
    Side side = Side::kDevice;
    bool more = false;
  };
  struct Datagram {
    DatagramKey key;
    std::uint64_t device = 0;
    Tick deadline = 0;
    std::uint32_t next = kNone;                  // of the device's bucket, or of the free list
    std::uint32_t older = kNone, newer = kNone;  // all have the same time, so this order is that of their ends
    std::uint32_t end = 0;                       // of the data; 0: not known yet
    std::uint32_t bytes = 0;                     // of the data, held
    std::uint8_t count = 0;
    State state = State::kGathering;
    Reason refused_for = Reason::kNone;
    std::array<std::uint32_t, kMaxPieces> pieces;
  };
  struct OfDevice {
    std::uint32_t same = kNone;  // the datagram itself
    std::uint32_t datagrams = 0, buffers = 0;
  };

  std::uint32_t bucket_of(std::uint64_t device) const;
  OfDevice survey(const DatagramKey& key, std::uint64_t device) const;
  std::uint32_t begin(const DatagramKey& key, std::uint64_t device, Tick now);
  Answer place(const Datagram& datagram, const Fragment& fragment) const;
  std::span<const std::byte> data_of(std::uint32_t buffer) const;
  std::span<const std::byte> frame_of(std::uint32_t buffer) const;
  void free_buffer(std::uint32_t buffer);

  const std::uint32_t buffer_bytes_, buffers_of_device_;
  std::uint64_t seed_;
  flow::LazyArray<std::byte> bytes_;
  std::vector<Buffer> buffers_;
  std::vector<Datagram> datagrams_;
  std::vector<std::uint32_t> buckets_;  // of devices: first datagram
  std::uint32_t free_buffer_ = kNone, free_datagram_ = kNone;
  std::uint32_t oldest_ = kNone, newest_ = kNone;
  std::uint32_t released_ = kNone, last_released_ = kNone;  // wait for a batch
  std::array<std::uint32_t, Batch::kMaxReleased> given_{};  // in the last batch
  std::size_t given_count_ = 0;
  std::uint32_t in_use_ = 0;  // buffers
  std::vector<std::byte> whole_;
};

}  // namespace wardline::fragments
