#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "dataplane/address.h"
#include "dataplane/batch.h"
#include "dataplane/error.h"
#include "dataplane/ids.h"

namespace wardline::offload {

// A decided TCP flow as a card can match it, and what its verdict hangs on. Plain data, copied through a ring.
struct OffloadFlow {
  std::uint64_t flow = 0;   // unique within this run of the worker
  std::uint32_t place = 0;  // in the worker's ledger
  std::uint8_t bundle = 0, pair = 0, tag_count = 0;
  bool v6 = false;
  std::uint16_t vlan = 0;  // of the one tag, if there is one
  std::uint16_t device_port = 0, peer_port = 0;
  Mac device_mac{};
  Address device{}, peer{};
  SlotId device_slot = kNoSlot, peer_slot = kNoSlot;
  std::uint32_t policy_epoch = 0, device_epoch = 0, peer_epoch = 0;
};

struct Traffic {
  std::uint64_t packets = 0, bytes = 0;
};

// What forwards flows without a worker: a card, or a test's fake. Used by one thread at a time. A rule takes the
// frames of one direction from leg `in` to its twin; not those that open or end a connection, nor fragments: a worker
// must see them.
class FlowOffload {
 public:
  using Rule = std::uint64_t;
  virtual ~FlowOffload() = default;
  virtual Result<Rule> insert(const OffloadFlow& flow, Side in) = 0;
  virtual void remove(Rule rule) = 0;
  virtual Traffic traffic(Rule rule) = 0;  // since it was inserted
};

}  // namespace wardline::offload
