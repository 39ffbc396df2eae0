#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "dataplane/events.h"
#include "dataplane/flow/flow_record.h"
#include "dataplane/flow/lazy_array.h"
#include "dataplane/tick.h"

namespace wardline::work {

// Final flow records and violations that are more than the control plane can take one by one, added up. A sum is of one
// device, application and outcome, and of one peer and one port of the server while its bucket has room for that; then
// of several, so that a scan ends up in one sum. Devices of a segment that are not identified share sums when they are
// too many for sums of their own.
//
// A sum is told when its period is over, or earlier when its place is needed. Owner: one worker. A flow that is added
// touches three cache lines, the bucket's tags and its sum; memory is touched only while something is added up.
class EventSums {
 public:
  EventSums(std::uint32_t sums, std::uint64_t seed);  // `sums` is a power of two, at least kPlaces

  // What events have in common that are added to one sum, in whole words: what is compared and hashed right after it
  // was put together from single bytes would wait for each of them.
  struct Group {
    std::array<std::uint64_t, 6> words;  // address, MAC and segment, slot and rule, policy and classes, kinds
    std::uint32_t more_kinds;

    bool operator==(const Group& other) const { return is_made_of(other.words, other.more_kinds); }
    bool is_made_of(const std::array<std::uint64_t, 6>& its, std::uint32_t its_kinds) const {
      const auto device = (words[0] ^ its[0]) | (words[1] ^ its[1]) | (words[2] ^ its[2]) | (words[3] ^ its[3]);
      return (device | (words[4] ^ its[4]) | (words[5] ^ its[5]) | (more_kinds ^ its_kinds)) == 0;
    }
  };

  // What one event brings to its sum.
  struct Share {
    Address peer_ip;
    std::uint16_t server_port, client_port;
    bool payload_from_device;
    CoarseTick first_seen, last_seen;
    std::array<std::uint64_t, 2> packets, bytes;  // as in a sum

    bool operator==(const Share&) const = default;
  };
  static Share share_of(const Event& event);

  // Which sum an event belongs to, and the hashes that this is looked for by.
  struct Sought {
    Group group;
    std::uint64_t hash;
    std::uint32_t one_tag;
  };

  // What a flow's record does not say of it.
  struct Surroundings {
    std::uint8_t bundle;
    ClassId device_class;
    bool facts_unknown;
  };

  // An event is added in two or three steps, so that memory has time to come between them: seek() fetches the tags of
  // its bucket, prefetch() the sum that they lead to. Of a flow's end no event need be made.
  void seek(const Event& event, Sought& sought) const;
  template <typename Key>
  void seek_end(const flow::HotRecord<Key>& hot, const flow::ColdRecord& cold, const flow::Endpoints& ends,
                const Surroundings& around, Sought& sought) const;
  void prefetch(const Sought& sought) const;

  // `tell(event)` is called where a sum must give way, and says whether it was taken; `lose(event)` where it was not.
  template <typename Tell, typename Lose>
  void add(const Share& share, const Sought& sought, Tick now, Tell tell, Lose lose) {
    const auto [entry, is_one] = place_in_bucket(sought, share);
    if (is_one) [[likely]]
      return count(*entry, share, coarse(now));
    if (entry != nullptr) return add_to(*entry, sought, share, coarse(now));
    const Place place = place_beside(sought, share, coarse(now));
    if (place.gives_way) {
      const Event former = event_of(*place.entry, now);
      if (!tell(former)) lose(former);
      release(*place.entry);
    }
    add_to(*place.entry, place.sought, share, coarse(now), place.several_devices);
  }

  // Tells sums that are older than the period. One that was not taken stays, and is added to.
  template <typename Tell>
  void sweep(Tick now, Tell tell) {
    constexpr int kPerTick = 32;
    if (in_use_ == 0 || swept_ == coarse(now)) return;
    swept_ = coarse(now);
    for (int i = 0; i < kPerTick; ++i) {
      Entry& entry = entries_[cursor_++ & (entries_.size() - 1)];
      if (entry.flows != 0 && age(swept_, entry.since) >= kPeriod && tell(event_of(entry, now))) release(entry);
    }
  }

  // Tells all; false where one was not taken.
  template <typename Tell>
  bool flush(Tick now, Tell tell) {
    for (std::size_t i = 0; i < entries_.size() && in_use_ != 0; ++i) {
      if (entries_[i].flows == 0) continue;
      if (!tell(event_of(entries_[i], now))) return false;
      release(entries_[i]);
    }
    return true;
  }

