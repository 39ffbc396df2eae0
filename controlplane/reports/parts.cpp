#include "controlplane/reports/parts.h"

#include <fmt/format.h>

namespace wardline::reports {

// The view `conversation` would look up all names of all rows, so the rows are asked themselves.
Traffic traffic_of(Source& source) {
  Traffic traffic;
  traffic.conversations = source.number("SELECT count(*) FROM conversation_row");
  traffic.opaque = source.number(fmt::format(
      "SELECT count(*) FROM conversation_row WHERE app IN (SELECT id FROM name WHERE text IN ({}))", kOpaque));
  traffic.one_sided = source.number(
      "SELECT count(*) FROM conversation_row WHERE proto=(SELECT id FROM name WHERE text='tcp') "
      "AND (bytes_from_device=0 OR bytes_to_device=0)");
  return traffic;
}

std::string opaque_sentence(const Traffic& traffic) {
  if (traffic.conversations == 0) return "No conversation is known, so nothing can be said of behaviour.";
  return fmt::format(
      "{} of the conversations are opaque (encrypted, or of no known application): of these only peers, ports and "
      "sizes are judged.",
      share_text(traffic.opaque, traffic.conversations));
}

// Summed by numbers before any name is looked up: of millions of conversations an index of the refused ones is read.
void make_refused(Source& source) {
  source.execute(
      "CREATE TEMP TABLE refused AS SELECT n.text AS device_id, s.conversations, s.blocked, "
      "  s.conversations-s.blocked AS would_block, s.flows, s.at FROM "
      "  (SELECT r.device, count(*) AS conversations, sum(v.text='block') AS blocked, sum(r.flows) AS flows, "
      "     max(r.last_seen) AS at FROM name v CROSS JOIN conversation_row r ON r.verdict=v.id "
      "   WHERE v.text IN ('block', 'would_block') AND r.last_seen>=?1 GROUP BY r.device) s "
      "JOIN name n ON n.id=s.device",
      {source.since()});
}

// The index of types is asked, not that of times: detections are few among records.
void make_detections(Source& source) {
  source.execute(
      "CREATE TEMP TABLE detection AS SELECT device_id, time, json_extract(json, '$.signature') AS signature, "
      "json_extract(json, '$.severity') AS severity FROM record "
      "WHERE type='detection' AND +time>=?1 AND json_valid(json)",
      {source.since()});
}

Table figures(std::string name, std::string title, const std::vector<Figure>& list) {
  Table table{
      .name = std::move(name),
      .title = std::move(title),
      .columns = {{"what"}, {"count", Kind::kCount}, {"of", Kind::kCount}, {"share_percent", Kind::kShare}, {"means"}},
      .rows = {},
      .cut = false};
  for (const auto& figure : list)
    table.rows.push_back({figure.what, figure.count, figure.of, share(figure.count, figure.of), figure.means});
  return table;
}

std::int64_t device_count(Source& source) {
  return source.number("SELECT count(*) FROM device WHERE last_seen>=?1", {source.since()});
}

// A place that the register states counts as the register's, as the daemon has it. Of the rest the most trusted
// evidence of a place says where it comes from, of equals the newest.
void make_places(Source& source) {
  source.execute(
      "CREATE TEMP TABLE place AS WITH told AS (SELECT device_id, source, last_seen AS at, row_number() OVER "
      "    (PARTITION BY device_id ORDER BY CASE source WHEN 'uplink' THEN 1 WHEN 'option-82' THEN 2 ELSE 3 END DESC, "
      "     last_seen DESC) AS rank FROM evidence WHERE attribute='place.switch'), "
      "stated AS (SELECT m.device_id FROM register r JOIN matched m ON m.id=r.id WHERE r.switch<>'') "
      "SELECT d.id AS device_id, CASE WHEN d.switch='' THEN 'unplaced' "
      "    WHEN d.id IN stated OR (d.registered AND t.source IS NULL) THEN 'register' "
      "    ELSE coalesce(t.source, 'not kept') END AS source, "
      "  CASE WHEN d.switch<>'' AND d.id NOT IN stated THEN t.at END AS at "
      "FROM device d LEFT JOIN told t ON t.device_id=d.id AND t.rank=1 WHERE d.last_seen>=?1",
      {source.since()});
}

Table places(Source& source) {
  return source.table("places", "How places are known",
                      {{"source"},
                       {"devices", Kind::kCount},
                       {"share_percent", Kind::kShare},
                       {"within_a_day", Kind::kCount},
                       {"within_a_week", Kind::kCount},
                       {"older", Kind::kCount},
                       {"age_not_kept", Kind::kCount}},
                      "SELECT source, count(*), 100000*count(*)/sum(count(*)) OVER (), total(at>=?1-86400000000), "
                      "total(at>=?1-604800000000 AND at<?1-86400000000), total(at<?1-604800000000), total(at IS NULL) "
                      "FROM place GROUP BY source ORDER BY source='unplaced', count(*) DESC",
                      {source.now()});
}

}  // namespace wardline::reports
