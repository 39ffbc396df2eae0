// How many devices are there, of which purpose, criticality, class and segment?
#include <fmt/format.h>

#include "controlplane/reports/parts.h"
#include "controlplane/reports/questions.h"

namespace wardline::reports {
namespace {

Table counted(Source& source, const std::string& what, const std::string& title, std::string_view from) {
  return source.table(
      what, title, {{what}, {"devices", Kind::kCount}, {"share_percent", Kind::kShare}},
      fmt::format(
          "SELECT {0}, count(*) AS n, 100000*count(*)/max(1, (SELECT count(*) FROM device WHERE last_seen>=?1)) "
          "FROM {1} WHERE d.last_seen>=?1 GROUP BY 1 ORDER BY n DESC, 1",
          what == "class"     ? "d.class"
          : what == "segment" ? "i.segment"
                              : "coalesce(c." + what + ", 'unknown')",
          from),
      {source.since()});
}

}  // namespace

void counts(Source& source, Report& report) {
  constexpr std::string_view kWithClass = "device d LEFT JOIN policy_class c ON c.class=d.class";
  report.tables.push_back(counted(source, "purpose", "By purpose", kWithClass));
  report.tables.push_back(counted(source, "criticality", "By criticality", kWithClass));
  report.tables.push_back(counted(source, "class", "By class", "device d"));
  report.tables.push_back(
      counted(source, "segment", "By segment",
              "(SELECT DISTINCT device_id, segment FROM interface) i JOIN device d ON d.id=i.device_id"));
  report.notes.push_back(
      fmt::format("{} devices. One that has interfaces in several segments is counted in each, so "
                  "segments may add up to more.",
                  device_count(source)));
  report.notes.emplace_back("A device that is not identified may be a medical one.");
}

}  // namespace wardline::reports