  std::size_t capacity() const { return entries_.size(); }
  std::size_t memory_bytes() const { return entries_.bytes() + tags_.bytes(); }

 private:
  static constexpr std::size_t kPlaces = 4;  // of a bucket
  static constexpr CoarseTick kPeriod = coarse_duration(10 * kSecond);

  struct Entry {
    std::array<std::uint64_t, 6> group_words;
    std::uint32_t group_more_kinds;
    std::uint32_t flows;  // 0: free
    Address peer_ip;      // of the first event
    std::uint16_t server_port, client_port;
    Several several;
    bool payload_from_device;
    CoarseTick since, first_seen, last_seen;
    std::array<std::uint64_t, 2> packets, bytes;  // each way; packets[0] of violations: those that were blocked

    bool is_of(const Group& group) const { return group.is_made_of(group_words, group_more_kinds); }
  };
  static_assert(sizeof(Entry) == 128, "two cache lines");

  // What the sums of a bucket are looked for by, so that only the right one is looked at: hashes of which those of
  // other groups or peers differ nearly always. Half a cache line.
  struct alignas(32) Tags {
    std::array<std::uint32_t, kPlaces> groups;  // 0: free
    std::array<std::uint32_t, kPlaces> ones;    // of the peer and the port; 0: a sum of several
  };

  // What the tags of a bucket say: where the sum of just this peer and port is, and where the event goes if there is
  // none (a free place, else a sum of its group, best one of several). kPlaces: nowhere.
  struct Candidates {
    std::size_t one, other;
  };

  // Null where the bucket is full of other groups. `is_one`: the sum is of just this peer and port.
  struct Found {
    Entry* entry;
    bool is_one;
  };

  // Where an event is added that its bucket has no place for, and what is sought there.
  struct Place {
    Entry* entry;
    Sought sought;
    bool several_devices;
    bool gives_way;  // the sum there is of another group
  };

  static Group group_of(const Event& event);
  static Event event_of(const Entry& entry, Tick now);
  std::uint64_t hash_of(const Group& group) const;
  std::uint32_t one_tag_of(const Address& peer, std::uint16_t server_port) const;
  void seek(const Address& peer, std::uint16_t server_port, Sought& sought) const;
  static Candidates candidates(const Tags& tags, const Sought& sought);
  Found place_in_bucket(const Sought& sought, const Share& share);
  Place place_beside(const Sought& sought, const Share& share, CoarseTick now);
  void add_to(Entry& entry, const Sought& sought, const Share& share, CoarseTick now, bool several_devices = false);
  void count(Entry& entry, const Share& share, CoarseTick now);
  std::size_t bucket_of(std::uint64_t hash) const { return hash & (tags_.size() - 1); }
  static std::uint32_t group_tag(const Sought& sought) { return static_cast<std::uint32_t>(sought.hash >> 32) | 1; }
  std::uint32_t& group_tag_of(const Entry& entry) { return tags_of(entry).groups[place_of(entry)]; }
  std::uint32_t& one_tag_of(const Entry& entry) { return tags_of(entry).ones[place_of(entry)]; }
  Tags& tags_of(const Entry& entry) { return tags_[static_cast<std::size_t>(&entry - &entries_[0]) / kPlaces]; }
  std::size_t place_of(const Entry& entry) const { return static_cast<std::size_t>(&entry - &entries_[0]) % kPlaces; }
  void release(Entry& entry) {
    group_tag_of(entry) = 0;
    entry.flows = 0;
    --in_use_;
  }

  flow::LazyArray<Entry> entries_;
  flow::LazyArray<Tags> tags_;  // one for each bucket of entries
  std::uint64_t seed_;
  std::uint32_t in_use_ = 0;
  std::size_t cursor_ = 0;
  CoarseTick swept_ = 0;
};

// How many may be told one by one in a second.
class TellBudget {
 public:
  explicit TellBudget(std::uint32_t each_second) : each_second_(each_second), left_(each_second) {}
  bool has(std::size_t count, CoarseTick now) const { return (renewed(now) ? each_second_ : left_) >= count; }
  bool take(CoarseTick now) {
    if (renewed(now)) {
      since_ = now;
      left_ = each_second_;
    }
    if (left_ == 0) return false;
    --left_;
    return true;
  }

 private:
  bool renewed(CoarseTick now) const { return age(now, since_) >= coarse_duration(kSecond); }

  std::uint32_t each_second_, left_;
  CoarseTick since_ = 0;
};

}  // namespace wardline::work
