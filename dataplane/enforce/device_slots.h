#pragma once
#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "dataplane/address.h"
#include "dataplane/error.h"
#include "dataplane/ids.h"
#include "dataplane/large_array.h"
#include "dataplane/prefetch.h"
#include "dataplane/tick.h"

namespace wardline::enforce {

enum class Criticality : std::uint8_t { kNone, kCareSupport, kCareCritical, kLifeCritical };
enum class Mode : std::uint8_t { kInherit, kMonitor, kEnforce };
enum class Profile : std::uint8_t { kNone, kContain, kIsolate, kCutOff };  // quarantine, and the armed action

// A device slot's word: 64 bits, changed by compare-and-swap only, each change with epoch + 1.
// inherited, high bit | armed 2 | inherited, low bit | quarantine 2 | mode 2 | former class 12 | class 12 | epoch 32.
// The bits of `inherited` stood empty in earlier versions, so that a file of theirs says the same as it did.
// Unpacked the fields are as small, so that a word is handed on in one register.
struct alignas(std::uint64_t) SlotWord {
  std::uint32_t device_class : 12 = kUnidentifiedClass;
  std::uint32_t former_class : 12 = kNoClass;  // until a grace ends: allowed if either allows
  Mode mode : 2 = Mode::kInherit;              // a device may only weaken to monitor
  Profile quarantine : 2 = Profile::kNone;
  Profile armed : 2 = Profile::kNone;              // what the worker may do by itself when the threshold is reached
  Criticality inherited : 2 = Criticality::kNone;  // the highest of the devices behind it, of a serial server
  std::uint32_t epoch = 0;

  static SlotWord unpack(std::uint64_t raw) {
    const auto high = static_cast<std::uint32_t>(raw >> 32);
    const auto armed_and_inherited = (high >> 1 & 3U << 28) | (high & 1U << 28) << 2 | (high & 1U << 31);
    // The former class is inverted: zero memory = none.
    return std::bit_cast<SlotWord>(((high & 0x0fffffff) ^ std::uint32_t{kNoClass} << 12) | armed_and_inherited |
                                   raw << 32);
  }
  static ClassId class_in(std::uint64_t raw) { return static_cast<ClassId>(raw >> 32 & 0xfff); }
  std::uint64_t pack() const;

  // All but the epoch as they lie in memory, and where some of them do.
  static constexpr std::uint32_t kClass = 0xfff, kQuarantine = 3U << 26, kArmed = 3U << 28;
  std::uint32_t fields() const { return static_cast<std::uint32_t>(std::bit_cast<std::uint64_t>(*this)); }
  bool operator==(const SlotWord&) const = default;
};
static_assert(sizeof(SlotWord) == sizeof(std::uint64_t));

// Who a slot is, written by the control plane before the slot is published; lives in the mapped region so that a
// restarted daemon finds its devices again. Names are hashed because numbers belong to one policy, names to all.
struct SlotIdentity {
  std::uint64_t device_key = 0;    // hash of the device id (name_hash)
  char device_id[40] = {};         // as in records: "dev-0003b1a2c3d4" ...; zero-terminated
  std::uint64_t segment_name = 0;  // name_hash of the segment's name
  SegmentId segment = 0;
  bool by_ip = false;  // `address` identifies it (routed segments), else `mac`
  bool used = false;
  Mac mac;
  Address address;
};

// Counting toward quarantine and the undecided budget of one device. Relaxed atomics: several workers may see it.
struct SlotCold {
  // armed by the control plane
  std::atomic<std::uint16_t> threshold{0};  // distinct violations that quarantine; 0 = never
  std::atomic<std::uint16_t> within_seconds{60};
  std::atomic<bool> counts_detections_only{true};
  // counted by workers
  std::atomic<std::uint32_t> window_start{0};  // CoarseTick
  std::atomic<std::uint32_t> counted{0};
  std::array<std::atomic<std::uint64_t>, 4> seen{};  // 256-bit filter of (peer, port, app): only distinct ones count
  std::atomic<std::uint32_t> undecided_window{0};
  std::atomic<std::uint32_t> undecided_bytes{0};
  std::atomic<std::uint32_t> copies_window{0};
  std::atomic<std::uint32_t> copies{0};
  std::atomic<std::uint32_t> opening_window{0};  // when SYNs of it were copied, and what the last was: copy_opening()
};

// FNV-1a, 64 bits. Not for hash tables that a sender can fill.
std::uint64_t name_hash(std::string_view name);

// All slots and the two indices that find them. Memory is fixed at start.
//
// Slots 0 .. kMaxSegments-1 are pseudo-slots: slot s stands for every unidentified device of segment s. They are never
// armed. Real slots follow. Only the control plane allocates, releases and indexes (one thread); workers read, count
// and may quarantine.
// The words, identities and name registry live in one mapped file (tmpfs) that outlives the process, the cold halves
// in ordinary memory.
class DeviceSlots {
 public:
  static constexpr SlotId kFirstReal = kMaxSegments;

