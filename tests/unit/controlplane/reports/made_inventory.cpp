#include "tests/unit/controlplane/reports/made_inventory.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "controlplane/inventory/store.h"

namespace wardline::reports {
namespace {

constexpr const char* kRegister = R"(devices:
  - {id: pump-1, class: infusion-pump, macs: ["00:03:b1:00:00:01"], vendor: "B. Braun", model: Space, ward: "4B",
     switch: sw-icu, owner: medical engineering}
  - {id: other-id, class: patient-monitor, macs: ["00:03:b1:00:00:02"], vendor: Philips}
  - {id: tv-1, macs: ["00:03:b1:00:00:03"], owner: facility management,
     exceptions: [
       {name: news, opens_to: any, app: [tls], port: [443], reason: "for the waiting room", until: "2026-11-02"},
       {name: updates, opens_to: any, app: [http], port: [80], reason: "of the maker", until: "2026-11-01"}]}
  - {id: never-seen, class: lab-analyser, macs: ["00:03:b1:00:00:99"], title: "in the cellar"}
)";

}  // namespace

MadeInventory::MadeInventory() {
  std::string name = (std::filesystem::temp_directory_path() / "wardline-reports-XXXXXX").string();
  folder_ = mkdtemp(name.data());
  path_ = folder_ + "/inventory.db";
  EXPECT_TRUE(inventory::Store::open(path_));
  database_ = std::move(*inventory::Database::open(path_, false));
  files_.write("devices.yaml", kRegister);
  files_.edit("site.yaml", "{name: icu-4b, vlan: 410, ward: \"4B\"",
              "{name: icu-4b, vlan: 410, ward: \"4B\", mode: enforce");

  add_device({"pump-1", "infusion-pump", "B. Braun", "sw-icu", "1", "icu-4b", true, 0});
  add_device({"dev-000300000002", "patient-monitor", "Philips", "sw-icu", "2", "icu-4b", true, 1});
  add_device({"tv-1", "smart-tv", "Samsung", "sw-hall", "1", "first-ward", true, 2});
  add_device({"dev-4", "ip-camera", "Axis", "sw-hall", "2", "building", false, 3});
  add_device({"dev-5", "ip-camera", "Axis", "", "", "building", false, 10});
  add_device({"dev-6", "unidentified", "", "", "", "unknown", false, 40});
  add_device({"dev-7", "workstation", "Dell", "", "", "radiology", false, 1});
  add_device({"dev-8", "workstation", "Dell", "sw-hall", "2", "radiology", false, 1});
}

MadeInventory::~MadeInventory() {
  std::filesystem::remove_all(folder_);
}

void MadeInventory::sql(const std::string& text) {
  const auto done = database_.execute(text);
  ASSERT_TRUE(done) << done.error().text() << "\n" << text;
}

std::int64_t MadeInventory::number(const std::string& text) {
  const auto found = database_.number(text);
  EXPECT_TRUE(found) << found.error().text();
  return found.value_or(-1);
}

// Interfaces count from 00:03:b1:00:00:01 in the order of the devices.
void MadeInventory::add_device(const Made& device) {
  const auto nth = number("SELECT count(*) FROM device") + 1;
  sql(
      fmt::format("INSERT INTO device VALUES('{}', '{}', 'claims 60 of 60', '', '', 80, '', '{}', '', '', '', '', "
                  "'host-{}', '', '', '{}', '{}', 'inherit', 'none', {}, {}, {})",
                  device.id, device.device_class, device.vendor, nth, device.switch_name, device.port,
                  int{device.registered}, days_ago(device.seen_days_ago + 50), days_ago(device.seen_days_ago)));
  sql(fmt::format("INSERT INTO interface VALUES('{}', 0, '00:03:b1:00:00:{:02x}', '{}', '10.0.0.{}')", device.id, nth,
                  device.segment, nth));
}

