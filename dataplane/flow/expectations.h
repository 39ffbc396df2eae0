#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "dataplane/address.h"
#include "dataplane/ids.h"
#include "dataplane/tick.h"

namespace wardline::flow {

// Related traffic that an allowed flow announced: it inherits rule and essential flag of its parent.
// A port of 0 matches any.
struct Expectation {
  SegmentId segment = 0;
  std::uint8_t proto = 0;
  bool peer_any = false;  // answers to a group query come from anyone
  Address device, peer;
  std::uint16_t device_port = 0, peer_port = 0;
  AppId app = kNoApp;     // what the related flow is
  RuleId rule = kNoRule;  // of the policy of `policy_epoch`
  std::uint32_t policy_epoch = 0;
  bool essential = false;
  bool once = false;         // one flow only (FTP data), else any number until it expires
  std::uint64_t parent = 0;  // flow id
  Tick expires = 0;
};

// Bounded: `capacity` in all and `per_device` for one device address, oldest of the same device replaced first.
// Owner: one worker.
class Expectations {
 public:
  explicit Expectations(std::uint32_t capacity = 4096, std::uint32_t per_device = 32);
  // False when the table is full of live ones of other devices, or this one is over already.
  bool add(const Expectation& expectation, Tick now);
  // The newest expectation that this packet of a new flow meets; removed if `once`.
  std::optional<Expectation> match(SegmentId segment, std::uint8_t proto, const Address& device,
                                   std::uint16_t device_port, const Address& peer, std::uint16_t peer_port, Tick now);
  // Visits those of a device that one flow announced. `visit` must not add.
  template <typename Visit>
  void each_of(SegmentId segment, const Address& device, std::uint64_t parent, Visit visit) const {
    for (auto index = buckets_[bucket_of(segment, device)]; index != kNil; index = entries_[index].next) {
      const auto& known = entries_[index].expectation;
      if (known.parent == parent && known.segment == segment && known.device == device) visit(known);
    }
  }
  std::uint32_t size() const { return size_; }

 private:
  struct Entry {
    Expectation expectation;
    std::uint32_t next;  // of the bucket, or of the free list
    bool used;
  };
  struct OfDevice {  // live entries of one device
    std::uint32_t count = 0;
    std::uint32_t oldest = kNil;  // the last one of the chain: new ones go to the front
  };
  static constexpr std::uint32_t kNil = 0xffffffff;

  std::uint32_t bucket_of(SegmentId segment, const Address& device) const;
  OfDevice survey(std::uint32_t bucket, const Expectation& like, Tick now);
  void remove(std::uint32_t bucket, std::uint32_t index);
  void sweep(Tick now);

  std::uint64_t seed_;
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> buckets_;
  std::uint32_t free_ = kNil, size_ = 0, per_device_, hand_ = 0;
};

}  // namespace wardline::flow
