#include "dataplane/work/event_sums.h"

#include <algorithm>
#include <cstring>

#include "dataplane/enforce/device_slots.h"
#include "dataplane/fold.h"
#include "dataplane/prefetch.h"
#include "dataplane/words.h"

namespace wardline::work {

namespace {

enum Flag : std::uint8_t { kDropped = 1, kEssential = 2, kGuessed = 4, kFactsUnknown = 8 };

std::uint8_t flags_of(const Event& event) {
  return static_cast<std::uint8_t>((event.applied_drop ? kDropped : 0) | (event.essential ? kEssential : 0) |
                                   (event.guessed ? kGuessed : 0) | (event.facts_unknown ? kFactsUnknown : 0));
}

Mac mac_of(std::uint64_t number) {
  Mac mac;
  for (std::size_t i = 0; i < mac.bytes.size(); ++i) mac.bytes[i] = static_cast<std::uint8_t>(number >> 8 * (5 - i));
  return mac;
}

bool opened_by_peer(const Event& event) {
  return event.opened_by == flow::OpenedBy::kPeer;
}
std::uint16_t server_port(const Event& event) {
  return opened_by_peer(event) ? event.device_port : event.peer_port;
}
std::uint16_t client_port(const Event& event) {
  return opened_by_peer(event) ? event.peer_port : event.device_port;
}

}  // namespace

EventSums::EventSums(std::uint32_t sums, std::uint64_t seed) : entries_(sums), tags_(sums / kPlaces), seed_(seed | 1) {}

EventSums::Group EventSums::group_of(const Event& event) {
  std::array<std::uint64_t, 2> address;
  std::memcpy(address.data(), event.device_ip.bytes.data(), sizeof address);
  return {{address[0], address[1], event.device_mac.number() << 16 | event.segment, in_word(event.slot, event.rule),
           in_word(event.policy_epoch, in_half(event.app, event.device_class)),
           in_word(in_half(event.ethertype, in_quarter(event.kind, event.side)),
                   in_half(in_quarter(event.bundle, event.proto), in_quarter(event.opened_by, event.verdict)))},
          in_half(in_quarter(event.step, event.app_state), in_quarter(event.reason, flags_of(event)))};
}

std::uint64_t EventSums::hash_of(const Group& group) const {
  const auto& words = group.words;
  const auto device = multiply(words[0] ^ words[2] ^ seed_, words[1] ^ words[3] ^ ~seed_);
  return fold(device.low ^ words[4] ^ group.more_kinds ^ seed_, device.high ^ words[5] ^ ~seed_);
}

std::uint32_t EventSums::one_tag_of(const Event& event) const {
  std::array<std::uint64_t, 2> peer;
  std::memcpy(peer.data(), event.peer_ip.bytes.data(), sizeof peer);
  return static_cast<std::uint32_t>(fold(peer[0] ^ server_port(event) ^ seed_, peer[1] ^ ~seed_) >> 32) | 1;
}

EventSums::Sought EventSums::seek(const Event& event) const {
  Sought sought{.group = group_of(event), .hash = 0, .one_tag = one_tag_of(event)};
  sought.hash = hash_of(sought.group);
  fetch_line_to_write(&tags_[bucket_of(sought.hash)]);
  return sought;
}

EventSums::Candidates EventSums::candidates(const Tags& tags, const Sought& sought) {
  std::size_t one = kPlaces, free = kPlaces, several = kPlaces, same = kPlaces;
  for (std::size_t i = 0; i < kPlaces; ++i) {
    if (tags.groups[i] == 0) free = i;
    if (tags.groups[i] != group_tag(sought)) continue;
    if (tags.ones[i] == sought.one_tag) one = i;
    (tags.ones[i] != 0 ? same : several) = i;
  }
  return {one, free != kPlaces ? free : several != kPlaces ? several : same};
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

// The sum that the event belongs to, else a free place, else one of its group, which becomes a sum of several. Null
// where the bucket is full of other groups. Of two groups with one tag, the later has the bucket as if it were full.
EventSums::Entry* EventSums::place_in_bucket(const Sought& sought, const Event& event) {
  const auto bucket = bucket_of(sought.hash);
  const Tags& tags = tags_[bucket];
  const auto [one, other] = candidates(tags, sought);
  Entry* const entries = &entries_[bucket * kPlaces];
  if (one != kPlaces && entries[one].group() == sought.group && entries[one].peer_ip == event.peer_ip &&
      entries[one].server_port == server_port(event))
    return &entries[one];
  if (other == kPlaces || (tags.groups[other] != 0 && !(entries[other].group() == sought.group))) return nullptr;
  return &entries[other];
}

EventSums::Place EventSums::place_for(const Event& event, const Sought& sought, CoarseTick now) {
  Place place{.entry = place_in_bucket(sought, event), .sought = sought};
  if (place.entry == nullptr && event.slot < enforce::DeviceSlots::kFirstReal) {
    Group& group = place.sought.group;
    group.words[0] = group.words[1] = 0;
    group.words[2] = event.segment;
    place.sought.hash = hash_of(group);
    place.several_devices = true;
    place.entry = place_in_bucket(place.sought, event);
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

void EventSums::add_to(const Place& place, const Event& event, CoarseTick now) {
  Entry& entry = *place.entry;
  if (entry.flows == 0) {
    ++in_use_;
    entry = {};
    entry.group_words = place.sought.group.words;
    entry.group_more_kinds = place.sought.group.more_kinds;
    group_tag_of(entry) = group_tag(place.sought);
    one_tag_of(entry) = place.sought.one_tag;
    entry.peer_ip = event.peer_ip;
    entry.server_port = server_port(event);
    entry.client_port = client_port(event);
    entry.several.devices = place.several_devices;
    entry.since = now;
    entry.first_seen = coarse(event.first_seen);
  }
  entry.several.peers = entry.several.peers || entry.peer_ip != event.peer_ip;
  entry.several.ports = entry.several.ports || entry.server_port != server_port(event);
  if (entry.several.peers || entry.several.ports) one_tag_of(entry) = 0;
  entry.payload_from_device = entry.payload_from_device || event.payload_from_device;
  ++entry.flows;
  entry.last_seen = coarse(event.time);
  if (age(now, coarse(event.first_seen)) > age(now, entry.first_seen)) entry.first_seen = coarse(event.first_seen);
  entry.packets[0] += event.kind == EventKind::kViolation ? event.count : event.packets_from_device;
  entry.packets[1] += event.packets_to_device;
  entry.bytes[0] += event.bytes_from_device;
  entry.bytes[1] += event.bytes_to_device;
}

// As if it were one flow, but for `flows` and `several`. It has no id: there is no one flow to ask for.
Event EventSums::event_of(const Entry& entry, Tick now) {
  const auto& words = entry.group_words;
  const auto kinds = entry.group_more_kinds;
  const auto byte_of = [](std::uint64_t word, unsigned i) { return static_cast<std::uint8_t>(word >> 8 * i); };
  const auto when = [now](CoarseTick then) { return now - (Tick{age(coarse(now), then)} << 20); };
  Event event;
  std::memcpy(event.device_ip.bytes.data(), words.data(), event.device_ip.bytes.size());
  event.device_mac = mac_of(words[2] >> 16);
  event.segment = static_cast<SegmentId>(words[2]);
  event.slot = static_cast<SlotId>(words[3]);
  event.rule = static_cast<RuleId>(words[3] >> 32);
  event.policy_epoch = static_cast<std::uint32_t>(words[4]);
  event.app = static_cast<AppId>(words[4] >> 32);
  event.device_class = static_cast<ClassId>(words[4] >> 48);
  event.ethertype = static_cast<std::uint16_t>(words[5]);
  event.kind = static_cast<EventKind>(byte_of(words[5], 2));
  event.side = static_cast<Side>(byte_of(words[5], 3));
  event.bundle = byte_of(words[5], 4);
  event.proto = byte_of(words[5], 5);
  event.opened_by = static_cast<flow::OpenedBy>(byte_of(words[5], 6));
  event.verdict = static_cast<enforce::Verdict>(byte_of(words[5], 7));
  event.step = static_cast<enforce::Step>(byte_of(kinds, 0));
  event.app_state = static_cast<enforce::AppState>(byte_of(kinds, 1));
  event.reason = static_cast<Reason>(byte_of(kinds, 2));
  const auto flags = byte_of(kinds, 3);
  event.applied_drop = (flags & kDropped) != 0;
  event.essential = (flags & kEssential) != 0;
  event.guessed = (flags & kGuessed) != 0;
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

}  // namespace wardline::work
