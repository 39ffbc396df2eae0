// Does every device behave as expected?
#include <fmt/format.h>

#include "controlplane/reports/parts.h"
#include "controlplane/reports/questions.h"

namespace wardline::reports {
namespace {

Table devices(Source& source) {
  return source.table(
      "devices", "Devices with blocked conversations or detections, most first",
      {{"device_id"},
       {"class"},
       {"vendor"},
       {"ward"},
       {"quarantine"},
       {"blocked", Kind::kCount},
       {"would_block", Kind::kCount},
       {"flows", Kind::kCount},
       {"detections", Kind::kCount},
       {"last_time", Kind::kTime}},
      "WITH detected AS (SELECT device_id, 0, 0, 0, count(*), max(time) FROM detection WHERE device_id<>'' "
      "  GROUP BY device_id), "
      "odd AS (SELECT device_id, sum(blocked) AS blocked, sum(would_block) AS would_block, sum(flows) AS flows, "
      "    sum(detections) AS detections, max(at) AS at "
      "  FROM (SELECT device_id, blocked, would_block, flows, 0 AS detections, at FROM refused UNION ALL SELECT * FROM "
      "detected) GROUP BY device_id) "
      "SELECT o.device_id, d.class, d.vendor, d.ward, d.quarantine, o.blocked, o.would_block, o.flows, o.detections, "
      "o.at FROM odd o LEFT JOIN device d ON d.id=o.device_id "
      "ORDER BY o.blocked + o.would_block + o.detections DESC, o.device_id");
}

Table detections(Source& source) {
  return source.table("detections", "Detections, most first",
                      {{"signature"},
                       {"severity"},
                       {"detections", Kind::kCount},
                       {"devices", Kind::kCount},
                       {"last_time", Kind::kTime}},
                      "SELECT signature, severity, count(*), count(DISTINCT device_id), max(time) FROM detection "
                      "GROUP BY signature, severity ORDER BY count(*) DESC, signature");
}

}  // namespace

void behaviour(Source& source, Report& report) {
  make_refused(source);
  make_detections(source);
  report.tables.push_back(devices(source));
  report.tables.push_back(detections(source));
  const auto all = device_count(source);
  const auto& odd = report.tables.front();
  report.notes.push_back(fmt::format("{}{} of {} devices have blocked conversations or detections.",
                                     odd.cut ? "More than " : "", odd.rows.size(), all));
  report.notes.push_back(opaque_sentence(traffic_of(source)));
  report.notes.emplace_back(
      "A conversation is counted once for each direction, peer, application and port, however many flows it has. Only "
      "traffic that crosses the appliance is judged.");
}

}  // namespace wardline::reports
