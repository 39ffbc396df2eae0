// Is the inventory accurate and current?
#include "controlplane/reports/questions.h"
#include "controlplane/reports/register_wire.h"

namespace wardline::reports {
namespace {

Table current(Source& source) {
  return source.table("age", "How old what is known of each device is",
                      {{"newest_evidence"}, {"devices", Kind::kCount}, {"share_percent", Kind::kShare}},
                      "WITH age AS (SELECT CASE WHEN ?2-max(d.last_seen, coalesce(e.at, 0))<86400000000 THEN 1 "
                      "WHEN ?2-max(d.last_seen, coalesce(e.at, 0))<604800000000 THEN 2 "
                      "WHEN ?2-max(d.last_seen, coalesce(e.at, 0))<2592000000000 THEN 3 ELSE 4 END AS bucket "
                      "FROM device d LEFT JOIN (SELECT device_id, max(last_seen) AS at FROM evidence "
                      "WHERE source<>'register' GROUP BY device_id) e ON e.device_id=d.id WHERE d.last_seen>=?1) "
                      "SELECT CASE bucket WHEN 1 THEN 'within a day' WHEN 2 THEN 'within a week' "
                      "WHEN 3 THEN 'within 30 days' ELSE 'older' END, count(*), 100000*count(*)/sum(count(*)) OVER () "
                      "FROM age GROUP BY bucket ORDER BY bucket",
                      {source.since(), source.now()});
}

}  // namespace

void accuracy(Source& source, Report& report) {
  const auto agreed = compare_register(source);
  report.tables.push_back(agreement_figures(source, agreed));
  report.tables.push_back(disagreements(source));
  report.tables.push_back(not_seen(source));
  report.tables.push_back(current(source));
  report.notes.push_back(both_ways(agreed));
  report.notes.emplace_back(
      "An entry that was not seen may be switched off, or stand where its traffic does not cross the appliance. "
      "`report unauthorised` lists the devices that the register lacks.");
}

}  // namespace wardline::reports
