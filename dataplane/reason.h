#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace wardline {

// Why a packet was not forwarded, or why a block would have stood. One table for records, metrics and drops; the order
// is the order of the enum. `failure` marks the causes that `on_failure:` maps to allow or drop.
enum class Reason : std::uint8_t {
  kNone,
  kNoRule,
  kAppMismatch,
  kCondition,
  kDetection,
  kQuarantine,
  kOperatorBlock,
  kUndecidedLimit,
  kContradiction,
  kOutOfOrder,
  kBadChecksum,
  kFragmentOverlap,
  kFragmentDuplicate,
  kFragmentLimit,
  // causes of the on_failure table
  kFlowTableFull,
  kDeviceTableFull,
  kBufferPoolExhausted,
  kMidstream,
  kFragment,
  kScanError,
  kReassemblyLimit,
  kUnknownDestination,
  kUnknownEthertype,
  kOverload,
  kNoPolicy,
  kMalformed,
  // the way through the box: never a verdict
  kDistributionFull,
  kTxFull,
  kTxError,
  kOversize,
  kCount
};

inline constexpr std::size_t kReasonCount = static_cast<std::size_t>(Reason::kCount);

struct ReasonText {
  Reason reason;
  bool failure;  // a row of `on_failure:`
  std::string_view name, help;
};

inline constexpr std::array<ReasonText, kReasonCount> kReasons{{
    {Reason::kNone, false, "none", "nothing speaks against it"},
    {Reason::kNoRule, false, "no_rule", "no rule of the device's class allows this peer, protocol and port"},
    {Reason::kAppMismatch, false, "app_mismatch",
     "a rule fits the peer and port, but the payload is another application"},
    {Reason::kCondition, false, "condition", "a rule fits, but what the payload says does not meet its condition"},
    {Reason::kDetection, false, "detection", "a threat signature matched"},
    {Reason::kQuarantine, false, "quarantine", "the device is quarantined and its profile does not keep this flow"},
    {Reason::kOperatorBlock, false, "operator_block", "an operator blocks this"},
    {Reason::kUndecidedLimit, false, "undecided_limit", "too much was sent before the application could be told"},
    {Reason::kContradiction, false, "contradiction", "a TCP segment differs from bytes that were already forwarded"},
    {Reason::kOutOfOrder, false, "out_of_order", "a TCP segment lies beyond the buffer while the flow is undecided"},
    {Reason::kBadChecksum, false, "bad_checksum",
     "a wrong TCP or UDP checksum in a flow whose bytes are judged: its receiver would not take it"},
    {Reason::kFragmentOverlap, false, "fragment_overlap",
     "fragments of one datagram lie over each other, or beyond its end: receivers would read different things"},
    {Reason::kFragmentDuplicate, false, "fragment_duplicate", "a fragment that is held already came again"},
    {Reason::kFragmentLimit, false, "fragment_limit",
     "a fragment that fits no datagram: past 65,535 bytes, ragged, empty, or one of more than 64"},
    {Reason::kFlowTableFull, true, "flow_table_full", "no room for another flow record"},
    {Reason::kDeviceTableFull, true, "device_table_full", "no slot for another device"},
    {Reason::kBufferPoolExhausted, true, "buffer_pool_exhausted", "no buffer left to gather a flow's first bytes"},
    {Reason::kMidstream, true, "midstream", "picked up in the middle, so the application cannot be proved"},
    {Reason::kFragment, true, "fragment",
     "an IP fragment whose datagram did not become whole, judged by its headers alone"},
    {Reason::kScanError, true, "scan_error", "the signature engine failed on this payload"},
    {Reason::kReassemblyLimit, true, "reassembly_limit", "more holes in a TCP flow than are tracked"},
    {Reason::kUnknownDestination, true, "unknown_destination", "sent from the core to a MAC that was never seen"},
    {Reason::kUnknownEthertype, true, "unknown_ethertype",
     "an Ethernet protocol that the site does not list, or refuses"},
    {Reason::kOverload, true, "overload", "the worker is overloaded"},
    {Reason::kNoPolicy, true, "no_policy", "no policy is loaded yet"},
    {Reason::kMalformed, true, "malformed", "a header cannot be read, or the frame is shorter than it says"},
    {Reason::kDistributionFull, false, "distribution_full",
     "the worker of the frame's device did not follow: its queue stayed full"},
    {Reason::kTxFull, false, "tx_full", "the twin port did not take the frame in time"},
    {Reason::kTxError, false, "tx_error", "the twin port refused the frame"},
    {Reason::kOversize, false, "oversize", "the frame is larger than the twin port can send"},
}};

consteval bool reasons_in_order() {
  for (std::size_t i = 0; i < kReasonCount; ++i)
    if (static_cast<std::size_t>(kReasons[i].reason) != i) return false;
  return true;
}
static_assert(reasons_in_order());

constexpr std::string_view name_of(Reason reason) {
  return kReasons[static_cast<std::size_t>(reason)].name;
}

}  // namespace wardline
