#pragma once
#include <cstdint>
#include <string>

#include "controlplane/reports/parts.h"

// The register against the wire: what the report on accuracy and the difference of assets both say, so that they agree.
namespace wardline::reports {

struct Agreement {
  std::int64_t entries = 0, seen = 0;    // of the register; of these seen on the wire
  std::int64_t devices = 0, listed = 0;  // seen on the wire; of these in the register
};

// Once for a source; the tables below ask what it has made: `matched`, and `compared` (device_id, attribute, register,
// wire, agrees).
Agreement compare_register(Source& source);

Table agreement_figures(Source& source, const Agreement& agreement);  // "figures"
Table disagreements(Source& source);                                  // "disagreements"
Table not_seen(Source& source);                                       // "not_seen"
std::string both_ways(const Agreement& agreement);                    // both shares in a sentence

}  // namespace wardline::reports
