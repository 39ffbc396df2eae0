// The security assessment that regulators expect, by paragraph: docs/reports.md tells where they come from.
#include <fmt/format.h>

#include "controlplane/reports/assessment_parts.h"
#include "controlplane/reports/parts.h"
#include "controlplane/reports/policy_tables.h"
#include "controlplane/reports/questions.h"

namespace wardline::reports {
namespace {

Table segments(Source& source) {
  return source.table(
      "segments", "Segmentation in force",
      {{"segment"},
       {"ward"},
       {"mode"},
       {"unidentified"},
       {"signed_off"},
       {"bypass"},
       {"expects"},
       {"devices", Kind::kCount}},
      "SELECT s.segment, s.ward, s.mode, s.unidentified, s.signed_off, s.bypass, s.expects, "
      "coalesce(u.n, 0) FROM policy_segment s LEFT JOIN (SELECT segment, count(DISTINCT device_id) AS n "
      "FROM interface GROUP BY segment) u ON u.segment=s.segment ORDER BY s.mode, s.segment");
}

Table inventory(Source& source) {
  return source.table("inventory", "Inventory",
                      {{"purpose"},
                       {"criticality"},
                       {"devices", Kind::kCount},
                       {"registered", Kind::kCount},
                       {"placed", Kind::kCount},
                       {"quarantined", Kind::kCount}},
                      "SELECT coalesce(c.purpose, 'unknown'), coalesce(c.criticality, 'unknown'), count(*), "
                      "sum(d.registered<>0), sum(d.switch<>''), sum(d.quarantine<>'none') FROM device d "
                      "LEFT JOIN policy_class c ON c.class=d.class GROUP BY 1, 2 ORDER BY max(c.points) DESC, 1");
}

Table exceptions(Source& source) {
  return source.table("exceptions", "Exceptions",
                      {{"device_id"}, {"class"}, {"owner"}, {"exception"}, {"reason"}, {"until"}, {"state"}, {"at"}},
                      "SELECT x.device_id, coalesce(d.class, r.class), r.owner, x.rule, x.reason, x.until, "
                      "CASE x.in_force WHEN 1 THEN 'in force' ELSE 'expired' END, x.at FROM exception x "
                      "LEFT JOIN register r ON r.id=x.device_id LEFT JOIN matched m ON m.id=r.id "
                      "LEFT JOIN device d ON d.id=m.device_id ORDER BY x.in_force DESC, x.until, x.device_id");
}

// Isolation compensates where something is blocked: the segments enforce, and neither class nor device is weakened.
Table legacy(Source& source) {
  return source.table(
      "legacy", "Devices out of support, and whether isolation compensates for it",
      {{"device_id"}, {"class"}, {"vendor"}, {"model"}, {"firmware"}, {"segment"}, {"isolation"}, {"why"}},
      "SELECT d.id, d.class, d.vendor, d.model, d.firmware, group_concat(DISTINCT i.segment), "
      "CASE WHEN d.quarantine<>'none' THEN 'quarantined: ' || d.quarantine "
      "  WHEN d.mode='monitor' OR max(coalesce(c.mode, 'inherit'))='monitor' THEN 'none: in monitor mode' "
      "  WHEN count(*)=sum(coalesce(s.mode, 'monitor')='enforce') THEN 'in force' "
      "  ELSE 'none: its segment is monitored' END, f.explanation "
      "FROM (SELECT device_id, min(explanation) AS explanation FROM finding WHERE kind LIKE 'end_of_support%' "
      "  AND state<>'resolved' GROUP BY device_id) f JOIN device d ON d.id=f.device_id "
      "LEFT JOIN interface i ON i.device_id=d.id LEFT JOIN policy_segment s ON s.segment=i.segment "
      "LEFT JOIN policy_class c ON c.class=d.class GROUP BY d.id ORDER BY d.class, d.id");
}

Table clear_text(Source& source) {
  return source.table(
      "clear_text", "Patient data and passwords in clear text",
      {{"device_id"}, {"class"}, {"vendor"}, {"what"}, {"count", Kind::kCount}, {"last_seen", Kind::kTime}},
      fmt::format("SELECT t.device_id, d.class, d.vendor, t.what, sum(t.n), max(t.at) FROM "
                  "({}) t LEFT JOIN device d ON d.id=t.device_id GROUP BY t.device_id, t.what "
                  "ORDER BY t.what, sum(t.n) DESC, t.device_id",
                  kClearText),
      {source.since()});
}

}  // namespace

void assessment(Source& source, Report& report) {
  match_register(source);
  make_detections(source);
  report.tables.push_back(requirements(source));
  report.tables.push_back(inventory(source));
  report.tables.push_back(segments(source));
  report.tables.push_back(exceptions(source));
  report.tables.push_back(legacy(source));
  report.tables.push_back(clear_text(source));
  report.tables.push_back(tests(source));
  report.notes.emplace_back(
      "This shows what the appliance can prove. It is evidence for an assessment and no finding of compliance. What is "
      "marked `proposed` was proposed by the HHS on 6 January 2025 (90 FR 898) and is no law.");
  report.notes.emplace_back(
      "Not shown here, since no wire tells it: accounts and MFA, encryption at rest, backups and their restoring, "
      "training, contracts with business associates.");
}

}  // namespace wardline::reports