void MadeInventory::add_evidence(const std::string& device, const std::string& source, const std::string& attribute,
                                 const std::string& value, int group, int weight, int days) {
  sql(fmt::format("INSERT INTO evidence VALUES('{}', {}, '{}', '{}', '{}', {}, {}, {}, {})", device, ++number_, source,
                  attribute, value, weight, group, days_ago(60), days_ago(days)));
}

void MadeInventory::add_finding(const std::string& kind, const std::string& severity, const std::string& device,
                                const std::string& state) {
  sql(fmt::format(
      "INSERT INTO finding VALUES('n-{0}', '{1}', '{2}', '{3}', 'subject {0}', 'because of {1}', '[]', '{4}', '', '', "
      "NULL, {5}, {6}, 1)",
      ++number_, kind, severity, device, state, days_ago(3), days_ago(1)));
}

void MadeInventory::add_conversation(const std::string& device, const std::string& app, const std::string& verdict,
                                     std::int64_t from_device, std::int64_t to_device, int days) {
  const auto peer = fmt::format("10.40.0.{}", ++number_);
  const auto name = [&](const std::string& text) {
    sql(fmt::format("INSERT OR IGNORE INTO name(text) VALUES('{}')", text));
    return number(fmt::format("SELECT id FROM name WHERE text='{}'", text));
  };
  sql(fmt::format("INSERT INTO conversation_row VALUES(NULL, {}, 0, {}, {}, {}, 443, {}, {}, {}, 2, 20, {}, {})",
                  name(device), name(peer), name(app), name("tcp"), name(verdict), days_ago(20), days_ago(days),
                  from_device, to_device));
}

void MadeInventory::add_detection(const std::string& device, const std::string& signature) {
  sql(
      fmt::format("INSERT INTO record(type, id, time, device_id, verdict, rule, json) VALUES('detection', 't-{}', {}, "
                  "'{}', 'allow', '', '{{\"signature\":\"{}\",\"severity\":\"high\"}}')",
                  ++number_, days_ago(1), device, signature));
}

std::size_t MadeInventory::segments() {
  const auto policy = policy::read_stated(files_.folder());
  return policy ? policy->draft.site.segments.size() : 0;
}

Result<Report> MadeInventory::try_report(std::string_view question, Options options) {
  std::optional<policy::StatedPolicy> policy;
  if (with_policy_) {
    auto read = policy::read_stated(files_.folder());
    EXPECT_TRUE(read) << read.error().front().text();
    if (read) policy = std::move(*read);
  }
  auto source = Source::open(path_, policy ? &*policy : nullptr, options);
  if (!source) return std::unexpected(source.error());
  return make_report(question == asset_question().name ? asset_question() : *find_question(question), *source);
}

Report MadeInventory::report(std::string_view question, Options options) {
  auto made = try_report(question, options);
  EXPECT_TRUE(made) << made.error().text();
  return made.value_or(Report{});
}

const Table& table(const Report& report, std::string_view name) {
  static const Table kNone{};
  const auto found = std::ranges::find(report.tables, name, &Table::name);
  EXPECT_NE(found, report.tables.end()) << name;
  return found == report.tables.end() ? kNone : *found;
}

namespace {

std::size_t column_of(const Table& table, std::string_view name) {
  const auto found = std::ranges::find(table.columns, name, &Column::name);
  EXPECT_NE(found, table.columns.end()) << name;
  return static_cast<std::size_t>(found - table.columns.begin());
}

}  // namespace

std::string cell(const Table& table, std::string_view first, std::string_view column) {
  const auto at = column_of(table, column);
  for (const auto& row : table.rows)
    if (text_of(row.front()) == first) return text_of(row.at(at));
  return "(no row)";
}

std::int64_t sum(const Table& table, std::string_view column) {
  std::int64_t total = 0;
  for (const auto& row : table.rows) total += std::get<std::int64_t>(row.at(column_of(table, column)));
  return total;
}

std::string notes(const Report& report) {
  std::string text;
  for (const auto& note : report.notes) text += note + "\n";
  return text;
}

}  // namespace wardline::reports
