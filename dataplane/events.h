#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

#include "dataplane/address.h"
#include "dataplane/batch.h"
#include "dataplane/enforce/verdict.h"
#include "dataplane/facts/fact.h"
#include "dataplane/flow/flow_record.h"
#include "dataplane/ids.h"
#include "dataplane/tick.h"

namespace wardline {

// What a worker tells the control plane. The order is the order of worth: a full ring gives up the first kinds first.
enum class EventKind : std::uint8_t {
  kDeviceSeen,   // observation: a device-side MAC (or routed IP) without a slot; at most once in 10 s per device
  kAddressSeen,  // observation: this device uses this address (`device_ip`), from ARP/ND or a new flow
  kSpeaks,       // observation: the application of a flow was proved (app, opened_by, peer): evidence for classes
  kUnanswered,   // observation: an allowed flow lives for kUnansweredAfter, and one direction of it was never seen
  kFlow,         // a flow record: at its end (`final`), every 5 minutes, or at its first block
  kViolation,    // a block or would-be block: at its first packet, then aggregated by `count`
  kDetection,    // a threat signature matched
  kQuarantined,  // the worker itself changed a slot word; lost ones are derived from the words
  kCount
};

inline constexpr Tick kUnansweredAfter = 5 * kSecond;

// What differs among the flows of a sum, so that the event cannot say it.
struct Several {
  bool devices = false;  // of one segment, none of them identified
  bool peers = false;
  bool ports = false;  // of the server's side
  bool any() const { return devices || peers || ports; }
};

// Fixed size, plain data, copied through the ring. Fields that do not apply are zero.
struct Event {
  EventKind kind = EventKind::kFlow;
  std::uint8_t worker = 0, bundle = 0, pair = 0;
  Side side = Side::kDevice;  // leg that the packet in question came in by
  bool final = false;         // kFlow: the flow ended (or was evicted)
  bool essential = false, guessed = false;
  std::uint8_t proto = 0, tag_count = 0;
  flow::OpenedBy opened_by = flow::OpenedBy::kUnknown;
  enforce::Verdict verdict = enforce::Verdict::kAllow;
  enforce::Step step = enforce::Step::kDefault;
  enforce::AppState app_state = enforce::AppState::kUnknown;
  Reason reason = Reason::kNone;
  enforce::DetectionAction action = enforce::DetectionAction::kAlert;  // kDetection: what the policy wants of it
  bool applied_drop = false;                                           // applied: dropped, else forwarded
  bool facts_unknown : 1 = false;          // the rule asks for a fact of the flow that was not kept: taken on trust
  bool payload_from_device : 1 = false;    // kFlow: in the packets from the device was more than headers
  facts::Fact fact = facts::Fact::kCount;  // Reason::kCondition: what the rule asks for; `note` has its value
  Several several;                         // what it names is 0 here
  std::uint16_t ethertype = 0;             // of frames that are not IP
  SegmentId segment = 0;
  ClassId device_class = 0;
  AppId app = 0;
  SignatureId signature = kNoSignature;
  std::array<std::uint16_t, 2> vlans{};
  std::uint16_t device_port = 0, peer_port = 0;
  SlotId slot = kNoSlot, peer_slot = kNoSlot;
  RuleId rule = kNoRule;
  std::uint32_t policy_epoch = 0;
  std::uint32_t count = 1;  // kViolation: packets this event stands for
  std::uint32_t flows = 1;  // kFlow, kViolation: flows it stands for (work/event_sums.h); of more than one, the port of
                            // the client's side is 0
  Mac device_mac;
  Address device_ip, peer_ip;
  std::array<char, 32> note{};  // kDetection: printable text, ended by NUL: an account name, a count; never a password
  Tick time = 0, first_seen = 0;
  std::uint64_t flow_id = 0;  // unique within this run of the worker; 0 = no flow record
  // kFlow: since the last kFlow event of this flow_id, so that a sum over them is the flow's total
  std::uint64_t packets_from_device = 0, packets_to_device = 0, bytes_from_device = 0, bytes_to_device = 0;
};
static_assert(sizeof(Event) <= 192, "three cache lines");

// A copy of bytes that identity needs whole: a frame (DHCP, LLDP, CDP ...) or the gathered first bytes of a direction.
struct FrameCopy {
  static constexpr std::size_t kMaxBytes = 1984;
  enum class What : std::uint8_t { kFrame, kFirstBytes };
  What what = What::kFrame;
  Side side = Side::kDevice;      // kFrame: leg it came in by; kFirstBytes: which side sent these bytes
  bool device_is_client = false;  // kFirstBytes
  std::uint8_t bundle = 0, pair = 0;
  SegmentId segment = 0;
  AppId app = 0;  // kFirstBytes: the proved application
  SlotId slot = kNoSlot;
  Mac device_mac;
  Address device_ip, peer_ip;
  std::uint16_t device_port = 0, peer_port = 0;
  Tick time = 0;
  std::uint16_t length = 0;
  std::array<std::byte, kMaxBytes> bytes;
};

}  // namespace wardline
