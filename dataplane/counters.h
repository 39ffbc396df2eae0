#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

#include "dataplane/reason.h"

namespace wardline {

// One writer, any reader. Compiles to plain moves: no lock prefix.
class Counter {
 public:
  void add(std::uint64_t n = 1) { value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed); }
  void take(std::uint64_t n = 1) { add(~n + 1); }  // of a counter of what is there now
  std::uint64_t read() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// The named counters of a worker, beside forwarded and dropped. Names are those of metrics and of `wardline status`.
enum class Tally : std::uint8_t {
  kNotOurs,  // passed uninspected: of no listed segment and of no device
  kFlowsCreated,
  kFlowsExpired,
  kFlowsEvicted,
  kFlowsRedecided,     // decided again because an epoch moved
  kPassedUnderFormer,  // frames of settled flows, while a new policy was being met (work/policy_change.h)
  kFlowsMidstream,
  kScans,
  kScanBytes,
  kUndecidedForwardedBytes,
  kExpectationsMade,
  kExpectationsUsed,
  kExpectationsRefused,  // the bounded table was full
  kObservationsLost,
  kFlowRecordsLost,
  kViolationsLost,
  kQuarantinesMade,
  kQuarantineBudgetDenied,
  kOddHeaders,  // readable but unusual: judged as usual
  kRejectsSent,
  kRejectsWithheld,    // the reject budget was spent
  kUncomparedRepeats,  // TCP bytes sent again that were judged too long ago to compare: scanned by themselves
  kInspectionGaps,     // places of a stream that threats were not looked for in: they passed out of order
  kWindowsTakenBack,   // a connection that both sides ended gave its buffers up at once, since none were left
  kWatchedReplaced,    // a device that detectors followed gave way to another: what was counted of it is forgotten
  kCount
};
inline constexpr std::size_t kTallyCount = static_cast<std::size_t>(Tally::kCount);
inline constexpr std::array<std::string_view, kTallyCount> kTallyNames{"not_ours",
                                                                       "flows_created",
                                                                       "flows_expired",
                                                                       "flows_evicted",
                                                                       "flows_redecided",
                                                                       "passed_under_former_policy",
                                                                       "flows_midstream",
                                                                       "scans",
                                                                       "scan_bytes",
                                                                       "undecided_forwarded_bytes",
                                                                       "expectations_made",
                                                                       "expectations_used",
                                                                       "expectations_refused",
                                                                       "observations_lost",
                                                                       "flow_records_lost",
                                                                       "violations_lost",
                                                                       "quarantines_made",
                                                                       "quarantine_budget_denied",
                                                                       "odd_headers",
                                                                       "rejects_sent",
                                                                       "rejects_withheld",
                                                                       "uncompared_repeats",
                                                                       "inspection_gaps",
                                                                       "windows_taken_back",
                                                                       "watched_replaced"};

// Everything one worker counts. Owner: that worker; any thread may read.
// Invariant, asserted by every end-to-end test: received + created = forwarded + sum(dropped) + held.
struct alignas(128) WorkerCounters {  // two cache lines: neighbours are fetched in pairs
  Counter received, received_bytes, created, forwarded, forwarded_bytes, held;
  std::array<Counter, kReasonCount> dropped;
  std::array<Counter, kReasonCount> failures;  // how often each on_failure cause was met, whatever its action
  std::array<Counter, kTallyCount> tallies;

  void drop(Reason reason, std::uint64_t n = 1) { dropped[static_cast<std::size_t>(reason)].add(n); }
  void failure(Reason cause) { failures[static_cast<std::size_t>(cause)].add(); }
  void tally(Tally what, std::uint64_t n = 1) { tallies[static_cast<std::size_t>(what)].add(n); }
  std::uint64_t of(Tally what) const { return tallies[static_cast<std::size_t>(what)].read(); }
  std::uint64_t dropped_total() const {
    std::uint64_t sum = 0;
    for (const auto& counter : dropped) sum += counter.read();
    return sum;
  }
};

}  // namespace wardline
