// What devices are connected, and at which switch and port?
#include <fmt/format.h>

#include "controlplane/reports/parts.h"
#include "controlplane/reports/policy_tables.h"
#include "controlplane/reports/questions.h"

namespace wardline::reports {

void connected(Source& source, Report& report) {
  match_register(source);
  make_places(source);
  report.tables.push_back(source.table(
      "devices", "Devices",
      {{"device_id"},
       {"class"},
       {"confidence", Kind::kCount},
       {"vendor"},
       {"model"},
       {"hostname"},
       {"ward"},
       {"switch"},
       {"port"},
       {"place_source"},
       {"segment"},
       {"mac"},
       {"ip"},
       {"quarantine"},
       {"last_seen", Kind::kTime}},
      "SELECT d.id, d.class, d.confidence, d.vendor, d.model, d.hostname, d.ward, d.switch, d.port, "
      "CASE p.source WHEN 'unplaced' THEN '' ELSE p.source END, "
      "group_concat(i.segment, ' '), group_concat(i.mac, ' '), group_concat(i.ips, ' '), d.quarantine, d.last_seen "
      "FROM device d JOIN place p ON p.device_id=d.id LEFT JOIN interface i ON i.device_id=d.id "
      "WHERE d.last_seen>=?1 GROUP BY d.id "
      "ORDER BY d.switch='', d.switch, d.port, d.ward, d.id",
      {source.since()}));
  report.tables.push_back(places(source));
  const auto all = device_count(source);
  const auto placed = source.number("SELECT count(*) FROM device WHERE switch<>'' AND last_seen>=?1", {source.since()});
  report.notes.push_back(
      fmt::format("The switch is known for {} ({} of {} devices), by source and age as the second "
                  "table says.",
                  share_text(placed, all), placed, all));
  report.notes.emplace_back("A device is known once one of its frames has crossed the appliance.");
}

}  // namespace wardline::reports
