// Which makers do the devices come from?
#include <fmt/format.h>

#include "controlplane/reports/parts.h"
#include "controlplane/reports/questions.h"

namespace wardline::reports {

void vendors(Source& source, Report& report) {
  const auto top = static_cast<std::int64_t>(source.options().top);
  report.tables.push_back(source.table(
      "vendors", fmt::format("The {} makers with most devices", top),
      {{"vendor"},
       {"devices", Kind::kCount},
       {"share_percent", Kind::kShare},
       {"classes", Kind::kCount},
       {"models", Kind::kCount}},
      "WITH made AS (SELECT vendor, count(*) AS n, count(DISTINCT class) AS classes, "
      "    count(DISTINCT nullif(model, '')) AS models, row_number() OVER (ORDER BY vendor='', count(*) DESC, vendor) "
      "    AS place FROM device WHERE last_seen>=?1 GROUP BY vendor), "
      "shown AS (SELECT CASE WHEN vendor='' THEN 'unknown' WHEN place>?2 THEN 'all others' ELSE vendor END AS vendor, "
      "    n, classes, models, CASE WHEN vendor='' THEN 2 WHEN place>?2 THEN 1 ELSE 0 END AS kind, "
      "    CASE WHEN vendor<>'' AND place<=?2 THEN place END AS place FROM made) "
      "SELECT vendor, sum(n), 100000*sum(n)/sum(sum(n)) OVER (), CASE kind WHEN 0 THEN sum(classes) END, "
      "CASE kind WHEN 0 THEN sum(models) END FROM shown GROUP BY kind, place ORDER BY kind, place",
      {source.since(), top}));
  const auto all = device_count(source);
  const auto known = source.number("SELECT count(*) FROM device WHERE vendor<>'' AND last_seen>=?1", {source.since()});
  report.notes.push_back(
      fmt::format("The maker is known for {} ({} of {} devices); shares are of all devices. It may be the maker of the "
                  "network card alone.",
                  share_text(known, all), known, all));
}

}  // namespace wardline::reports
