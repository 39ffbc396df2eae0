// What can the appliance not see?
#include "controlplane/reports/parts.h"
#include "controlplane/reports/questions.h"

namespace wardline::reports {
namespace {

std::vector<Figure> of_segments(Source& source) {
  const auto all = source.number("SELECT count(*) FROM policy_segment");
  const auto segments = [&](const char* which) {
    return source.number(std::string("SELECT count(*) FROM policy_segment WHERE ") + which);
  };
  return {{"segments in monitor mode", segments("mode='monitor'"), all, "nothing is blocked there, only told"},
          {"segments that enforce, but not on unidentified devices",
           segments("mode='enforce' AND unidentified='monitor'"), all, "what is not identified yet is only told of"},
          {"segments told by address", segments("identify_by_ip"), all,
           "behind a router: a device with another's address is taken for it"},
          {"asymmetric segments", segments("asymmetric"), all, "judged by headers: one way passes elsewhere"}};
}

std::vector<Figure> of_devices(Source& source) {
  const auto all = device_count(source);
  const auto devices = [&](const char* which) {
    return source.number(std::string("SELECT count(*) FROM device WHERE last_seen>=?1 AND ") + which, {source.since()});
  };
  return {{"devices with an unmapped VLAN", devices("id IN (SELECT device_id FROM interface WHERE segment='unknown')"),
           all, "tags of no segment: monitored, whatever the site's mode"},
          {"devices not identified", devices("class='unidentified'"), all, "no class says what they may do"},
          {"devices in monitor mode by themselves", devices("mode='monitor'"), all, "weakened in the register"},
          {"devices without a place", devices("switch=''"), all, "the switch is not known"},
          {"devices without an address",
           devices("NOT EXISTS (SELECT 1 FROM interface i WHERE i.device_id=device.id AND i.ips<>'')"), all,
           "no IP address was seen with their MAC"}};
}

std::vector<Figure> of_traffic(const Traffic& traffic) {
  return {{"opaque conversations", traffic.opaque, traffic.conversations,
           "encrypted or of no known application: peers, ports and sizes are judged"},
          {"one-sided TCP conversations", traffic.one_sided, traffic.conversations,
           "no byte of one side: the other way passes elsewhere, or was refused"}};
}

}  // namespace

void coverage(Source& source, Report& report) {
  auto list = of_segments(source);
  for (auto& figure : of_devices(source)) list.push_back(std::move(figure));
  for (auto& figure : of_traffic(traffic_of(source))) list.push_back(std::move(figure));
  report.tables.push_back(figures("limits", "Limits of what is seen", list));
  report.tables.push_back(source.table(
      "segments", "Segments",
      {{"segment"}, {"ward"}, {"mode"}, {"unidentified"}, {"devices", Kind::kCount}, {"last_seen", Kind::kTime}},
      "WITH used AS (SELECT i.segment, count(DISTINCT d.id) AS n, max(d.last_seen) AS at FROM interface i "
      "JOIN device d ON d.id=i.device_id GROUP BY i.segment) "
      "SELECT a.segment, s.ward, coalesce(s.mode, 'monitor'), s.unidentified, coalesce(u.n, 0), "
      "u.at FROM (SELECT segment FROM policy_segment UNION SELECT segment FROM used) a "
      "LEFT JOIN policy_segment s ON s.segment=a.segment LEFT JOIN used u ON u.segment=a.segment ORDER BY 1"));
  report.notes.emplace_back(
      "Never seen: traffic that stays inside a VLAN or on a switch, passive taps and implants that stay silent, and "
      "what is carried inside CAPWAP, VXLAN or other tunnels, which are not opened.");
  report.notes.emplace_back(
      "A quarantine reaches only what crosses the appliance: a device can still reach its neighbours in its VLAN.");
  if (!source.has("conversation")) report.notes.emplace_back("The figures of traffic are therefore 0 of 0.");
}

}  // namespace wardline::reports
