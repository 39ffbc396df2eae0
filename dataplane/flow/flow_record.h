#pragma once
#include <bit>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "dataplane/enforce/verdict.h"
#include "dataplane/flow/flow_key.h"
#include "dataplane/tick.h"

namespace wardline::flow {

using FlowIndex = std::uint32_t;
inline constexpr FlowIndex kNoFlow = 0xffffffff;
inline constexpr std::uint32_t kNoSide = 0xffffffff;

// Slot numbers of 24 bits, packed as three bytes, the lowest first.
static_assert(std::endian::native == std::endian::little);
struct Slot24 {
  std::uint8_t bytes[3];
  SlotId get() const {
    std::uint16_t low;
    std::memcpy(&low, bytes, sizeof low);
    return SlotId{low} | SlotId{bytes[2]} << 16;
  }
  void set(SlotId slot) {
    const auto low = static_cast<std::uint16_t>(slot);
    std::memcpy(bytes, &low, sizeof low);
    bytes[2] = static_cast<std::uint8_t>(slot >> 16);
  }
};

// The states of a handshake stand apart by a bit (work/settled.h).
enum class TcpState : std::uint8_t { kNone, kEstablished, kClosing, kClosed, kSynSent = 4, kSynReceived };
inline bool is_open_or_was(TcpState state) {
  return state == TcpState::kEstablished || state == TcpState::kClosing || state == TcpState::kClosed;
}
inline bool is_ending(TcpState state) {
  return state == TcpState::kClosing || state == TcpState::kClosed;
}
enum class OpenedBy : std::uint8_t { kUnknown, kDevice, kPeer };

// The part of a record that every packet touches. The verdict holds while the three epochs are unchanged; otherwise
// the flow is decided again from what is remembered, without a new scan.
// Counters: a value past 2^31 is emitted as a delta and set back to 0 (see FlowTable's users).
template <typename Key>
struct HotRecord {
  Key key;
  std::uint8_t device_mac[6];            // the device-side MAC; another one is looked up (teamed NICs, virtual routers)
  std::uint8_t verdict : 2;              // enforce::Verdict
  std::uint8_t kind : 3;                 // enforce::FlowKind
  std::uint8_t applied_drop : 1;         // packets of it are dropped
  std::uint8_t guessed : 1;              // the direction was guessed (mid-stream): never counts toward quarantine
  std::uint8_t payload_from_device : 1;  // since the last report: more than headers, as acknowledgements are
  std::uint8_t tcp_state : 3;            // TcpState
  std::uint8_t opened_by : 2;            // OpenedBy
  std::uint8_t app_state : 3;            // enforce::AppState
  Slot24 device_slot, peer_slot;
  std::uint8_t reason;        // wardline::Reason of a block
  std::uint8_t step : 7;      // enforce::Step that decided
  std::uint8_t reported : 1;  // its block was recorded
  std::uint32_t policy_epoch, device_epoch, peer_epoch;
  CoarseTick last_seen;
  std::uint32_t packets[2];  // [0] from the device side, [1] to it
  std::uint32_t bytes[2];
};
using HotRecord4 = HotRecord<FlowKey4>;
using HotRecord6 = HotRecord<FlowKey6>;
static_assert(sizeof(HotRecord4) == 64, "one cache line");
static_assert(sizeof(HotRecord6) == 88);

// Touched only at open, decide, report and expiry; stands at the same index as its hot record.
struct ColdRecord {
  CoarseTick first_seen;
  RuleId rule;
  std::uint32_t side;  // index into the pool of undecided state; kNoSide once decided
  AppId app;
  std::uint16_t generation;  // changes each time the place is reused
};
static_assert(sizeof(ColdRecord) == 16);

}  // namespace wardline::flow
