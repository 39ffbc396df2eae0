// What regulators ask, and the figures that answer it.
#include <fmt/format.h>

#include "controlplane/reports/assessment_parts.h"
#include "controlplane/reports/parts.h"

namespace wardline::reports {
namespace {

constexpr std::string_view kLaw = "in force", kProposed = "proposed";

struct Sums {
  std::int64_t devices = 0, identified = 0, placed = 0;
  std::int64_t segments = 0, enforced = 0, classes = 0, rules = 0;
  std::int64_t exceptions = 0, expired = 0;
  std::int64_t open_findings = 0, severe_findings = 0, resolved_findings = 0;
  std::int64_t quarantines = 0, quarantines_now = 0;
  std::int64_t moves = 0, clear_text = 0, clear_text_devices = 0;
  std::int64_t legacy = 0, tests = 0, records = 0;
  Cell oldest_record;
};

Sums sums_of(Source& source) {
  const auto count = [&](const char* from) { return source.number(std::string("SELECT count(*) FROM ") + from); };
  const auto clear_text = [&](const char* what) {
    return source.number(fmt::format("SELECT {} FROM ({})", what, kClearText), {source.since()});
  };
  Sums sums;
  sums.devices = count("device");
  sums.identified = count("device WHERE class<>'unidentified'");
  sums.placed = count("device WHERE switch<>''");
  sums.segments = count("policy_segment");
  sums.enforced = count("policy_segment WHERE mode='enforce'");
  sums.classes = count("policy_class");
  sums.rules = source.number("SELECT sum(rules) FROM policy_class");
  sums.exceptions = count("exception");
  sums.expired = count("exception WHERE NOT in_force");
  sums.open_findings = count("finding WHERE state='open'");
  sums.severe_findings = count("finding WHERE state='open' AND severity IN ('critical', 'high')");
  sums.resolved_findings = count("finding WHERE state<>'open'");
  sums.quarantines = count("quarantine");
  sums.quarantines_now = count("quarantine WHERE state='active'");
  // By a scan: the index of times would fetch nearly all rows one by one.
  sums.moves = source.number(
      "SELECT count(*) FROM history WHERE +time>=?1 AND attribute IN ('ward', 'switch', 'port', 'segment')",
      {source.since()});
  sums.clear_text = clear_text("coalesce(sum(n), 0)");
  sums.clear_text_devices = clear_text("count(DISTINCT device_id)");
  sums.legacy = source.number(
      "SELECT count(DISTINCT device_id) FROM finding WHERE kind LIKE 'end_of_support%' AND state<>'resolved'");
  sums.tests = source.number("SELECT count(*) FROM expectation");
  sums.records = count("record");
  if (sums.records != 0)
    sums.oldest_record = WallTime(std::chrono::microseconds(source.number("SELECT min(time) FROM record")));
  return sums;
}

class Requirements {
 public:
  void add(std::string_view paragraph, std::string_view status, std::string_view asks, std::string shown) {
    table_.rows.push_back({std::string(paragraph), std::string(status), std::string(asks), std::move(shown)});
  }
  Table take() { return std::move(table_); }

 private:
  Table table_{.name = "requirements",
               .title = "What is asked, and what is shown for it",
               .columns = {{"paragraph"}, {"status"}, {"asks"}, {"shown"}},
               .rows = {},
               .cut = false};
};

void add_law(Requirements& list, const Sums& sums) {
  const auto audit = fmt::format("{} records are kept, the oldest of {}", sums.records,
                                 sums.records == 0 ? "no day" : text_of(sums.oldest_record));
  list.add("HIPAA 164.308(a)(1)(ii)(A)", kLaw, "risk analysis",
           fmt::format("{} devices, {} of them identified ({}); {} open findings, {} high or critical", sums.devices,
                       sums.identified, share_text(sums.identified, sums.devices), sums.open_findings,
                       sums.severe_findings));
  list.add("HIPAA 164.308(a)(1)(ii)(B)", kLaw, "risk management",
           fmt::format("{} of {} segments enforce; {} quarantines in force; {} exceptions, {} of them expired",
                       sums.enforced, sums.segments, sums.quarantines_now, sums.exceptions, sums.expired));
  list.add("HIPAA 164.308(a)(1)(ii)(D)", kLaw, "review of activity", audit);
  list.add("HIPAA 164.308(a)(4)", kLaw, "access limited to what is needed",
           fmt::format("{} rules of {} classes say what may be done; all else is refused where a segment enforces",
                       sums.rules, sums.classes));
  list.add("HIPAA 164.308(a)(6)", kLaw, "answer to incidents, and their record",
           fmt::format("{} quarantines and {} findings that were taken note of or resolved", sums.quarantines,
                       sums.resolved_findings));
  list.add("HIPAA 164.308(a)(8)", kLaw, "periodic evaluation",
           fmt::format("{} tests of the segmentation run at each load of the policy", sums.tests));
  list.add("HIPAA 164.310(d)", kLaw, "where devices are, and their movement",
           fmt::format("the switch is known for {}; {} moves", share_text(sums.placed, sums.devices), sums.moves));
  list.add("HIPAA 164.312(a)", kLaw, "access control",
           fmt::format("{} of {} segments enforce", sums.enforced, sums.segments));
  list.add("HIPAA 164.312(b)", kLaw, "audit controls", audit);
  list.add(
      "HIPAA 164.312(d), (e)", kLaw, "authentication; security of transmission",
      fmt::format("{} findings and detections of clear text, of {} devices", sums.clear_text, sums.clear_text_devices));
  list.add("HIPAA 164.316(b)(2)", kLaw, "documents kept for six years",
           audit + "; the store is bounded, so keep what the appliance sends to the log server");
}

void add_proposed(Requirements& list, const Sums& sums, const Traffic& traffic) {
  list.add("45 CFR 164.308, 90 FR 898", kProposed, "inventory and network map, reviewed every 12 months",
           fmt::format("{} devices and {} conversations", sums.devices, traffic.conversations));
  list.add("45 CFR 164.312, 90 FR 898", kProposed, "network segmentation",
           fmt::format("{} of {} segments enforce", sums.enforced, sums.segments));
  list.add("45 CFR 164.312, 90 FR 898", kProposed, "encryption in transit",
           fmt::format("{} devices sent patient data or passwords in clear text; {} of the conversations are "
                       "encrypted or of no known application",
                       sums.clear_text_devices, share_text(traffic.opaque, traffic.conversations)));
  list.add("45 CFR 164.312, 90 FR 898", kProposed, "old technology: a plan, and controls that compensate",
           fmt::format("{} devices out of support; see the table `legacy`", sums.legacy));
}

}  // namespace

Table requirements(Source& source) {
  const auto sums = sums_of(source);
  Requirements list;
  add_law(list, sums);
  add_proposed(list, sums, traffic_of(source));
  return list.take();
}

// The daemon puts no policy in force whose tests fail, so that they stand in a policy in force is their result.
Table tests(Source& source) {
  return source.table("tests", "Tests of the segmentation, run at each check and load of the policy",
                      {{"test"}, {"class"}, {"expect"}, {"at"}},
                      "SELECT test, class, expect, at FROM expectation ORDER BY class, test");
}

}  // namespace wardline::reports
