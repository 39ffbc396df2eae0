// What changed?
#include <fmt/format.h>

#include "controlplane/reports/parts.h"
#include "controlplane/reports/questions.h"

namespace wardline::reports {
namespace {

constexpr std::int64_t kWeek = 604'800'000'000;  // microseconds

Table history(Source& source, std::int64_t since) {
  return source.table("changes", "Changes of devices, newest first",
                      {{"time", Kind::kTime}, {"device_id"}, {"class"}, {"attribute"}, {"before"}, {"after"}},
                      "SELECT h.time, h.device_id, d.class, h.attribute, h.\"before\", h.\"after\" FROM history h "
                      "LEFT JOIN device d ON d.id=h.device_id WHERE h.time>=?1 ORDER BY h.time DESC, h.device_id",
                      {since});
}

Table new_devices(Source& source, std::int64_t since) {
  return source.table(
      "new_devices", "Devices first seen",
      {{"first_seen", Kind::kTime}, {"device_id"}, {"class"}, {"vendor"}, {"hostname"}, {"ward"}, {"registered"}},
      "SELECT first_seen, id, class, vendor, hostname, ward, CASE registered WHEN 0 THEN 'no' ELSE 'yes' END "
      "FROM device WHERE first_seen>=?1 ORDER BY first_seen DESC, id",
      {since});
}

Table quarantines(Source& source, std::int64_t since) {
  return source.table(
      "quarantines", "Quarantines begun",
      {{"created", Kind::kTime}, {"device_id"}, {"profile"}, {"state"}, {"by"}, {"reason"}, {"until", Kind::kTime}},
      "SELECT created, device_id, profile, state, \"by\", reason, until FROM quarantine WHERE created>=?1 "
      "ORDER BY created DESC, id",
      {since});
}

Table findings(Source& source, std::int64_t since) {
  return source.table(
      "findings", "Findings first seen",
      {{"first_seen", Kind::kTime}, {"severity"}, {"kind"}, {"device_id"}, {"subject"}, {"state"}, {"explanation"}},
      "SELECT first_seen, severity, kind, device_id, subject, state, explanation FROM finding "
      "WHERE first_seen>=?1 ORDER BY first_seen DESC, id",
      {since});
}

}  // namespace

void changes(Source& source, Report& report) {
  if (!report.since) report.since = source.options().now - std::chrono::microseconds(kWeek);
  const auto since = report.since->time_since_epoch().count();
  report.tables.push_back(history(source, since));
  report.tables.push_back(new_devices(source, since));
  report.tables.push_back(findings(source, since));
  report.tables.push_back(quarantines(source, since));
  report.notes.push_back(fmt::format("Since {}; without `--since` of the last 7 days.", text_of(*report.since)));
  report.notes.emplace_back("Changes of the policy stand in its history under git.");
}

}  // namespace wardline::reports
