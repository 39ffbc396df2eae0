#include "dataplane/flow/expectations.h"

#include <bit>
#include <cstring>
#include <random>

#include "dataplane/fold.h"

namespace wardline::flow {
namespace {

constexpr std::uint32_t kSweepPerAdd = 16;

bool same_device(const Expectation& a, SegmentId segment, const Address& device) {
  return a.segment == segment && a.device == device;
}

bool same_traffic(const Expectation& a, const Expectation& b) {
  return same_device(a, b.segment, b.device) && a.proto == b.proto && a.peer_any == b.peer_any &&
         (a.peer_any || a.peer == b.peer) && a.device_port == b.device_port && a.peer_port == b.peer_port;
}

}  // namespace

Expectations::Expectations(std::uint32_t capacity, std::uint32_t per_device)
    : entries_(capacity), buckets_(std::bit_ceil(capacity | 1u) * 2, kNil), per_device_(per_device) {
  std::random_device secret;
  seed_ = std::uint64_t{secret()} << 32 | secret() | 1;
  for (std::uint32_t i = capacity; i-- > 0;) {
    entries_[i].next = free_;
    free_ = i;
  }
}

std::uint32_t Expectations::bucket_of(SegmentId segment, const Address& device) const {
  std::array<std::uint64_t, 2> words;
  std::memcpy(words.data(), device.bytes.data(), sizeof words);
  const auto mixed = fold(fold(words[0] ^ seed_, words[1] ^ ~seed_) ^ segment, seed_);
  return static_cast<std::uint32_t>(mixed >> 32) & static_cast<std::uint32_t>(buckets_.size() - 1);
}

void Expectations::remove(std::uint32_t bucket, std::uint32_t index) {
  auto* link = &buckets_[bucket];
  while (*link != index) link = &entries_[*link].next;
  *link = entries_[index].next;
  entries_[index].used = false;
  entries_[index].next = free_;
  free_ = index;
  --size_;
}

// Counts the device's live entries, and takes out those that are over or that `like` replaces.
Expectations::OfDevice Expectations::survey(std::uint32_t bucket, const Expectation& like, Tick now) {
  OfDevice found;
  for (auto index = buckets_[bucket]; index != kNil;) {
    const auto next = entries_[index].next;
    const auto& known = entries_[index].expectation;
    if (known.expires <= now || same_traffic(known, like)) {
      remove(bucket, index);
    } else if (same_device(known, like.segment, like.device)) {
      ++found.count;
      found.oldest = index;
    }
    index = next;
  }
  return found;
}

// Looks at a few places in turn for entries that are over, so that those of quiet devices go too.
void Expectations::sweep(Tick now) {
  for (std::uint32_t i = 0; i < kSweepPerAdd && i < entries_.size(); ++i) {
    hand_ = hand_ + 1 < entries_.size() ? hand_ + 1 : 0;
    const auto& entry = entries_[hand_];
    if (entry.used && entry.expectation.expires <= now)
      remove(bucket_of(entry.expectation.segment, entry.expectation.device), hand_);
  }
}

bool Expectations::add(const Expectation& expectation, Tick now) {
  if (expectation.expires <= now) return false;
  const auto bucket = bucket_of(expectation.segment, expectation.device);
  sweep(now);
  const auto own = survey(bucket, expectation, now);
  if (own.count > 0 && (own.count >= per_device_ || free_ == kNil)) remove(bucket, own.oldest);
  if (free_ == kNil || per_device_ == 0) return false;
  const auto index = free_;
  free_ = entries_[index].next;
  entries_[index] = {expectation, buckets_[bucket], true};
  buckets_[bucket] = index;
  ++size_;
  return true;
}

std::optional<Expectation> Expectations::match(SegmentId segment, std::uint8_t proto, const Address& device,
                                               std::uint16_t device_port, const Address& peer, std::uint16_t peer_port,
                                               Tick now) {
  const auto bucket = bucket_of(segment, device);
  for (auto index = buckets_[bucket]; index != kNil; index = entries_[index].next) {
    const auto& known = entries_[index].expectation;
    if (known.expires <= now || known.proto != proto || !same_device(known, segment, device)) continue;
    if (!known.peer_any && known.peer != peer) continue;
    if (known.device_port != 0 && known.device_port != device_port) continue;
    if (known.peer_port != 0 && known.peer_port != peer_port) continue;
    const Expectation met = known;
    if (met.once) remove(bucket, index);
    return met;
  }
  return std::nullopt;
}

}  // namespace wardline::flow
