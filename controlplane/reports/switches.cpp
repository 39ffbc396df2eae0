// Where are the most vulnerable switches?
#include <fmt/format.h>

#include "controlplane/reports/parts.h"
#include "controlplane/reports/policy_tables.h"
#include "controlplane/reports/questions.h"

namespace wardline::reports {
namespace {

// What a device weighs, in points; docs/reports.md has the same figures and why.
constexpr int kCritical = 10, kHigh = 5, kMedium = 2, kLow = 1;  // an open finding
constexpr int kEndOfSupport = 5;                                 // once a device
constexpr int kMostBlocked = 5;  // a conversation is a point, up to this, or one scan would outweigh a ward
constexpr int kQuarantined = 10;

// A finding that says that support has ended counts as that, and not by its severity as well.
void weigh(Source& source) {
  source.execute(
      fmt::format(
          "CREATE TEMP TABLE risk AS WITH found AS (SELECT device_id, "
          "    sum(severity='critical' AND NOT ended) AS critical, sum(severity='high' AND NOT ended) AS high, "
          "    sum(severity='medium' AND NOT ended) AS medium, sum(severity='low' AND NOT ended) AS low, "
          "    max(ended) AS ended FROM "
          "    (SELECT *, kind LIKE 'end_of_support%' AS ended FROM finding WHERE state='open') GROUP BY device_id) "
          "SELECT d.switch, d.port, coalesce(c.points, 0) AS points, coalesce({0}*f.critical, 0) AS critical, "
          "  coalesce({1}*f.high, 0) AS high, coalesce({2}*f.medium, 0) AS medium, coalesce({3}*f.low, 0) AS low, "
          "  coalesce({4}*f.ended, 0) AS ended, min(coalesce(b.conversations, 0), {5}) AS blocked, "
          "  CASE d.quarantine WHEN 'none' THEN 0 ELSE {6} END AS quarantined "
          "FROM device d LEFT JOIN policy_class c ON c.class=d.class LEFT JOIN found f ON f.device_id=d.id "
          "LEFT JOIN refused b ON b.device_id=d.id WHERE d.last_seen>=?1",
          kCritical, kHigh, kMedium, kLow, kEndOfSupport, kMostBlocked, kQuarantined),
      {source.since()});
}

std::vector<Column> columns_after(std::initializer_list<Column> first) {
  std::vector<Column> columns(first);
  for (const char* name : {"devices", "risk", "criticality_points", "findings_critical", "findings_high",
                           "findings_medium", "findings_low", "end_of_support", "blocked_conversations", "quarantined"})
    columns.push_back({name, Kind::kCount});
  return columns;
}

constexpr std::string_view kSums =
    "count(*), sum(points+critical+high+medium+low+ended+blocked+quarantined) AS risk, sum(points), sum(critical), "
    "sum(high), sum(medium), sum(low), sum(ended), sum(blocked), sum(quarantined)";
constexpr std::string_view kSwitch = "CASE switch WHEN '' THEN 'unplaced' ELSE switch END";

}  // namespace

void switches(Source& source, Report& report) {
  match_register(source);
  make_places(source);
  make_refused(source);
  weigh(source);
  report.tables.push_back(source.table(
      "switches", "Switches, most risk first", columns_after({{"switch"}}),
      fmt::format("SELECT {}, {} FROM risk GROUP BY switch ORDER BY switch='', risk DESC, switch", kSwitch, kSums)));
  report.tables.push_back(source.table(
      "ports", "Ports, most risk first", columns_after({{"switch"}, {"port"}}),
      fmt::format("SELECT {}, port, {} FROM risk WHERE switch<>'' GROUP BY switch, port ORDER BY risk DESC, switch, "
                  "port",
                  kSwitch, kSums)));
  report.notes.push_back(fmt::format(
      "The risk of a switch is that of the devices behind it, added up. A device weighs: its class (life-critical 4, "
      "care-critical 3, care-support 2, none 1, not identified 4) + open findings (critical {}, high {}, medium {}, "
      "low {} each) + support that has ended ({}) + blocked conversations (1 each, at most {}) + a quarantine ({}). "
      "The columns are these points.",
      kCritical, kHigh, kMedium, kLow, kEndOfSupport, kMostBlocked, kQuarantined));
  const auto unplaced =
      source.number("SELECT count(*) FROM device WHERE switch='' AND last_seen>=?1", {source.since()});
  report.notes.push_back(
      fmt::format("{} of {} devices are unplaced: nobody told which switch they are at. A switch "
                  "with more devices weighs more.",
                  unplaced, device_count(source)));
  report.notes.push_back(fmt::format(
      "{} stand behind an uplink: the switch at the leg's cable said so by LLDP or CDP, and nobody told which switch "
      "behind it they are at.",
      source.number("SELECT count(*) FROM place WHERE source='uplink'")));
}

}  // namespace wardline::reports
