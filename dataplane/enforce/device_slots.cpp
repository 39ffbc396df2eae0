#include "dataplane/enforce/device_slots.h"

#include <algorithm>
#include <cstring>
#include <random>
#include <vector>

#include "dataplane/enforce/slot_index.h"
#include "dataplane/enforce/slot_region.h"

namespace wardline::enforce {
namespace {

using MacIndex = SlotIndex<1>;
using PeerIndex = SlotIndex<2>;
using IpIndex = SlotIndex<3>;

MacIndex::Key mac_key(SegmentId segment, const Mac& mac) {
  return {std::uint64_t{segment} << 48 | mac.number()};
}

PeerIndex::Key peer_key(const Address& address) {
  PeerIndex::Key key;
  std::memcpy(key.data(), address.bytes.data(), sizeof key);
  return key;
}

IpIndex::Key ip_key(SegmentId segment, const Address& address) {
  const auto peer = peer_key(address);
  return {segment, peer[0], peer[1]};
}

std::uint64_t secret() {
  std::random_device source;
  return std::uint64_t{source()} << 32 | source();
}

void reset(SlotCold& cold) {
  cold.threshold.store(0, std::memory_order_relaxed);
  cold.within_seconds.store(60, std::memory_order_relaxed);
  cold.counts_detections_only.store(true, std::memory_order_relaxed);
  for (auto& word : cold.seen) word.store(0, std::memory_order_relaxed);
  for (auto* counter : {&cold.window_start, &cold.counted, &cold.undecided_window, &cold.undecided_bytes,
                        &cold.copies_window, &cold.copies})
    counter->store(0, std::memory_order_relaxed);
}

}  // namespace

// What the control plane keeps beside the region. Bindings are remembered by slot, so that release() need not search.
struct DeviceSlots::Impl {
  struct Bindings {
    std::vector<MacIndex::Key> macs;
    std::vector<Address> addresses;
  };

  Impl(std::unique_ptr<SlotRegion> mapped, std::uint32_t capacity)
      : region(std::move(mapped)),
        by_mac(capacity * 2, secret()),
        by_ip(capacity, secret()),
        by_peer(capacity * 2, secret()),
        bindings(capacity) {}

  Bindings& of(SlotId slot) { return bindings[slot - kFirstReal]; }

