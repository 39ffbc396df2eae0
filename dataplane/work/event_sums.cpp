#include "dataplane/work/event_sums.h"

#include <algorithm>
#include <cstring>

#include "dataplane/enforce/device_slots.h"
#include "dataplane/fold.h"

namespace wardline::work {

namespace {

enum Flag : std::uint8_t { kDropped = 1, kEssential = 2, kGuessed = 4, kFactsUnknown = 8 };

std::uint8_t flags_of(const Event& event) {
  return static_cast<std::uint8_t>((event.applied_drop ? kDropped : 0) | (event.essential ? kEssential : 0) |
                                   (event.guessed ? kGuessed : 0) | (event.facts_unknown ? kFactsUnknown : 0));
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

// In whole words: what compares bytes is a call.
static std::array<std::uint64_t, 7> words_of(const auto& group) {
  std::array<std::uint64_t, 7> words{};
  static_assert(sizeof group <= sizeof words);
  std::memcpy(words.data(), &group, sizeof group);
  return words;
}

bool EventSums::Group::operator==(const Group& other) const {
  const auto mine = words_of(*this), its = words_of(other);
  std::uint64_t differ = 0;
  for (std::size_t i = 0; i < mine.size(); ++i) differ |= mine[i] ^ its[i];
  return differ == 0;
}

EventSums::EventSums(std::uint32_t sums, std::uint64_t seed) : entries_(sums), tags_(sums / kPlaces), seed_(seed | 1) {}

EventSums::Group EventSums::group_of(const Event& event) {
  return {.device_ip = event.device_ip,
          .device_mac = event.device_mac,
          .segment = event.segment,
          .slot = event.slot,
          .rule = event.rule,
          .policy_epoch = event.policy_epoch,
          .app = event.app,
          .device_class = event.device_class,
          .ethertype = event.ethertype,
          .kind = static_cast<std::uint8_t>(event.kind),
          .side = static_cast<std::uint8_t>(event.side),
          .bundle = event.bundle,
          .proto = event.proto,
          .opened_by = static_cast<std::uint8_t>(event.opened_by),
          .verdict = static_cast<std::uint8_t>(event.verdict),
          .step = static_cast<std::uint8_t>(event.step),
          .app_state = static_cast<std::uint8_t>(event.app_state),
          .reason = static_cast<std::uint8_t>(event.reason),
          .flags = flags_of(event)};
}

std::uint64_t EventSums::hash_of(const Group& group) const {
  const auto words = words_of(group);
  const auto device = multiply(words[0] ^ words[2] ^ seed_, words[1] ^ words[3] ^ ~seed_);
  return fold(device.low ^ words[4] ^ words[6] ^ seed_, device.high ^ words[5] ^ ~seed_);
}

std::uint32_t EventSums::one_tag_of(const Event& event) const {
  std::array<std::uint64_t, 2> peer;
  std::memcpy(peer.data(), event.peer_ip.bytes.data(), sizeof peer);
  return static_cast<std::uint32_t>(fold(peer[0] ^ server_port(event) ^ seed_, peer[1] ^ ~seed_) >> 32) | 1;
}

// The sum that the event belongs to, else a free place, else one of its group, which becomes a sum of several. Null
// where the bucket is full of other groups. Of two groups with one tag, the later has the bucket as if it were full.
EventSums::Place EventSums::place_in_bucket(const Group& group, const Event& event, bool several_devices) {
  const auto hash = hash_of(group);
  const auto bucket = bucket_of(hash);
  const Tags& tags = tags_[bucket];
  Place place{.entry = nullptr,
              .group = group,
              .group_tag = static_cast<std::uint32_t>(hash >> 32) | 1,
              .one_tag = one_tag_of(event),
              .several_devices = several_devices};
  std::size_t free = kPlaces, several = kPlaces, same = kPlaces;
  Entry* const entries = &entries_[bucket * kPlaces];
  for (std::size_t i = 0; i < kPlaces; ++i) {
    if (tags.groups[i] == 0) {
      free = i;
    } else if (tags.groups[i] == place.group_tag) {
      if (tags.ones[i] == place.one_tag && entries[i].group == group && entries[i].peer_ip == event.peer_ip &&
          entries[i].server_port == server_port(event)) {
        place.entry = &entries[i];
        return place;
      }
      (tags.ones[i] != 0 ? same : several) = i;
    }
  }
  if (free != kPlaces)
    place.entry = &entries[free];
  else if (const auto shared = several != kPlaces ? several : same; shared != kPlaces && entries[shared].group == group)
    place.entry = &entries[shared];
  return place;
}

EventSums::Place EventSums::place_for(const Event& event, CoarseTick now) {
  Place place = place_in_bucket(group_of(event), event, false);
  if (place.entry == nullptr && event.slot < enforce::DeviceSlots::kFirstReal) {
    Group group = place.group;
    group.device_ip = {};
    group.device_mac = {};
    place = place_in_bucket(group, event, true);
  }
  if (place.entry == nullptr) {
    Entry* const entries = &entries_[bucket_of(hash_of(place.group)) * kPlaces];
    place.entry = std::max_element(entries, entries + kPlaces, [now](const Entry& a, const Entry& b) {
      return age(now, a.since) < age(now, b.since);
    });
  }
  return place;
}

void EventSums::add_to(const Place& place, const Event& event, CoarseTick now) {
  Entry& entry = *place.entry;
  if (entry.flows == 0) {
    ++in_use_;
    entry = {};
    entry.group = place.group;
    group_tag_of(entry) = place.group_tag;
    one_tag_of(entry) = place.one_tag;
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
  const Group& group = entry.group;
  const auto when = [now](CoarseTick then) { return now - (Tick{age(coarse(now), then)} << 20); };
  Event event;
  event.kind = static_cast<EventKind>(group.kind);
  event.bundle = group.bundle;
  event.side = static_cast<Side>(group.side);
  event.proto = group.proto;
  event.opened_by = static_cast<flow::OpenedBy>(group.opened_by);
  event.verdict = static_cast<enforce::Verdict>(group.verdict);
  event.step = static_cast<enforce::Step>(group.step);
  event.app_state = static_cast<enforce::AppState>(group.app_state);
  event.reason = static_cast<Reason>(group.reason);
  event.applied_drop = (group.flags & kDropped) != 0;
  event.essential = (group.flags & kEssential) != 0;
  event.guessed = (group.flags & kGuessed) != 0;
  event.facts_unknown = (group.flags & kFactsUnknown) != 0;
  event.segment = group.segment;
  event.device_class = group.device_class;
  event.app = group.app;
  event.slot = group.slot;
  event.rule = group.rule;
  event.policy_epoch = group.policy_epoch;
  event.ethertype = group.ethertype;
  event.device_mac = group.device_mac;
  event.device_ip = group.device_ip;
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
