// Which devices have no medical purpose, and who excepted them until when?
#include <fmt/format.h>

#include "controlplane/reports/parts.h"
#include "controlplane/reports/policy_tables.h"
#include "controlplane/reports/questions.h"

namespace wardline::reports {

// A device stands once for each of its exceptions, and once when it has none.
void purpose(Source& source, Report& report) {
  match_register(source);
  report.tables.push_back(source.table(
      "devices", "Devices without a medical purpose, and their exceptions",
      {{"device_id"},
       {"class"},
       {"purpose"},
       {"vendor"},
       {"hostname"},
       {"ward"},
       {"owner"},
       {"exception"},
       {"reason"},
       {"until"},
       {"state"},
       {"at"},
       {"last_seen", Kind::kTime}},
      "SELECT d.id, d.class, c.purpose, d.vendor, d.hostname, d.ward, coalesce(nullif(d.owner, ''), r.owner), x.rule, "
      "x.reason, x.until, CASE x.in_force WHEN 1 THEN 'in force' WHEN 0 THEN 'expired' ELSE 'no exception' END, x.at, "
      "d.last_seen FROM device d JOIN policy_class c ON c.class=d.class "
      "LEFT JOIN matched m ON m.device_id=d.id LEFT JOIN register r ON r.id=m.id "
      "LEFT JOIN exception x ON x.device_id=r.id "
      "WHERE c.purpose IN ('none', 'operational') AND d.last_seen>=?1 "
      "ORDER BY x.rule IS NULL, c.purpose, x.until, d.class, d.id",
      {source.since()}));
  report.tables.push_back(source.table(
      "purposes", "By purpose", {{"purpose"}, {"devices", Kind::kCount}, {"share_percent", Kind::kShare}},
      "SELECT coalesce(c.purpose, 'unknown'), count(*), 100000*count(*)/sum(count(*)) OVER () "
      "FROM device d LEFT JOIN policy_class c ON c.class=d.class WHERE d.last_seen>=?1 GROUP BY 1 ORDER BY 2 DESC",
      {source.since()}));
  const auto expired = source.number("SELECT count(*) FROM exception WHERE NOT in_force");
  report.notes.push_back(fmt::format("{} exceptions stand in the register, {} of them expired: those allow nothing.",
                                     source.number("SELECT count(*) FROM exception"), expired));
  report.notes.emplace_back(
      "The register states a device's owner, and an exception's reason and last day; who approved it stands in the "
      "history of the file under git, at the line given.");
  report.notes.emplace_back("Devices that are not identified are not among these: they may be medical.");
}

}  // namespace wardline::reports
