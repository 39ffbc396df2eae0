#include "controlplane/reports/policy_tables.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <string>
#include <vector>

#include "controlplane/inventory/address_text.h"
#include "controlplane/reports/source.h"

namespace wardline::reports {
namespace {

// Nobody knows what an unidentified device is: it may be a ventilator, so it weighs as much.
constexpr std::int64_t kUnidentifiedPoints = 4;
constexpr std::array<std::int64_t, 4> kPoints{1, 2, 3, 4};  // by enforce::Criticality

constexpr std::array kTables{
    "CREATE TEMP TABLE policy_class(class TEXT PRIMARY KEY, title, purpose, criticality, points INTEGER, mode, "
    "rules INTEGER) WITHOUT ROWID",
    "CREATE TEMP TABLE policy_segment(segment TEXT PRIMARY KEY, ward, mode, unidentified, signed_off, bypass, expects, "
    "identify_by_ip INTEGER, asymmetric INTEGER) WITHOUT ROWID",
    "CREATE TEMP TABLE register(id TEXT PRIMARY KEY, class, vendor, model, title, owner, ward, serial, dhcp_client_id, "
    "switch, segment, at) WITHOUT ROWID",
    "CREATE TEMP TABLE register_mac(mac TEXT PRIMARY KEY, id) WITHOUT ROWID",
    "CREATE TEMP TABLE exception(device_id, rule, reason, until, in_force INTEGER, at)",
    "CREATE TEMP TABLE expectation(test, class, expect, at)",
    "CREATE TEMP TABLE matched(id TEXT PRIMARY KEY, device_id) WITHOUT ROWID",
};

void add_class(Source& source, const policy::ClassDraft& each) {
  const auto& text = each.text;
  const bool known = text.name != "unidentified";
  source.execute("INSERT OR IGNORE INTO policy_class VALUES(?,?,?,?,?,?,?)",
                 {text.name, text.title, std::string(known ? policy::text_of(text.purpose) : "not identified"),
                  std::string(known ? policy::text_of(text.criticality) : "not identified"),
                  known ? kPoints[static_cast<std::size_t>(text.criticality)] : kUnidentifiedPoints,
                  std::string(policy::text_of(text.mode)), static_cast<std::int64_t>(each.rules.size())});
}

void add_segment(Source& source, const policy::SiteDraft& site, const policy::SegmentDraft& each) {
  std::vector<std::string> expects;
  for (const auto& word : each.expects) expects.push_back(word.text);
  source.execute("INSERT OR IGNORE INTO policy_segment VALUES(?,?,?,?,?,?,?,?,?)",
                 {each.name, each.ward, std::string(policy::text_of(each.mode.value_or(site.mode))),
                  std::string(policy::text_of(each.unidentified)), std::string(each.signed_off ? "yes" : "no"),
                  each.bypass.empty() ? "not declared" : each.bypass, fmt::format("{}", fmt::join(expects, " ")),
                  std::int64_t{each.identify_by_ip}, std::int64_t{each.asymmetric}});
}

void add_register_entry(Source& source, const policy::RegisterEntry& entry) {
  source.execute("INSERT OR IGNORE INTO register VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
                 {entry.id, entry.device_class, entry.vendor, entry.model, entry.title, entry.owner, entry.ward,
                  entry.serial, entry.dhcp_client_id, entry.switch_name, entry.segment, entry.at.line_text()});
  for (const auto& mac : entry.macs)
    source.execute("INSERT OR IGNORE INTO register_mac VALUES(?,?)", {inventory::text_of(mac), entry.id});
}

void add_exception(Source& source, const policy::ExceptionDraft& exception) {
  // Its last day counts, as the policy has it.
  const bool in_force = source.options().now < exception.until + std::chrono::days(1);
  const auto until = std::chrono::system_clock::to_time_t(exception.until);
  source.execute("INSERT INTO exception VALUES(?,?,?,?,?,?)", {exception.device, exception.rule.name, exception.reason,
                                                               fmt::format("{:%Y-%m-%d}", fmt::gmtime(until)),
                                                               std::int64_t{in_force}, exception.rule.at.line_text()});
}

void add_expectation(Source& source, const policy::ExpectationDraft& each) {
  using Outcome = policy::ExpectationDraft::Outcome;
  const char* expect = each.expected == Outcome::kAllowed   ? "allowed"
                       : each.expected == Outcome::kBlocked ? "blocked"
                                                            : "alerted";
  source.execute("INSERT INTO expectation VALUES(?,?,?,?)",
                 {each.name, each.device_class.text, expect, each.at.line_text()});
}

}  // namespace

void make_policy_tables(Source& source, const policy::StatedPolicy* policy) {
  for (const char* sql : kTables) source.execute(sql);
  if (policy == nullptr) return;
  const auto& draft = policy->draft;
  for (const auto& each : draft.classes) add_class(source, each);
  for (const auto& each : draft.site.segments) add_segment(source, draft.site, each);
  for (const auto& entry : draft.devices.devices) add_register_entry(source, entry);
  for (const auto& exception : draft.devices.exceptions) add_exception(source, exception);
  for (const auto& each : draft.expectations) add_expectation(source, each);
}

void match_register(Source& source) {
  source.execute("INSERT OR IGNORE INTO matched SELECT r.id, d.id FROM register r JOIN device d ON d.id=r.id");
  source.execute(
      "INSERT OR IGNORE INTO matched SELECT m.id, i.device_id FROM register_mac m JOIN interface i ON i.mac=m.mac");
  source.execute(
      "INSERT OR IGNORE INTO matched SELECT r.id, d.id FROM register r JOIN device d ON d.serial=r.serial "
      "WHERE r.serial<>''");
  if (source.number("SELECT count(*) FROM register WHERE dhcp_client_id<>''") != 0)
    source.execute(
        "INSERT OR IGNORE INTO matched SELECT r.id, e.device_id FROM evidence e JOIN register r "
        "ON r.dhcp_client_id=e.value WHERE e.attribute='dhcp.client_id' AND r.dhcp_client_id<>''");
  source.execute("CREATE INDEX matched_device_id ON matched(device_id)");
}

}  // namespace wardline::reports