  std::unique_ptr<SlotRegion> region;
  MacIndex by_mac;
  IpIndex by_ip;
  PeerIndex by_peer;
  std::vector<Bindings> bindings;  // by slot - kFirstReal
  std::vector<SlotId> in_use;      // ascending
  std::vector<SlotId> free;        // descending, so that the lowest is taken first
};

Result<std::unique_ptr<DeviceSlots>> DeviceSlots::open(const std::string& path, std::uint32_t capacity) {
  auto region = SlotRegion::open(path, capacity);
  if (!region) return std::unexpected(region.error());
  std::unique_ptr<DeviceSlots> slots(new DeviceSlots);
  slots->capacity_ = capacity;
  slots->words_ = (*region)->words().data();
  slots->identities_ = (*region)->identities().data();
  slots->cold_ = make_large_array<SlotCold>((*region)->words().size());
  slots->impl_ = std::make_unique<Impl>(std::move(*region), capacity);

  Impl& impl = *slots->impl_;
  for (SlotId slot = kFirstReal; slot < kFirstReal + capacity; ++slot)
    if (slots->identities_[slot].used && slots->index(slot)) impl.in_use.push_back(slot);
  for (SlotId slot = kFirstReal + capacity; slot-- > kFirstReal;)
    if (!slots->identities_[slot].used) impl.free.push_back(slot);
  return slots;
}

DeviceSlots::~DeviceSlots() = default;

SlotId DeviceSlots::find_mac(SegmentId segment, const Mac& mac) const {
  return impl_->by_mac.find(mac_key(segment, mac));
}

SlotId DeviceSlots::find_ip(SegmentId segment, const Address& address) const {
  return impl_->by_ip.find(ip_key(segment, address));
}

SlotId DeviceSlots::find_peer(const Address& address) const {
  return impl_->by_peer.find(peer_key(address));
}

void DeviceSlots::prefetch_mac(SegmentId segment, const Mac& mac) const {
  impl_->by_mac.prefetch(mac_key(segment, mac));
}

void DeviceSlots::prefetch_ip(SegmentId segment, const Address& address) const {
  impl_->by_ip.prefetch(ip_key(segment, address));
}

void DeviceSlots::prefetch_peer(const Address& address) const {
  impl_->by_peer.prefetch(peer_key(address));
}

bool DeviceSlots::index(SlotId slot) {
  auto& identity = identities_[slot];
  const bool indexed = identity.by_ip ? find_ip(identity.segment, identity.address) == kNoSlot &&
                                            impl_->by_ip.put(ip_key(identity.segment, identity.address), slot)
                                      : find_mac(identity.segment, identity.mac) == kNoSlot &&
                                            bind_mac(identity.segment, identity.mac, slot);
  if (!indexed) identity.used = false;
  if (indexed && !identity.address.unspecified()) bind_peer_address(identity.address, slot);
  return indexed;
}

SlotId DeviceSlots::allocate(const SlotIdentity& identity) {
  const auto known =
      identity.by_ip ? find_ip(identity.segment, identity.address) : find_mac(identity.segment, identity.mac);
  if (known != kNoSlot) return known;
  full_.store(impl_->free.empty(), std::memory_order_relaxed);
  if (impl_->free.empty() || identity.segment >= kMaxSegments) return kNoSlot;
  const auto slot = impl_->free.back();

  // The order of the stores is what makes kill -9 safe: identity, word, then `used`. A slot that is not `used` is free
  // to the next process, whatever else stands in it.
  auto& kept = identities_[slot];
  std::atomic_ref<bool> used(kept.used);
  used.store(false, std::memory_order_release);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  SlotIdentity fresh = identity;
  fresh.used = false;
  fresh.device_id[sizeof fresh.device_id - 1] = '\0';
  std::memcpy(&kept, &fresh, sizeof kept);
  reset(cold_[slot]);
  update(slot, [](SlotWord& word) {
    word = SlotWord{.epoch = word.epoch};  // the epoch goes on, so no flow of a former device fits
    return true;
  });
  used.store(true, std::memory_order_release);

  if (!index(slot)) return kNoSlot;
  impl_->free.pop_back();
  impl_->in_use.insert(std::ranges::lower_bound(impl_->in_use, slot), slot);
  // After the index: a worker that sees the new epoch finds the device.
  update(kept.segment, [](SlotWord&) { return true; });
  return slot;
}

bool DeviceSlots::bind_mac(SegmentId segment, const Mac& mac, SlotId slot) {
  const auto key = mac_key(segment, mac);
  const auto holder = impl_->by_mac.find(key);
  if (holder == slot) return true;
  if (!impl_->by_mac.put(key, slot)) return false;
  if (holder != kNoSlot) std::erase(impl_->of(holder).macs, key);
  impl_->of(slot).macs.push_back(key);
  update(segment, [](SlotWord&) { return true; });
  return true;
}

bool DeviceSlots::bind_peer_address(const Address& address, SlotId slot) {
  const auto holder = find_peer(address);
  if (holder == slot) return true;
  if (!impl_->by_peer.put(peer_key(address), slot)) return false;
  if (holder != kNoSlot) std::erase(impl_->of(holder).addresses, address);
  impl_->of(slot).addresses.push_back(address);
  return true;
}

void DeviceSlots::unbind_peer_address(const Address& address) {
  const auto holder = find_peer(address);
  if (holder == kNoSlot) return;
  impl_->by_peer.erase(peer_key(address));
  std::erase(impl_->of(holder).addresses, address);
}

void DeviceSlots::retire(SlotId slot) {
  auto& bound = impl_->of(slot);
  for (const auto& key : bound.macs) impl_->by_mac.erase(key);
  for (const auto& address : bound.addresses) impl_->by_peer.erase(peer_key(address));
  bound = {};
  const auto& identity = identities_[slot];
  if (identity.by_ip && find_ip(identity.segment, identity.address) == slot)
    impl_->by_ip.erase(ip_key(identity.segment, identity.address));
  // After the indices: a worker that sees the new epoch no longer finds the device.
  update(slot, [](SlotWord& word) {
    word = SlotWord{.epoch = word.epoch};
    return true;
  });
}

void DeviceSlots::release(SlotId slot) {
  const auto place = std::ranges::lower_bound(impl_->in_use, slot);
  if (place == impl_->in_use.end() || *place != slot) return;
  retire(slot);
  std::atomic_ref<bool>(identities_[slot].used).store(false, std::memory_order_release);
  impl_->in_use.erase(place);
  full_.store(false, std::memory_order_relaxed);
  impl_->free.insert(std::ranges::lower_bound(impl_->free, slot, std::greater{}), slot);
}

std::span<const SlotId> DeviceSlots::real_slots() const {
  return impl_->in_use;
}

std::uint32_t DeviceSlots::used() const {
  return static_cast<std::uint32_t>(impl_->in_use.size());
}

ClassId DeviceSlots::class_number(std::string_view name) {
  if (name == "unidentified") return kUnidentifiedClass;
  const auto number = number_of(impl_->region->class_names(), name);
  return number == 0 ? kNoClass : static_cast<ClassId>(number);
}

SegmentId DeviceSlots::segment_number(std::string_view name) {
  if (name == "unknown") return kUnknownSegment;
  return static_cast<SegmentId>(number_of(impl_->region->segment_names(), name));
}

std::uint64_t name_hash(std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : name) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
  return hash;
}

}  // namespace wardline::enforce
