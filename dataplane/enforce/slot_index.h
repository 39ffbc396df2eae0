#pragma once
#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstdint>

#include "dataplane/fold.h"
#include "dataplane/ids.h"
#include "dataplane/large_array.h"
#include "dataplane/prefetch.h"

namespace wardline::enforce {

// A key of `Words` 64-bit words -> slot. Open addressing, linear probing, fixed size, in ordinary memory.
//
// One writer (the control plane), any number of readers without a lock. An entry's state word carries a generation
// that moves on each time the entry changes, so a reader that met a change while it compared the key sees it and looks
// again; no entry has to wait for a grace before it is reused. Probing is bounded, so the table may refuse an insert.
template <std::size_t Words>
class SlotIndex {
 public:
  using Key = std::array<std::uint64_t, Words>;

  // Room for `keys` keys at a load of at most one half.
  SlotIndex(std::uint32_t keys, std::uint64_t seed)
      : seed_(seed | 1),
        factor_(seed_ ^ 0x9e3779b97f4a7c15),
        mask_(std::bit_ceil(std::max(keys, 64u) * 2) - 1),
        entries_(make_large_array<Entry>(mask_ + 1)) {}

  void prefetch(const Key& key) const { fetch_line(&entries_[place_of(key)]); }

  SlotId find(const Key& key) const {
    const auto start = place_of(key);
    for (std::uint32_t i = 0; i < kMaxProbe; ++i) {
      const auto seen = look(entries_[(start + i) & mask_], key);
      if (seen >= kFirstSlot) return seen - kFirstSlot;
      if (seen == kFree) break;
    }
    return kNoSlot;
  }

  // Adds, or moves an existing key to `slot`. False when there is no room near the key's place.
  bool put(const Key& key, SlotId slot) {
    const auto start = place_of(key);
    Entry* room = nullptr;
    for (std::uint32_t i = 0; i < kMaxProbe; ++i) {
      Entry& entry = entries_[(start + i) & mask_];
      const auto state = low(entry.state.load(std::memory_order_relaxed));
      if (state != kFree && state != kTombstone) {
        if (!same(entry, key)) continue;
        set(entry, slot + kFirstSlot);
        return true;
      }
      if (room == nullptr) room = &entry;
      if (state == kFree) break;
    }
    if (room == nullptr) return false;
    // Release on each word: a reader that sees a part of the new key also sees that the entry had been let go.
    for (std::size_t w = 0; w < Words; ++w) room->key[w].store(key[w], std::memory_order_release);
    set(*room, slot + kFirstSlot);
    return true;
  }

  void erase(const Key& key) {
    const auto start = place_of(key);
    for (std::uint32_t i = 0; i < kMaxProbe; ++i) {
      const auto place = (start + i) & mask_;
      const auto state = low(entries_[place].state.load(std::memory_order_relaxed));
      if (state == kFree) return;
      if (state == kTombstone || !same(entries_[place], key)) continue;
      set(entries_[place], kTombstone);
      free_tombstones_before(place);
      return;
    }
  }

 private:
  static constexpr std::uint32_t kMaxProbe = 128;
  // Low half of a state word; the high half is the generation. Zero memory is an empty table.
  static constexpr std::uint32_t kFree = 0, kTombstone = 1, kFirstSlot = 2;

  struct Entry {
    std::atomic<std::uint64_t> state;
    std::array<std::atomic<std::uint64_t>, Words> key;
  };

  static std::uint32_t low(std::uint64_t state) { return static_cast<std::uint32_t>(state); }

  static bool same(const Entry& entry, const Key& key) {
    for (std::size_t w = 0; w < Words; ++w)
      if (entry.key[w].load(std::memory_order_acquire) != key[w]) return false;
    return true;
  }

  // Reads one entry: kTombstone where it is another key's. The control thread changes an entry far more slowly than a
  // reader looks, so the few attempts suffice; after them the entry counts as another key's.
  static std::uint32_t look(const Entry& entry, const Key& key) {
    for (int attempt = 0; attempt < 4; ++attempt) {
      const auto state = entry.state.load(std::memory_order_acquire);
      if (low(state) < kFirstSlot) return low(state);
      const bool found = same(entry, key);
      if (entry.state.load(std::memory_order_acquire) != state) continue;
      return found ? low(state) : kTombstone;
    }
    return kTombstone;
  }

  static void set(Entry& entry, std::uint32_t value) {
    const auto generation = (entry.state.load(std::memory_order_relaxed) >> 32) + 1;
    entry.state.store(generation << 32 | value, std::memory_order_release);
  }

  // Tombstones that end a run of probes serve nobody: nothing can stand behind them.
  void free_tombstones_before(std::uint64_t place) {
    if (low(entries_[(place + 1) & mask_].state.load(std::memory_order_relaxed)) != kFree) return;
    while (low(entries_[place].state.load(std::memory_order_relaxed)) == kTombstone) {
      set(entries_[place], kFree);
      place = (place - 1) & mask_;
    }
  }

  // Keyed with a secret of this process: MACs and addresses are chosen by whoever sends.
  std::uint64_t place_of(const Key& key) const {
    std::uint64_t h = seed_;
    for (const auto word : key) h = fold(word ^ h, factor_);
    return h & mask_;
  }

  const std::uint64_t seed_, factor_;
  const std::uint64_t mask_;
  LargeArray<Entry> entries_;
};

}  // namespace wardline::enforce
