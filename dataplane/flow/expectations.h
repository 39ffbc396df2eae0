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
  bool peer_any = false;          // answers to a group query come from anyone
  Address device, peer;
  std::uint16_t device_port = 0, peer_port = 0;
  AppId app = kNoApp;             // what the related flow is
  RuleId rule = kNoRule;
  bool essential = false;
  bool once = false;              // one flow only (FTP data), else any number until it expires
  std::uint64_t parent = 0;       // flow id
  Tick expires = 0;
};

// Bounded: `capacity` in all and `per_device` for one device address, oldest of the same device replaced first.
// Owner: one worker.
class Expectations {
 public:
  explicit Expectations(std::uint32_t capacity = 4096, std::uint32_t per_device = 32);
  bool add(const Expectation& expectation, Tick now);
  // The expectation that this packet of a new flow meets; removed if `once`.
  std::optional<Expectation> match(SegmentId segment, std::uint8_t proto, const Address& device,
                                   std::uint16_t device_port, const Address& peer, std::uint16_t peer_port, Tick now);
  std::uint32_t size() const { return size_; }

 private:
  struct Entry {
    Expectation expectation;
    std::uint32_t next;
    bool used;
  };
  std::uint32_t bucket_of(SegmentId segment, std::uint8_t proto, const Address& device) const;
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> buckets_;
  std::uint32_t free_, size_ = 0, per_device_;
};

}  // namespace wardline::flow
