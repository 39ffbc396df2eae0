#include "dataplane/flow/flow_table.h"

#include <algorithm>

namespace wardline::flow {
namespace {

// Three quarters of the ways at capacity: with two buckets to choose from and one step of displacement, next to nothing
// overflows (the bench counts it).
std::uint32_t buckets_for(std::uint32_t capacity) {
  return capacity / 6 + 2;
}
std::uint32_t overflow_for(std::uint32_t capacity) {
  return capacity / 64 + 16;
}

}  // namespace

template <typename Key>
FlowTable<Key>::FlowTable(std::uint32_t capacity, const HashSeed& seed)
    : seed_(seed),
      capacity_(capacity),
      bucket_count_(buckets_for(capacity)),
      buckets_(bucket_count_),
      hot_(capacity),
      cold_(capacity),
      occupied_((std::size_t{capacity} + 63) / 64),
      overflow_(overflow_for(capacity)) {}

template <typename Key>
std::size_t FlowTable<Key>::memory_bytes() const {
  return buckets_.bytes() + hot_.bytes() + cold_.bytes() + occupied_.bytes() + overflow_.bytes();
}

template <typename Key>
FlowIndex FlowTable<Key>::find_in_chain(std::uint32_t bucket, std::uint16_t tag, const Key& key) const {
  for (auto node = buckets_[bucket].chain; node != 0; node = overflow_[node - 1].next) {
    const auto& entry = overflow_[node - 1];
    if (entry.tag == tag && same_key(entry.record, key)) return entry.record;
  }
  return kNoFlow;
}

// Walks in the same order as find(): first bucket, second bucket, chain.
template <typename Key>
FlowIndex FlowTable<Key>::find_next(const Key& key, std::uint64_t hash, FlowIndex after) const {
  const auto place = place_of(hash);
  bool passed = false;
  const auto take = [&](FlowIndex index) {
    if (passed) return same_key(index, key);
    passed = index == after;
    return false;
  };
  for (const auto bucket : {place.first, place.second}) {
    const Bucket& ways = buckets_[bucket];
    for (auto hits = ways.matching(place.tag); hits != 0; hits &= hits - 1)
      if (const auto index = ways.records[way_of(hits)]; take(index)) return index;
    if (place.first == place.second) break;
  }
  for (auto node = buckets_[place.first].chain; node != 0; node = overflow_[node - 1].next) {
    const auto& entry = overflow_[node - 1];
    if (entry.tag == place.tag && take(entry.record)) return entry.record;
  }
  return kNoFlow;
}

template <typename Key>
FlowIndex FlowTable<Key>::insert(const Key& key, std::uint64_t hash) {
  if (size_ == capacity_) return kNoFlow;
  const auto index = free_ != kNoFlow ? free_ : fresh_;
  if (!link(hash, index)) return kNoFlow;
  auto& hot = hot_[index];
  auto& cold = cold_[index];
  if (index == fresh_)
    ++fresh_;
  else
    free_ = cold.side;
  occupied_[index / 64] |= std::uint64_t{1} << (index % 64);
  ++size_;
  const auto generation = static_cast<std::uint16_t>(cold.generation + 1);
  std::memset(static_cast<void*>(&hot), 0, sizeof hot);
  hot.key = key;
  cold = ColdRecord{.first_seen = 0, .rule = 0, .side = 0, .app = 0, .generation = generation};
  return index;
}

// The first bucket while it has room: so nearly every look-up touches one line. At capacity one record in 17 lies in
// its second bucket.
template <typename Key>
inline bool FlowTable<Key>::link(std::uint64_t hash, FlowIndex index) {
  Bucket& first = buckets_[first_bucket(hash)];
  const auto free = first.two_for_each(0);
  if (free == 0) [[unlikely]]
    return link_beside(place_of(hash), index);
  put(first, free, tag_of(hash), index);
  return true;
}

// Where the first bucket is full.
template <typename Key>
bool FlowTable<Key>::link_beside(const Place& place, FlowIndex index) {
  auto bucket = place.second;
  if (buckets_[bucket].full()) {
    if (make_room(place.first))
      bucket = place.first;
    else if (!make_room(place.second))
      return chain(place, index);
  }
  put(buckets_[bucket], buckets_[bucket].matching(0), place.tag, index);
  return true;
}

template <typename Key>
void FlowTable<Key>::put(Bucket& bucket, std::uint32_t free_ways, std::uint16_t tag, FlowIndex index) {
  const auto way = way_of(free_ways);
  bucket.tags[way] = tag;
  bucket.records[way] = index;
}

// Moves one record of a full bucket to that record's other bucket, if one of the eight can.
template <typename Key>
bool FlowTable<Key>::make_room(std::uint32_t bucket) {
  Bucket& full = buckets_[bucket];
  for (std::uint32_t way = 0; way < Bucket::kWays; ++way) {
    Bucket& other = buckets_[other_bucket(bucket, full.tags[way])];
    const auto free = other.matching(0);
    if (free == 0) continue;
    other.tags[way_of(free)] = full.tags[way];
    other.records[way_of(free)] = full.records[way];
    full.tags[way] = 0;
    return true;
  }
  return false;
}

template <typename Key>
bool FlowTable<Key>::chain(const Place& place, FlowIndex index) {
  std::uint32_t length = 0;
  for (auto node = buckets_[place.first].chain; node != 0; node = overflow_[node - 1].next) ++length;
  if (length >= kMaxChain) return false;
  auto node = overflow_free_;
  if (node != 0)
    overflow_free_ = overflow_[node - 1].next;
  else if (overflow_fresh_ < overflow_.size())
    node = ++overflow_fresh_;
  else
    return false;
  overflow_[node - 1] = {index, buckets_[place.first].chain, place.tag};
  buckets_[place.first].chain = node;
  ++overflowed_;
  return true;
}

template <typename Key>
void FlowTable<Key>::erase(FlowIndex index, std::uint64_t hash) {
  unlink(hash, index);
  occupied_[index / 64] &= ~(std::uint64_t{1} << (index % 64));
  --size_;
  auto& cold = cold_[index];
  cold.side = free_;
  free_ = index;
  std::memset(&hot_[index].key, 0xff, sizeof(Key));  // no flow's: who looked ahead does not take it for one
}

template <typename Key>
inline void FlowTable<Key>::unlink(std::uint64_t hash, FlowIndex index) {
  const auto first = first_bucket(hash);
  const auto tag = tag_of(hash);
  if (unlink_from(first, tag, index)) [[likely]]
    return;
  if (!unlink_from(other_bucket(first, tag), tag, index)) unchain(first, index);
}

template <typename Key>
inline bool FlowTable<Key>::unlink_from(std::uint32_t bucket, std::uint16_t tag, FlowIndex index) {
  Bucket& ways = buckets_[bucket];
  for (auto hits = ways.matching(tag); hits != 0; hits &= hits - 1) {
    if (ways.records[way_of(hits)] != index) continue;
    ways.tags[way_of(hits)] = 0;
    if (ways.chain != 0) [[unlikely]]
      refill_from_chain(bucket);
    return true;
  }
  return false;
}

template <typename Key>
void FlowTable<Key>::unchain(std::uint32_t bucket, FlowIndex index) {
  for (auto* link = &buckets_[bucket].chain; *link != 0; link = &overflow_[*link - 1].next) {
    const auto node = *link;
    if (overflow_[node - 1].record != index) continue;
    *link = overflow_[node - 1].next;
    overflow_[node - 1].next = overflow_free_;
    overflow_free_ = node;
    --overflowed_;
    return;
  }
}

// A way came free: the head of the bucket's chain moves in.
template <typename Key>
void FlowTable<Key>::refill_from_chain(std::uint32_t bucket) {
  Bucket& ways = buckets_[bucket];
  const auto node = ways.chain;
  const auto way = way_of(ways.matching(0));
  ways.tags[way] = overflow_[node - 1].tag;
  ways.records[way] = overflow_[node - 1].record;
  ways.chain = overflow_[node - 1].next;
  overflow_[node - 1].next = overflow_free_;
  overflow_free_ = node;
  --overflowed_;
}

template class FlowTable<FlowKey4>;
template class FlowTable<FlowKey6>;

}  // namespace wardline::flow