  // `path` empty: anonymous memory (tests, replay). An existing file of the same layout is taken over; one of another
  // layout or capacity is refused with an Error that says to remove it.
  static Result<std::unique_ptr<DeviceSlots>> open(const std::string& path, std::uint32_t capacity);
  ~DeviceSlots();
  DeviceSlots(const DeviceSlots&) = delete;
  DeviceSlots& operator=(const DeviceSlots&) = delete;

  // --- any thread ---
  std::uint64_t raw(SlotId slot) const { return words_[slot].load(std::memory_order_acquire); }
  SlotWord word(SlotId slot) const { return SlotWord::unpack(raw(slot)); }
  ClassId device_class(SlotId slot) const { return SlotWord::class_in(raw(slot)); }
  std::uint32_t epoch(SlotId slot) const {
    return slot == kNoSlot ? 0 : static_cast<std::uint32_t>(words_[slot].load(std::memory_order_acquire));
  }
  // For who asks many: slot by slot what raw() says. Not for kNoSlot.
  const std::atomic<std::uint64_t>* words() const { return words_; }
  bool full() const { return full_.load(std::memory_order_relaxed); }  // the last allocate() found no room
  SlotCold& cold(SlotId slot) { return cold_[slot]; }
  const SlotIdentity& identity(SlotId slot) const { return identities_[slot]; }
  SlotId find_mac(SegmentId segment, const Mac& mac) const;         // kNoSlot when unknown
  SlotId find_ip(SegmentId segment, const Address& address) const;  // identify_by: ip segments
  SlotId find_peer(const Address& address) const;                   // whose address this is, in whatever segment
  // What find_mac, find_ip and find_peer will look at, and what is read of a device that a new flow belongs to.
  void prefetch_mac(SegmentId segment, const Mac& mac) const;
  void prefetch_ip(SegmentId segment, const Address& address) const;
  void prefetch_peer(const Address& address) const;
  void prefetch(SlotId slot) const {
    fetch_line(&words_[slot]);
    fetch_line(&identities_[slot].device_key);
    fetch_line_to_write(&cold_[slot].opening_window);
  }
  // Applies `change` to the word by compare-and-swap with epoch + 1; false if `change` declined (returned false).
  template <typename Change>
  bool update(SlotId slot, Change change) {
    std::uint64_t seen = words_[slot].load(std::memory_order_acquire);
    for (;;) {
      SlotWord next = SlotWord::unpack(seen);
      if (!change(next)) return false;
      ++next.epoch;
      if (words_[slot].compare_exchange_weak(seen, next.pack(), std::memory_order_acq_rel)) return true;
    }
  }

  // --- control plane only ---
  // A slot for this device, or kNoSlot when the table is full. Publishes it in the MAC (or IP) index, and its address,
  // if it has one, as a peer address. An interface that has a slot already gets that one, unchanged.
  SlotId allocate(const SlotIdentity& identity);
  // Another interface or address that leads to the same slot, until it is released or the process ends; a binding
  // moves if another slot held it. False when the index is full.
  bool bind_mac(SegmentId segment, const Mac& mac, SlotId slot);  // bumps it too
  bool bind_peer_address(const Address& address, SlotId slot);
  void unbind_peer_address(const Address& address);
  // Takes a device out of the indices, so that it is unidentified from the next look on; its slot stays taken.
  void retire(SlotId slot);
  // Gives the slot to the next device. The caller has waited for a QSBR grace since retire(); retires it if need be.
  void release(SlotId slot);
  std::span<const SlotId> real_slots() const;           // in use, ascending; valid until the next allocate or release
  std::uint32_t capacity() const { return capacity_; }  // real slots, beside the pseudo-slots
  std::uint32_t used() const;

  // Numbers for names, kept in the mapped region; kNoClass / 0 when the registry is full.
  ClassId class_number(std::string_view name);
  SegmentId segment_number(std::string_view name);

 private:
  DeviceSlots() = default;
  bool index(SlotId slot);
  struct Impl;
  std::unique_ptr<Impl> impl_;
  std::atomic<std::uint64_t>* words_ = nullptr;
  SlotIdentity* identities_ = nullptr;
  LargeArray<SlotCold> cold_;
  std::uint32_t capacity_ = 0;
  std::atomic<bool> full_{false};
};

// Tokens for automatic quarantine; taken by workers, refilled by the control plane once an hour. A token must be had
// from each budget that applies, or nothing is taken.
class QuarantineBudgets {
 public:
  QuarantineBudgets();
  void refill(std::uint32_t site, std::uint32_t per_class, std::uint32_t per_segment);
  bool take(ClassId device_class, SegmentId segment);

 private:
  std::atomic<std::int32_t> site_{0};
  std::unique_ptr<std::array<std::atomic<std::int32_t>, 4096>> classes_, segments_;
};

}  // namespace wardline::enforce
