#pragma once
#include <cstdint>
#include <cstring>
#include <span>

#include "dataplane/flow/flow_bucket.h"
#include "dataplane/flow/flow_key.h"
#include "dataplane/flow/flow_record.h"
#include "dataplane/flow/lazy_array.h"
#include "dataplane/prefetch.h"

namespace wardline::flow {

// Flow records of one worker and one address family: 8-way buckets of 16-bit tags beside an array of hot records and
// an array of cold ones at the same index. Own SIMD bucket table; keys live in the records.
//
// Owner: one worker, no concurrency. Memory: fixed at construction, indices instead of pointers, had from the kernel
// at the first touch. A key has two buckets; when both are full, a record of one of them moves to its other bucket, and
// when none can, the new one goes to a short overflow chain of its first bucket.
// Full: insert() returns kNoFlow and the caller applies on_failure.flow_table_full; nothing is evicted silently.
// Two records may have equal keys when they belong to different devices: `find` takes the next match by `after`. At
// most 16 + kMaxChain have equal keys, so every look-up is bounded.
template <typename Key>
class FlowTable {
 public:
  static constexpr std::uint32_t kMaxChain = 16;

  // `capacity` records; buckets are sized so that a random load of `capacity` fits (displacement plus an overflow
  // list). Throws std::bad_alloc when the address space does not suffice.
  FlowTable(std::uint32_t capacity, const HashSeed& seed);

  std::uint64_t hash(const Key& key) const { return flow::hash(key, seed_); }
  // Looking ahead, in steps between which memory has time to come: the first bucket, which nearly always has the
  // record; what `likely_first` says, and where that is nothing, the second bucket and what `likely_in` says of it.
  // Either finds a record with this hash's tag and fetches it, or says false. The caller compares keys: a record that
  // is not in use has no flow's key.
  FirstBuckets first_buckets() const { return {&buckets_[0], bucket_count_}; }
  void prefetch_first(std::uint64_t hash) const { first_buckets().fetch(hash); }
  const Bucket& prefetch_second(std::uint64_t hash) const {
    const Bucket& second = buckets_[place_of(hash).second];
    fetch_line(&second);
    return second;
  }
  bool likely_first(std::uint64_t hash, FlowIndex& index) const {
    return likely_in(buckets_[first_bucket(hash)], hash, index);
  }
  // The same for up to 32 hashes whose first buckets are known; a bit for each that finds nothing.
  std::uint32_t likely_first(std::span<const std::uint64_t> hashes, const Bucket* const* buckets,
                             FlowIndex* indices) const;
  bool likely_in(const Bucket& bucket, std::uint64_t hash, FlowIndex& index) const {
    return find_tag(bucket, tag_of(hash), &hot_[0], index);
  }

  FlowIndex find(const Key& key, std::uint64_t hash) const;
  // The next record of an equal key after `after`; kNoFlow when there is none.
  FlowIndex find_next(const Key& key, std::uint64_t hash, FlowIndex after) const;
  // A zeroed record with this key (its generation moved on), or kNoFlow when the table or its bucket is full. May move
  // entries between buckets, so a walk by find_next() begins again.
  FlowIndex insert(const Key& key, std::uint64_t hash);
  // Requires: occupied(index), and that the record's key is the one it was inserted with; `hash` is that key's.
  void erase(FlowIndex index, std::uint64_t hash);
  void erase(FlowIndex index) { erase(index, hash(hot_[index].key)); }

  void prefetch_cold(FlowIndex index) const { fetch_line_to_write(&cold_[index]); }
  // Both halves of a record, and whether it is occupied.
  void prefetch(FlowIndex index) const {
    fetch_line_to_write(&occupied_[index / 64]);
    const auto* record = &hot_[index];
    fetch_line_to_write(record);
    if constexpr (sizeof(HotRecord<Key>) > 64) fetch_line_to_write(reinterpret_cast<const char*>(record) + 64);
    fetch_line_to_write(&cold_[index]);
  }

  HotRecord<Key>& hot(FlowIndex index) { return hot_[index]; }
  ColdRecord& cold(FlowIndex index) { return cold_[index]; }
  const HotRecord<Key>& hot(FlowIndex index) const { return hot_[index]; }
  const ColdRecord& cold(FlowIndex index) const { return cold_[index]; }
  bool occupied(FlowIndex index) const { return (occupied_[index / 64] >> (index % 64) & 1) != 0; }

  std::uint32_t size() const { return size_; }
  std::uint32_t capacity() const { return capacity_; }
  std::size_t memory_bytes() const;                         // when all of it is touched
  std::uint32_t overflowed() const { return overflowed_; }  // records that live in the overflow list

 private:
  struct Place {
    std::uint32_t first, second;
    std::uint16_t tag;
  };
  struct Overflow {
    FlowIndex record;
    std::uint32_t next;  // place + 1; 0 ends the chain
    std::uint16_t tag;
  };

