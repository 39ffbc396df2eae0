#pragma once
#include <cstdint>
#include <memory>
#include <span>

#include "dataplane/flow/flow_key.h"
#include "dataplane/flow/flow_record.h"

namespace wardline::flow {

// Flow records of one worker and one address family: 8-way buckets of 16-bit tags beside an array of hot records and
// an array of cold ones at the same index. Own SIMD bucket table; keys live in the records.
//
// Owner: one worker, no concurrency. Memory: fixed at construction, indices instead of pointers.
// Full: insert() returns kNoFlow and the caller applies on_failure.flow_table_full; nothing is evicted silently.
// Two records may have equal keys when they belong to different devices: `find` takes the next match by `after`.
template <typename Key>
class FlowTable {
 public:
  // `capacity` records; buckets are sized so that a random load of `capacity` fits (displacement plus an overflow list).
  FlowTable(std::uint32_t capacity, const HashSeed& seed);
  ~FlowTable();
  FlowTable(FlowTable&&) noexcept;

  std::uint64_t hash(const Key& key) const;
  void prefetch_bucket(std::uint64_t hash) const;
  // Likely record of this hash, for prefetching; touches the bucket only.
  void prefetch_record(std::uint64_t hash) const;

  FlowIndex find(const Key& key, std::uint64_t hash) const;
  // The next record of an equal key after `after`; kNoFlow when there is none.
  FlowIndex find_next(const Key& key, std::uint64_t hash, FlowIndex after) const;
  // A zeroed record with this key (its generation moved on), or kNoFlow when the table or its bucket is full.
  FlowIndex insert(const Key& key, std::uint64_t hash);
  void erase(FlowIndex index);

  HotRecord<Key>& hot(FlowIndex index);
  ColdRecord& cold(FlowIndex index);
  const HotRecord<Key>& hot(FlowIndex index) const;
  const ColdRecord& cold(FlowIndex index) const;
  bool occupied(FlowIndex index) const;

  std::uint32_t size() const;
  std::uint32_t capacity() const;
  std::size_t memory_bytes() const;
  std::uint32_t overflowed() const;  // records that live in the overflow list

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

using FlowTable4 = FlowTable<FlowKey4>;
using FlowTable6 = FlowTable<FlowKey6>;
extern template class FlowTable<FlowKey4>;
extern template class FlowTable<FlowKey6>;

}  // namespace wardline::flow
