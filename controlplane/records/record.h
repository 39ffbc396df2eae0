#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "controlplane/inventory/device.h"
#include "controlplane/records/facts.h"

namespace wardline::records {

inline constexpr int kSchema = 1;  // `schema` of every record: raised when a field changes its meaning or goes

// Each gives one JSON object on one line: the fields of the design, in its order, null where one does not apply.
// Text is UTF-8; what is not is replaced.

// A flow's interim and final reports share the flow's id, the states of one quarantine the quarantine's, the states of
// one device the device's, those of one finding the finding's; ids of all other records are unique.
std::string flow_record(const Facts& facts);
std::string violation_record(const Facts& facts);
std::string detection_record(const Facts& facts);

// `purpose` as the class in force has it.
std::string device_record(const Head& head, const inventory::Device& device, std::string_view purpose);

struct Finding {
  std::string kind;            // of findings/kinds.h
  std::string severity;        // info | low | medium | high | critical
  std::string state = "open";  // open | acknowledged | resolved
  std::string subject{};       // "" where the kind and the device say it all
  std::string explanation;
  std::vector<std::string> evidence{};
  std::string note{}, by{};                           // of the person who acknowledged it
  std::optional<WallTime> until{};                    // end of the acknowledgement
  std::optional<WallTime> first_seen{}, last_seen{};  // without them: the record's own time
  std::uint64_t count = 1;                            // how often it was seen
};
std::string finding_record(const Head& head, const Finding& finding);

struct QuarantineFacts {
  std::string profile, state, by, reason;
  std::optional<WallTime> until;
};
// `reach` is always crossing-only: what stays inside a VLAN never passes the appliance.
std::string quarantine_record(const Head& head, const QuarantineFacts& quarantine);

// A live capture: who takes which frames, for how long.
struct CaptureFacts {
  std::string state;  // started | ended
  std::string by, filter;
  std::optional<WallTime> until{};            // at the latest
  std::string reason{};                       // of the end: time | limit | stopped | client_gone | shutdown
  std::uint64_t frames = 0, not_written = 0;  // taken; met the filter and were not
};
std::string capture_record(const Head& head, const CaptureFacts& capture);

struct SummaryFacts {
  std::uint64_t packets = 0, bytes = 0, flows = 0, created = 0, forwarded = 0, held = 0, malformed = 0;
  std::map<std::string, std::uint64_t> dropped;  // by reason, only what is not 0
  double seconds = 0;
};
std::string summary_record(const Head& head, const SummaryFacts& summary);

}  // namespace wardline::records
