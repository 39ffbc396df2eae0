#pragma once
#include <cstdint>
#include <string_view>

#include "dataplane/address.h"
#include "dataplane/enforce/device_slots.h"
#include "dataplane/enforce/snapshot.h"
#include "dataplane/enforce/verdict.h"
#include "dataplane/flow/flow_record.h"

namespace wardline::enforce {

// All that a decision may depend on. Plain values, so that the same question always has the same answer: the worker,
// `policy simulate` and the tests ask it alike.
struct FlowFacts {
  SegmentId segment = kUnknownSegment;
  SlotWord device;               // of the pseudo-slot where the device is not identified
  std::uint64_t device_key = 0;  // for exceptions and operator blocks; 0 for the unidentified
  bool peer_is_device = false;
  SlotWord peer_device;  // where peer_is_device
  std::uint16_t peer_ward = 0;

  Address device_address, peer;
  std::uint32_t peer_sets = 0;  // AddressSets::find(peer)
  bool peer_broadcast = false;  // the target is a broadcast address or MAC
  std::uint8_t proto = 0;
  std::uint16_t device_port = 0, peer_port = 0;
  flow::OpenedBy opened_by = flow::OpenedBy::kDevice;
  bool guessed = false;  // opened_by is a guess: never counts

  AppState app_state = AppState::kUnknown;
  DetectionAction threat = DetectionAction::kAlert;  // of a detection in it; kAlert also where there is none
  AppId app = kNoApp;

  // What the payload says; a rule may ask for it (Rule::fact_tests).
  const facts::FactSet* facts = nullptr;    // flow-constant ones; null: not kept, so they are taken on trust
  facts::FactMask facts_pending = 0;        // those that are still to be told
  facts::FactMask facts_unknown = 0;        // those that were not kept though others were: taken on trust
  const facts::FactSet* message = nullptr;  // of the one message in question; null: none is
  bool message_from_client = false;
};

// What a rule has to say to a flow.
enum class Fit : std::uint8_t {
  kNo,
  kYes,
  kUnproved,   // everything fits, and the application, or a fact that the rule asks for, is not known yet
  kOtherApp,   // everything fits but the application
  kCondition,  // everything fits but what the payload says
};
Fit fit(const Snapshot& policy, const Rule& rule, const FlowFacts& facts);
// Whether a rule names this peer, whatever it says of ports and applications.
bool names_peer(const Snapshot& policy, const Rule& rule, const FlowFacts& facts);

// The rule's first test that fails, whose fact is one that the payload does not tell as the rule wants it; null: none.
const FactTest* unmet_test(const Snapshot& policy, const Rule& rule, const FlowFacts& facts);

// Whether a rule asks for facts of this scope.
bool asks(const Snapshot& policy, const Rule& rule, facts::Scope scope);

// The value of a fact that fails a rule's test, for a record; "" where the payload does not tell the fact.
std::string_view unmet_value(const FactTest& test, const FlowFacts& facts);

// The mode in force for this device: the segment's, weakened by class or device; the unidentified follow their own.
Mode effective_mode(const Snapshot& policy, const FlowFacts& facts);

// The criticality that limits for undecided traffic go by. Unknown may be a ventilator: an unidentified device counts
// as the most critical class that its segment expects, a serial server as the most critical device behind it.
Criticality criticality_of(const Snapshot& policy, const FlowFacts& facts);

// The order of decision of the design: quarantine, keep-alive of essential flows, operator block, detection, exception,
// infrastructure, class, default. An application not known yet gives FlowKind::kUndecided with the rule that would
// carry it.
Decision decide(const Snapshot& policy, const FlowFacts& facts);

// A block for `reason`, as the mode in force has it: in monitor the verdict is would_block and the packet goes on.
Decision block(const Snapshot& policy, const FlowFacts& facts, Step step, Reason reason, RuleId rule);

// Whether the policy says something of this device alone: an exception of the register, or an operator's block.
bool singles_out(const Snapshot& policy, std::uint64_t device_key);
// And of any device at all: most policies do not.
inline bool singles_out_some(const Snapshot& policy) {
  return !policy.blocked_devices.empty() || !policy.exceptions.empty();
}

}  // namespace wardline::enforce
