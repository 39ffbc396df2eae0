#include "dataplane/work/event_sums.h"

#include <emmintrin.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>

#include "dataplane/enforce/device_slots.h"
#include "dataplane/fold.h"
#include "dataplane/prefetch.h"
#include "dataplane/words.h"

namespace wardline::work {

namespace {

enum Flag : std::uint8_t { kEssential = 1, kFactsUnknown = 2 };

// What was decided of a flow and how, as HotRecord has it from `verdict` to `app_state` in memory, without what does
// not tell flows apart.
constexpr unsigned kVerdict = 0, kDropped = 5, kGuessed = 6, kOpenedBy = 11, kAppState = 13;  // the lowest bits
constexpr std::uint16_t kDecided = 0b11111000'01100011;

std::uint16_t decided_of(const Event& event) {
  return static_cast<std::uint16_t>(
      static_cast<unsigned>(event.verdict) << kVerdict | static_cast<unsigned>(event.applied_drop) << kDropped |
      static_cast<unsigned>(event.guessed) << kGuessed | static_cast<unsigned>(event.opened_by) << kOpenedBy |
      static_cast<unsigned>(event.app_state) << kAppState);
}

std::uint64_t word_at(const void* bytes, std::size_t offset) {
  std::uint64_t word;
  std::memcpy(&word, static_cast<const std::byte*>(bytes) + offset, sizeof word);
  return word;
}

// As it lies in memory.
std::uint64_t number_of(const Mac& mac) {
  std::uint32_t low;
  std::uint16_t high;
  std::memcpy(&low, mac.bytes.data(), sizeof low);
  std::memcpy(&high, mac.bytes.data() + sizeof low, sizeof high);
  return std::uint64_t{high} << 32 | low;
}
Mac mac_of(std::uint64_t number) {
  Mac mac;
  std::memcpy(mac.bytes.data(), &number, mac.bytes.size());
  return mac;
}

constexpr std::uint64_t kSegmentBits = std::uint64_t{0xffff} << 48;

bool opened_by_peer(const Event& event) {
  return event.opened_by == flow::OpenedBy::kPeer;
}
SlotId slot_of(const EventSums::Group& group) {
  return static_cast<SlotId>(group.words[3]);
}

}  // namespace

EventSums::EventSums(std::uint32_t sums, std::uint64_t seed) : entries_(sums), tags_(sums / kPlaces), seed_(seed | 1) {}

EventSums::Group EventSums::group_of(const Event& event) {
  const auto flags =
      static_cast<std::uint8_t>((event.essential ? kEssential : 0) | (event.facts_unknown ? kFactsUnknown : 0));
  return {{word_at(&event.device_ip, 0), word_at(&event.device_ip, 8),
           number_of(event.device_mac) | std::uint64_t{event.segment} << 48, in_word(event.slot, event.rule),
           in_word(event.policy_epoch, in_half(event.app, event.device_class)),
           in_word(in_half(event.ethertype, decided_of(event)),
                   in_half(in_quarter(event.kind, event.side), in_quarter(event.bundle, event.proto)))},
          in_half(in_quarter(event.reason, event.step), flags)};
}

inline std::uint64_t EventSums::hash_of(const Group& group) const {
  const auto& words = group.words;
  const auto device = multiply(words[0] ^ words[2] ^ seed_, words[1] ^ words[3] ^ ~seed_);
  return fold(device.low ^ words[4] ^ group.more_kinds ^ seed_, device.high ^ words[5] ^ ~seed_);
}

inline std::uint32_t EventSums::one_tag_of(const Address& peer, std::uint16_t server_port) const {
  const auto hash = fold(word_at(&peer, 0) ^ server_port ^ seed_, word_at(&peer, 8) ^ ~seed_);
  return static_cast<std::uint32_t>(hash >> 32) | 1;
}

// Requires: sought.group.
inline void EventSums::seek(const Address& peer, std::uint16_t server_port, Sought& sought) const {
  sought.hash = hash_of(sought.group);
  fetch_line_to_write(&tags_[bucket_of(sought.hash)]);
  sought.one_tag = one_tag_of(peer, server_port);
}

void EventSums::seek(const Event& event, Sought& sought) const {
  sought.group = group_of(event);
  seek(event.peer_ip, opened_by_peer(event) ? event.device_port : event.peer_port, sought);
}

// What seek() says of the flow's last event, read from the record in whole words.
template <typename Key>
void EventSums::seek_end(const flow::HotRecord<Key>& hot, const flow::ColdRecord& cold, const flow::Endpoints& ends,
                         const Surroundings& around, Sought& sought) const {
  using Hot = flow::HotRecord<Key>;
  static_assert(offsetof(Hot, device_mac) == sizeof(Key) && offsetof(Hot, device_slot) == sizeof(Key) + 8 &&
                offsetof(Hot, peer_slot) == sizeof(Key) + 11 && offsetof(Hot, reason) == sizeof(Key) + 14);
  const auto mac_and_decided = word_at(&hot, sizeof(Key)), slots_and_why = word_at(&hot, sizeof(Key) + 8);
  const auto mac = mac_and_decided & 0xffff'ffff'ffff;
  const auto decided = static_cast<std::uint16_t>(mac_and_decided >> 48 & kDecided);
  const auto slot = static_cast<SlotId>(slots_and_why & 0xff'ffff);
  const auto reason_and_step = static_cast<std::uint16_t>(slots_and_why >> 48 & 0x7fff);
  sought.group = {{word_at(&ends.device, 0), word_at(&ends.device, 8), mac | std::uint64_t{hot.key.segment} << 48,
                   in_word(slot, cold.rule), in_word(hot.policy_epoch, in_half(cold.app, around.device_class)),
                   in_word(in_half(0, decided), in_half(in_quarter(EventKind::kFlow, Side::kDevice),
                                                        in_quarter(around.bundle, hot.key.proto)))},
                  in_half(reason_and_step, around.facts_unknown ? kFactsUnknown : 0)};
  const bool by_peer = static_cast<flow::OpenedBy>(hot.opened_by) == flow::OpenedBy::kPeer;
  seek(ends.peer, by_peer ? ends.device_port : ends.peer_port, sought);
}

EventSums::Share EventSums::share_of(const Event& event) {
  const bool by_peer = opened_by_peer(event);
  return {.peer_ip = event.peer_ip,
          .server_port = by_peer ? event.device_port : event.peer_port,
          .client_port = by_peer ? event.peer_port : event.device_port,
          .payload_from_device = event.payload_from_device,
          .first_seen = coarse(event.first_seen),
          .last_seen = coarse(event.time),
          .packets = {event.kind == EventKind::kViolation ? event.count : event.packets_from_device,
                      event.packets_to_device},
          .bytes = {event.bytes_from_device, event.bytes_to_device}};
}

// Of several places that are alike it is the last.
inline EventSums::Candidates EventSums::candidates(const Tags& tags, const Sought& sought) {
  const auto groups = _mm_load_si128(reinterpret_cast<const __m128i*>(tags.groups.data()));
  const auto ones = _mm_load_si128(reinterpret_cast<const __m128i*>(tags.ones.data()));
  const auto equal = [](__m128i of, std::uint32_t to) {
    const auto same = _mm_cmpeq_epi32(of, _mm_set1_epi32(static_cast<int>(to)));
    return static_cast<unsigned>(_mm_movemask_ps(_mm_castsi128_ps(same)));
  };
  static_assert(kPlaces == 4, "one bit for each, and 0 for none: there the last place would be -1");
  const auto last = [](unsigned set) { return set == 0 ? kPlaces : static_cast<std::size_t>(std::bit_width(set) - 1); };
  const auto free = equal(groups, 0), same = equal(groups, group_tag(sought));
  const auto several = same & equal(ones, 0);
  return {last(same & equal(ones, sought.one_tag)), last(free != 0 ? free : several != 0 ? several : same)};
}

// Where the bucket is full of other groups nothing is fetched.
void EventSums::prefetch(const Sought& sought) const {
  const auto bucket = bucket_of(sought.hash);
  const auto [one, other] = candidates(tags_[bucket], sought);
  const auto likely = one != kPlaces ? one : other;
  if (likely == kPlaces) return;
  const Entry* entry = &entries_[bucket * kPlaces + likely];
  fetch_line_to_write(entry);
  fetch_line_to_write(&entry->packets);
}

// The sum that the event belongs to, else a free place, else one of its group, which becomes a sum of several. Of two
// groups with one tag, the later has the bucket as if it were full.
EventSums::Found EventSums::place_in_bucket(const Sought& sought, const Share& share) {
  const auto bucket = bucket_of(sought.hash);
  const Tags& tags = tags_[bucket];
  const auto [one, other] = candidates(tags, sought);
  Entry* const entries = &entries_[bucket * kPlaces];
  if (one != kPlaces && entries[one].is_of(sought.group) && entries[one].peer_ip == share.peer_ip &&
      entries[one].server_port == share.server_port)
    return {&entries[one], true};
  if (other == kPlaces || (tags.groups[other] != 0 && !entries[other].is_of(sought.group))) return {nullptr, false};
  return {&entries[other], false};
}

// Requires: place_in_bucket() found none.
EventSums::Place EventSums::place_beside(const Sought& sought, const Share& share, CoarseTick now) {
  Place place{.entry = nullptr, .sought = sought, .several_devices = false, .gives_way = false};
  if (slot_of(sought.group) < enforce::DeviceSlots::kFirstReal) {
    Group& group = place.sought.group;
    group.words[0] = group.words[1] = 0;
    group.words[2] &= kSegmentBits;
    place.sought.hash = hash_of(group);
    place.several_devices = true;
    place.entry = place_in_bucket(place.sought, share).entry;
  }
  if (place.entry == nullptr) {
    Entry* const entries = &entries_[bucket_of(place.sought.hash) * kPlaces];
    place.entry = std::max_element(entries, entries + kPlaces, [now](const Entry& a, const Entry& b) {
      return age(now, a.since) < age(now, b.since);
    });
    place.gives_way = true;
  }
  return place;
}

void EventSums::add_to(Entry& entry, const Sought& sought, const Share& share, CoarseTick now, bool several_devices) {
  if (entry.flows == 0) {
    ++in_use_;
    entry = {};
    entry.group_words = sought.group.words;
    entry.group_more_kinds = sought.group.more_kinds;
    group_tag_of(entry) = group_tag(sought);
    one_tag_of(entry) = sought.one_tag;
    entry.peer_ip = share.peer_ip;
    entry.server_port = share.server_port;
    entry.client_port = share.client_port;
    entry.several.devices = several_devices;
    entry.since = now;
    entry.first_seen = share.first_seen;
  }
  entry.several.peers = entry.several.peers || entry.peer_ip != share.peer_ip;
  entry.several.ports = entry.several.ports || entry.server_port != share.server_port;
  if (entry.several.peers || entry.several.ports) one_tag_of(entry) = 0;
  count(entry, share, now);
}

// What each event adds to its sum.
void EventSums::count(Entry& entry, const Share& share, CoarseTick now) {
  entry.payload_from_device = entry.payload_from_device || share.payload_from_device;
  ++entry.flows;
  entry.last_seen = share.last_seen;
  if (age(now, share.first_seen) > age(now, entry.first_seen)) entry.first_seen = share.first_seen;
  for (std::size_t i = 0; i < 2; ++i) {
    entry.packets[i] += share.packets[i];
    entry.bytes[i] += share.bytes[i];
  }
}

// As if it were one flow, but for `flows` and `several`. It has no id: there is no one flow to ask for.
Event EventSums::event_of(const Entry& entry, Tick now) {
  const auto& words = entry.group_words;
  const auto kinds = entry.group_more_kinds;
  const auto byte_of = [](std::uint64_t word, unsigned i) { return static_cast<std::uint8_t>(word >> 8 * i); };
  const auto when = [now](CoarseTick then) { return now - (Tick{age(coarse(now), then)} << 20); };
  Event event;
  std::memcpy(event.device_ip.bytes.data(), words.data(), event.device_ip.bytes.size());
  event.device_mac = mac_of(words[2]);
  event.segment = static_cast<SegmentId>(words[2] >> 48);
  event.slot = static_cast<SlotId>(words[3]);
  event.rule = static_cast<RuleId>(words[3] >> 32);
  event.policy_epoch = static_cast<std::uint32_t>(words[4]);
  event.app = static_cast<AppId>(words[4] >> 32);
  event.device_class = static_cast<ClassId>(words[4] >> 48);
  event.ethertype = static_cast<std::uint16_t>(words[5]);
  const auto decided = static_cast<unsigned>(words[5] >> 16);
  event.verdict = static_cast<enforce::Verdict>(decided >> kVerdict & 3);
  event.applied_drop = (decided >> kDropped & 1) != 0;
  event.guessed = (decided >> kGuessed & 1) != 0;
  event.opened_by = static_cast<flow::OpenedBy>(decided >> kOpenedBy & 3);
  event.app_state = static_cast<enforce::AppState>(decided >> kAppState & 7);
  event.kind = static_cast<EventKind>(byte_of(words[5], 4));
  event.side = static_cast<Side>(byte_of(words[5], 5));
  event.bundle = byte_of(words[5], 6);
  event.proto = byte_of(words[5], 7);
  event.reason = static_cast<Reason>(byte_of(kinds, 0));
  event.step = static_cast<enforce::Step>(byte_of(kinds, 1));
  const auto flags = byte_of(kinds, 2);
  event.essential = (flags & kEssential) != 0;
  event.facts_unknown = (flags & kFactsUnknown) != 0;
  if (!entry.several.peers) event.peer_ip = entry.peer_ip;
  const std::uint16_t server = entry.several.ports ? 0 : entry.server_port,
                      client = entry.flows == 1 ? entry.client_port : 0;
  event.device_port = opened_by_peer(event) ? server : client;
  event.peer_port = opened_by_peer(event) ? client : server;
  event.flows = entry.flows;
  event.several = entry.several;
  event.first_seen = when(entry.first_seen);
  event.time = when(entry.last_seen);
  if (event.kind == EventKind::kViolation) {
    event.count = static_cast<std::uint32_t>(std::min<std::uint64_t>(entry.packets[0], UINT32_MAX));
    return event;
  }
  event.final = true;
  event.payload_from_device = entry.payload_from_device;
  event.packets_from_device = entry.packets[0];
  event.packets_to_device = entry.packets[1];
  event.bytes_from_device = entry.bytes[0];
  event.bytes_to_device = entry.bytes[1];
  return event;
}

#define WARDLINE_INSTANTIATE(Key)                                                                                 \
  template void EventSums::seek_end(const flow::HotRecord<Key>&, const flow::ColdRecord&, const flow::Endpoints&, \
                                    const Surroundings&, Sought&) const;
WARDLINE_INSTANTIATE(flow::FlowKey4)
WARDLINE_INSTANTIATE(flow::FlowKey6)
#undef WARDLINE_INSTANTIATE

}  // namespace wardline::work
