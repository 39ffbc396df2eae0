#pragma once
#include <array>
#include <cstdint>
#include <string_view>

#include "dataplane/facts/fact.h"
#include "dataplane/ids.h"
#include "dataplane/reason.h"

namespace wardline::enforce {

enum class Verdict : std::uint8_t { kAllow, kBlock, kWouldBlock };
inline constexpr std::array<std::string_view, 3> kVerdictNames{"allow", "block", "would_block"};

// What a detection does to the flow that carries it, from the mildest to the gravest; each does what stands before it,
// too. Essential flows are only told of, whatever the action.
enum class DetectionAction : std::uint8_t {
  kAlert,       // tell
  kCount,       // and count toward the device's quarantine
  kDrop,        // and drop the datagram; of TCP no single segment can be dropped, so the flow is condemned
  kCondemn,     // and drop all that follows in the flow
  kQuarantine,  // and quarantine the device at once, within the budgets
};
inline constexpr std::array<std::string_view, 5> kDetectionActionNames{"alert", "count", "drop", "condemn",
                                                                       "quarantine"};

// How long a verdict stands and what each packet still costs.
enum class FlowKind : std::uint8_t {
  kUndecided,    // provisional: bytes are gathered and scanned under the undecided limits
  kSettled,      // compare three epochs, then forward or free
  kInspect,      // settled, but threats are looked for until a depth
  kPerMessage,   // each message meets a rule's condition, or the flow is condemned; of datagrams, the one is dropped
  kAwaitAnswer,  // settled; the first answer makes the exchange evidence of what the device is
  kWatched,      // settled, but behaviour detectors read each of its packets: DNS, ICMP
  kCondemned,    // a detection or a failed message: dropped until it ends, whatever the policy's epoch
};

// What is known of the application.
enum class AppState : std::uint8_t { kUnknown, kPortOnly, kProved, kMidstream, kOpaque };
inline constexpr std::array<std::string_view, 5> kAppStateNames{"unknown", "port_only", "proved", "midstream",
                                                                "opaque"};

// The step of the order of decision that gave the verdict; every record names it.
enum class Step : std::uint8_t {
  kBreakGlass,
  kQuarantine,
  kKeepAlive,  // an essential flow
  kOperatorBlock,
  kDetection,
  kException,
  kInfrastructure,
  kClass,
  kProbation,  // an unidentified device using what an expected class may use
  kFormerClass,
  kRelated,    // inherits from its parent: ICMP error, FTP data, TFTP, answer to a group query
  kSegment,    // frames of no single device
  kOnFailure,  // a row of the on_failure table
  kDefault,
  kCount
};
inline constexpr std::array<std::string_view, static_cast<std::size_t>(Step::kCount)> kStepNames{
    "break_glass", "quarantine", "keep_alive",   "operator_block", "detection", "exception",  "infrastructure",
    "class",       "probation",  "former_class", "related",        "segment",   "on_failure", "default"};

// The answer of `decide`. `drop` already takes the mode into account: kWouldBlock is never dropped.
struct Decision {
  Verdict verdict = Verdict::kAllow;
  FlowKind kind = FlowKind::kSettled;
  Step step = Step::kDefault;
  Reason reason = Reason::kNone;
  RuleId rule = kNoRule;
  facts::Fact unmet = facts::Fact::kCount;  // Reason::kCondition: the fact that is not as the rule wants it
  bool drop = false;
  bool essential = false;  // the rule is essential: mismatches and detections alert, never drop
  bool counts = false;     // counts toward the device's quarantine threshold
  bool reject = false;     // tell the sender (RST or ICMP), within the budget

  bool operator==(const Decision&) const = default;
};

}  // namespace wardline::enforce
