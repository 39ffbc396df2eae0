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

EventSums::EventSums(std::uint32_t sums, std::uint64_t seed) : entries_(sums), seed_(seed | 1) {}

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

EventSums::Entry* EventSums::bucket_of(const Group& group) {
  const auto words = words_of(group);
  const auto device = multiply(words[0] ^ words[2] ^ seed_, words[1] ^ words[3] ^ ~seed_);
  const auto hash = fold(device.low ^ words[4] ^ words[6] ^ seed_, device.high ^ words[5] ^ ~seed_);
  return &entries_[(hash * kPlaces) & (entries_.size() - 1)];
}

// The sum that the event belongs to, else a free place, else one of its group, which becomes a sum of several. Null
// where the bucket is full of other groups.
EventSums::Entry* EventSums::place_in(Entry* bucket, const Group& group, const Event& event) {
  Entry *free = nullptr, *several = nullptr, *same = nullptr;
  for (std::size_t i = 0; i < kPlaces; ++i) {
    Entry& entry = bucket[i];
    if (entry.flows == 0) {
      free = &entry;
    } else if (entry.group == group) {
      const bool one = !entry.several.peers && !entry.several.ports;
      if (one && entry.peer_ip == event.peer_ip && entry.server_port == server_port(event)) return &entry;
      (one ? same : several) = &entry;
    }
  }
  return free != nullptr ? free : several != nullptr ? several : same;
}

EventSums::Place EventSums::place_for(const Event& event, CoarseTick now) {
  Place place{.entry = nullptr, .group = group_of(event), .several_devices = false};
  Entry* bucket = bucket_of(place.group);
  place.entry = place_in(bucket, place.group, event);
  if (place.entry == nullptr && event.slot < enforce::DeviceSlots::kFirstReal) {
    place.group.device_ip = {};
    place.group.device_mac = {};
    place.several_devices = true;
    bucket = bucket_of(place.group);
    place.entry = place_in(bucket, place.group, event);
  }
  if (place.entry == nullptr)
    place.entry = std::max_element(bucket, bucket + kPlaces, [now](const Entry& a, const Entry& b) {
      return age(now, a.since) < age(now, b.since);
    });
  return place;
}

void EventSums::add_to(const Place& place, const Event& event, CoarseTick now) {
  Entry& entry = *place.entry;
  if (entry.flows == 0) {
    ++in_use_;
    entry = {};
    entry.group = place.group;
    entry.peer_ip = event.peer_ip;
    entry.server_port = server_port(event);
    entry.client_port = client_port(event);
    entry.several.devices = place.several_devices;
    entry.since = now;
    entry.first_seen = coarse(event.first_seen);
  }
  entry.several.peers = entry.several.peers || entry.peer_ip != event.peer_ip;
  entry.several.ports = entry.several.ports || entry.server_port != server_port(event);
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
