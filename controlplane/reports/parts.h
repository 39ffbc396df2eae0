#pragma once
#include <string>
#include <string_view>

#include "controlplane/reports/source.h"

// What several reports need.
namespace wardline::reports {

// Applications of which nothing but addresses, ports and sizes can be judged: encrypted, or never recognised.
inline constexpr std::string_view kOpaque =
    "'', 'unknown', 'unclassified', 'tls', 'dtls', 'quic', 'ssh', 'dicom-tls', 'dot', 'doh', 'openvpn', "
    "'wireguard', 'esp', 'tor', 'anydesk'";

// For ORDER BY, of a table `f` with severities: the worst first.
inline constexpr std::string_view kSeverityRank =
    "CASE f.severity WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'medium' THEN 2 WHEN 'low' THEN 3 ELSE 4 END";

// Of all conversations that are kept, whatever `--since` says: to ask for the time as well would read millions of rows.
struct Traffic {
  std::int64_t conversations = 0, opaque = 0;
  std::int64_t one_sided = 0;  // TCP without a byte of one of the sides, which no conversation that goes well has
};
Traffic traffic_of(Source& source);
std::string opaque_sentence(const Traffic& traffic);

// Who had conversations refused since then, as the temporary table `refused`: device_id, conversations, blocked (of
// these), would_block, flows, at (the last one).
void make_refused(Source& source);

// The detections since then, as the temporary table `detection`: device_id, time, signature, severity.
void make_detections(Source& source);

// A line of a table that counts things: what, how many, of how many, the share. `means` is for people.
struct Figure {
  std::string what;
  std::int64_t count = 0, of = 0;
  std::string means;
};
Table figures(std::string name, std::string title, const std::vector<Figure>& list);

std::int64_t device_count(Source& source);

// Sources and ages of the known places; a row `unplaced`.
Table places(Source& source);
// The temporary table `place` that it is made of: device_id, source, at. After match_register().
void make_places(Source& source);

}  // namespace wardline::reports
