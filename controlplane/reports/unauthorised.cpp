// Any unauthorised or rogue device?
#include <fmt/format.h>

#include "controlplane/reports/parts.h"
#include "controlplane/reports/questions.h"

namespace wardline::reports {
namespace {

// Findings that speak of a device that should not be there, or is not what it says.
constexpr std::string_view kRogue =
    "(kind LIKE 'rogue\\_%' ESCAPE '\\' OR kind IN ('not_in_register', 'register_mismatch', 'unexpected_segment', "
    "'contradiction', 'forged_mac', 'hidden_router', 'locally_administered_mac', 'duplicate_ip', 'mac_on_two_legs', "
    "'no_medical_purpose', "
    "'unmapped_vlan', 'device_flood'))";

Table findings(Source& source) {
  return source.table(
      "findings", "Findings of rogue and false devices",
      {{"severity"},
       {"kind"},
       {"device_id"},
       {"class"},
       {"vendor"},
       {"subject"},
       {"why"},
       {"state"},
       {"count", Kind::kCount},
       {"first_seen", Kind::kTime},
       {"last_seen", Kind::kTime}},
      fmt::format("SELECT f.severity, f.kind, f.device_id, d.class, d.vendor, f.subject, f.explanation, f.state, "
                  "f.count, f.first_seen, f.last_seen FROM finding f LEFT JOIN device d ON d.id=f.device_id "
                  "WHERE f.state<>'resolved' AND f.last_seen>=?1 AND {} "
                  "ORDER BY {}, f.last_seen DESC, f.id",
                  kRogue, kSeverityRank),
      {source.since()});
}

// The second digit of a MAC that nobody's register of makers gave (IEEE 802, 8.4: the U/L bit is set).
Table not_registered(Source& source) {
  return source.table(
      "not_in_register", "Devices that the asset register does not have",
      {{"device_id"},
       {"class"},
       {"vendor"},
       {"hostname"},
       {"mac"},
       {"segment"},
       {"ward"},
       {"switch"},
       {"port"},
       {"why"},
       {"first_seen", Kind::kTime},
       {"last_seen", Kind::kTime}},
      "SELECT d.id, d.class, d.vendor, d.hostname, group_concat(i.mac, ' '), group_concat(i.segment, ' '), d.ward, "
      "d.switch, d.port, 'not in the asset register' || CASE WHEN d.class='unidentified' THEN ', not identified' "
      "ELSE '' END || CASE WHEN max(substr(i.mac, 2, 1) IN ('2', '6', 'a', 'e')) THEN ', its MAC is locally "
      "administered' ELSE '' END, d.first_seen, d.last_seen "
      "FROM device d LEFT JOIN interface i ON i.device_id=d.id WHERE d.registered=0 AND d.last_seen>=?1 GROUP BY d.id "
      "ORDER BY d.class='unidentified' DESC, d.first_seen DESC, d.id",
      {source.since()});
}

}  // namespace

void unauthorised(Source& source, Report& report) {
  report.tables.push_back(findings(source));
  report.tables.push_back(not_registered(source));
  const auto all = device_count(source);
  const auto registered =
      source.number("SELECT count(*) FROM device WHERE registered<>0 AND last_seen>=?1", {source.since()});
  report.notes.push_back(
      fmt::format("{} of {} devices are in the asset register ({}).", registered, all, share_text(registered, all)));
  if (all != 0 && registered == 0)
    report.notes.emplace_back("No device is: the register (devices.yaml) is empty, or speaks of others.");
  report.notes.emplace_back("Not seen are passive taps, implants that stay silent, and whatever stays inside a VLAN.");
}

}  // namespace wardline::reports