  std::uint32_t first_bucket(std::uint64_t hash) const { return first_buckets().number_of(hash); }
  Place place_of(std::uint64_t hash) const {
    const auto tag = tag_of(hash);
    const auto first = first_bucket(hash);
    return {first, other_bucket(first, tag), tag};
  }
  // The two buckets of a tag add up to a number that follows from the tag, so either gives the other: a record is moved
  // without a look at its key.
  std::uint32_t other_bucket(std::uint32_t bucket, std::uint16_t tag) const {
    const auto sum = static_cast<std::uint32_t>(std::uint64_t{tag * 0x9e3779b1u} * bucket_count_ >> 32);
    return sum >= bucket ? sum - bucket : sum + bucket_count_ - bucket;
  }
  bool same_key(FlowIndex index, const Key& key) const { return std::memcmp(&hot_[index].key, &key, sizeof key) == 0; }

  static bool find_tag(const Bucket& ways, std::uint16_t tag, const HotRecord<Key>* records, FlowIndex& index);
  FlowIndex find_in(std::uint32_t bucket, std::uint16_t tag, const Key& key) const;
  FlowIndex find_in_chain(std::uint32_t bucket, std::uint16_t tag, const Key& key) const;
  bool link(std::uint64_t hash, FlowIndex index);
  bool link_beside(const Place& place, FlowIndex index);
  static void put(Bucket& bucket, std::uint32_t free_ways, std::uint16_t tag, FlowIndex index);
  bool make_room(std::uint32_t bucket);
  bool chain(const Place& place, FlowIndex index);
  void unlink(std::uint64_t hash, FlowIndex index);
  bool unlink_from(std::uint32_t bucket, std::uint16_t tag, FlowIndex index);
  void unchain(std::uint32_t bucket, FlowIndex index);
  void refill_from_chain(std::uint32_t bucket);

  HashSeed seed_;
  std::uint32_t capacity_, bucket_count_;
  std::uint32_t size_ = 0, overflowed_ = 0;
  std::uint32_t fresh_ = 0;                               // records from here on were never used
  FlowIndex free_ = kNoFlow;                              // used ones, linked by ColdRecord::side
  std::uint32_t overflow_fresh_ = 0, overflow_free_ = 0;  // as above; place + 1
  LazyArray<Bucket> buckets_;
  LazyArray<HotRecord<Key>> hot_;
  LazyArray<ColdRecord> cold_;
  LazyArray<std::uint64_t> occupied_;
  LazyArray<Overflow> overflow_;
};

template <typename Key>
inline FlowIndex FlowTable<Key>::find_in(std::uint32_t bucket, std::uint16_t tag, const Key& key) const {
  const Bucket& ways = buckets_[bucket];
  for (auto hits = ways.matching(tag); hits != 0; hits &= hits - 1) {
    const auto index = ways.records[way_of(hits)];
    if (same_key(index, key)) return index;
  }
  return kNoFlow;
}

template <typename Key>
inline FlowIndex FlowTable<Key>::find(const Key& key, std::uint64_t hash) const {
  const auto place = place_of(hash);
  if (const auto index = find_in(place.first, place.tag, key); index != kNoFlow) return index;
  if (const auto index = find_in(place.second, place.tag, key); index != kNoFlow) return index;
  if (buckets_[place.first].chain == 0) [[likely]]
    return kNoFlow;
  return find_in_chain(place.first, place.tag, key);
}

template <typename Key>
inline bool FlowTable<Key>::find_tag(const Bucket& ways, std::uint16_t tag, const HotRecord<Key>* records,
                                     FlowIndex& index) {
  const auto hits = ways.two_for_each(tag);
  if (hits == 0) return false;
  index = ways.records[way_of(hits)];
  const auto* record = &records[index];
  fetch_line_to_write(record);
  if constexpr (sizeof(HotRecord<Key>) > 64) fetch_line_to_write(reinterpret_cast<const char*>(record) + 64);
  return true;
}

template <typename Key>
inline std::uint32_t FlowTable<Key>::likely_first(std::span<const std::uint64_t> hashes, const Bucket* const* buckets,
                                                  FlowIndex* indices) const {
  const HotRecord<Key>* const records = &hot_[0];  // its own: a store to `indices` might otherwise be one to the table
  std::uint32_t nothing = 0;
  for (std::size_t i = 0; i < hashes.size(); ++i)
    if (!find_tag(*buckets[i], tag_of(hashes[i]), records, indices[i])) [[unlikely]]
      nothing |= std::uint32_t{1} << i;
  return nothing;
}

using FlowTable4 = FlowTable<FlowKey4>;
using FlowTable6 = FlowTable<FlowKey6>;
extern template class FlowTable<FlowKey4>;
extern template class FlowTable<FlowKey6>;

}  // namespace wardline::flow
