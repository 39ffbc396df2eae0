// The register against the wire, device by device: what to enter, to look for and to correct.
#include "controlplane/reports/questions.h"
#include "controlplane/reports/register_wire.h"

namespace wardline::reports {
namespace {

Table not_in_register(Source& source) {
  return source.table("not_in_register", "Seen, not in the register",
                      {{"device_id"},
                       {"class"},
                       {"mac"},
                       {"ip"},
                       {"vendor"},
                       {"model"},
                       {"serial"},
                       {"hostname"},
                       {"segment"},
                       {"switch"},
                       {"port"},
                       {"last_seen", Kind::kTime}},
                      "SELECT d.id, d.class, group_concat(i.mac, ' '), group_concat(i.ips, ' '), d.vendor, d.model, "
                      "d.serial, d.hostname, group_concat(i.segment, ' '), d.switch, d.port, d.last_seen "
                      "FROM device d LEFT JOIN interface i ON i.device_id=d.id "
                      "WHERE d.last_seen>=?1 AND d.id NOT IN (SELECT device_id FROM matched) "
                      "GROUP BY d.id ORDER BY d.id",
                      {source.since()});
}

}  // namespace

void asset_difference(Source& source, Report& report) {
  const auto agreed = compare_register(source);
  report.tables.push_back(agreement_figures(source, agreed));
  report.tables.push_back(not_seen(source));
  report.tables.push_back(not_in_register(source));
  report.tables.push_back(disagreements(source));
  report.notes.push_back(both_ways(agreed));
}

}  // namespace wardline::reports
