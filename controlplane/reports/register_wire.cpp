#include "controlplane/reports/register_wire.h"

#include <fmt/format.h>

#include "controlplane/reports/policy_tables.h"

namespace wardline::reports {
namespace {

// The daemon lets the register's word stand in a device's vendor, model and class, so those would always agree. What
// the wire says by itself is the evidence that does not come from the register.
//
// Makers and models are written in many ways: blanks and stops aside, one must begin with the other ("B. Braun" and
// "B Braun Melsungen AG"). A class agrees when some evidence speaks for it and no other class has more.
constexpr std::string_view kPlain =
    "lower(replace(replace(replace(replace({0}, ' ', ''), '.', ''), ',', ''), '-', ''))";

void compare_text(Source& source, std::string_view attribute, std::string_view evidence) {
  const auto on_wire = fmt::format(fmt::runtime(kPlain), "e.value"),
             in_register = fmt::format(fmt::runtime(kPlain), fmt::format("r.{}", attribute));
  source.execute(fmt::format(
      "INSERT INTO compared SELECT m.device_id, '{0}', r.{0}, group_concat(DISTINCT e.value), "
      "max(substr({2}, 1, length({3}))={3} OR substr({3}, 1, length({2}))={2}) "
      "FROM matched m JOIN register r ON r.id=m.id JOIN evidence e ON e.device_id=m.device_id "
      "WHERE r.{0}<>'' AND e.value<>'' AND e.evidence_group<>3 AND e.source<>'register' AND e.attribute IN ({1}) "
      "GROUP BY m.device_id",
      attribute, evidence, on_wire, in_register));
}

// runners_up begins with the best other class: "workstation=30 smart-tv=10".
void compare_class(Source& source) {
  source.execute(
      "INSERT INTO compared SELECT device_id, 'class', wanted, CASE WHEN own>=other AND own>0 THEN wanted ELSE "
      "substr(runners_up, 1, instr(runners_up, '=')-1) END, own>=other AND own>0 FROM "
      "(SELECT m.device_id, r.class AS wanted, d.runners_up, "
      "  coalesce((SELECT sum(e.weight) FROM evidence e WHERE e.device_id=d.id AND e.evidence_group<>3), 0) AS own, "
      "  CAST(substr(d.runners_up, instr(d.runners_up, '=')+1) AS INTEGER) AS other "
      "FROM matched m JOIN register r ON r.id=m.id JOIN device d ON d.id=m.device_id "
      "WHERE r.class<>'' AND d.class=r.class) WHERE own>0 OR other>0");
  source.execute(
      "INSERT INTO compared SELECT m.device_id, 'class', r.class, d.class, 0 FROM matched m "
      "JOIN register r ON r.id=m.id JOIN device d ON d.id=m.device_id WHERE r.class<>'' AND d.class<>r.class AND "
      "d.class<>'unidentified'");
}

// Each interface stands in a segment; one that is where the register has the device is enough.
void compare_segment(Source& source) {
  source.execute(
      "INSERT INTO compared SELECT m.device_id, 'segment', r.segment, group_concat(DISTINCT i.segment), "
      "max(i.segment=r.segment) FROM matched m JOIN register r ON r.id=m.id JOIN interface i ON "
      "i.device_id=m.device_id "
      "WHERE r.segment<>'' GROUP BY m.device_id");
}

Figure agreement(Source& source, const std::string& attribute) {
  const auto count = [&](const char* more) {
    return source.number(fmt::format("SELECT count(*) FROM compared WHERE attribute='{}'{}", attribute, more));
  };
  return {attribute + " agrees", count(" AND agrees"), count(""),
          "of the registered devices of which the register and the wire both say something"};
}

}  // namespace

Agreement compare_register(Source& source) {
  match_register(source);
  source.execute("CREATE TEMP TABLE compared(device_id, attribute, register, wire, agrees INTEGER)");
  compare_class(source);
  compare_text(source, "vendor", "'vendor', 'maker', 'lldp.vendor'");
  compare_text(source, "model", "'model', 'product', 'lldp.model'");
  compare_text(source, "serial",
               "'serial', 'lldp.serial', 'dicom.serial', 'bacnet.serial', 'enip.serial', 's7.serial', 'poct1a.serial', "
               "'wsd.serial', 'upnp.serial', 'mdns.serial'");
  compare_segment(source);
  return {.entries = source.number("SELECT count(*) FROM register"),
          .seen = source.number("SELECT count(*) FROM matched"),
          .devices = device_count(source),
          .listed =
              source.number("SELECT count(*) FROM device WHERE last_seen>=?1 AND id IN (SELECT device_id FROM matched)",
                            {source.since()})};
}

Table agreement_figures(Source& source, const Agreement& agreed) {
  return figures("figures", "The register against the wire",
                 {{"register seen on the wire", agreed.seen, agreed.entries, "of the entries of the register"},
                  {"wire found in the register", agreed.listed, agreed.devices, "of the devices that were seen"},
                  agreement(source, "class"),
                  agreement(source, "vendor"),
                  agreement(source, "model"),
                  agreement(source, "serial"),
                  agreement(source, "segment")});
}

Table disagreements(Source& source) {
  return source.table(
      "disagreements", "Where the two disagree", {{"device_id"}, {"attribute"}, {"register"}, {"wire"}},
      "SELECT device_id, attribute, register, wire FROM compared WHERE NOT agrees ORDER BY attribute, device_id");
}

Table not_seen(Source& source) {
  return source.table(
      "not_seen", "In the register, never seen", {{"id"}, {"title"}, {"class"}, {"owner"}, {"ward"}, {"at"}},
      "SELECT id, title, class, owner, ward, at FROM register WHERE id NOT IN (SELECT id FROM matched) ORDER BY id");
}

std::string both_ways(const Agreement& agreed) {
  return fmt::format("{} of {} entries of the register were seen ({}); {} of {} devices seen are in the register ({}).",
                     agreed.seen, agreed.entries, share_text(agreed.seen, agreed.entries), agreed.listed,
                     agreed.devices, share_text(agreed.listed, agreed.devices));
}

}  // namespace wardline::reports
