#pragma once
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "controlplane/inventory/database.h"
#include "controlplane/reports/questions.h"
#include "tests/unit/controlplane/policy/policy_copy.h"

namespace wardline::reports {

// A small hospital: eight devices, their conversations, findings and records, and a policy whose register knows some of
// them. All times are in days before kNow.
class MadeInventory : public testing::Test {
 protected:
  static constexpr std::int64_t kDay = 86'400'000'000;
  static constexpr WallTime kNow{std::chrono::sys_days(std::chrono::year(2026) / 11 / 2) + std::chrono::hours(12)};
  static std::int64_t days_ago(int days) { return kNow.time_since_epoch().count() - days * kDay; }

  MadeInventory();
  ~MadeInventory() override;

  struct Made {
    std::string id, device_class, vendor, switch_name, port, segment;
    bool registered = false;
    int seen_days_ago = 0;
  };
  void add_device(const Made& device);
  void add_evidence(const std::string& device, const std::string& source, const std::string& attribute,
                    const std::string& value, int group, int weight, int days);
  void add_finding(const std::string& kind, const std::string& severity, const std::string& device,
                   const std::string& state = "open");
  void add_conversation(const std::string& device, const std::string& app, const std::string& verdict,
                        std::int64_t from_device = 1000, std::int64_t to_device = 1000, int days = 1);
  void add_detection(const std::string& device, const std::string& signature);

  void sql(const std::string& text);
  std::int64_t number(const std::string& text);  // by a connection of its own, past all that is tested

  std::size_t segments();  // of the policy, which is the shipped one but for its register and one mode

  Result<Report> try_report(std::string_view question, Options options = {.now = kNow, .since = {}});
  Report report(std::string_view question, Options options = {.now = kNow, .since = {}});

  std::string path_;
  inventory::Database database_;
  policy::PolicyCopy files_;
  bool with_policy_ = true;

 private:
  std::string folder_;
  int number_ = 0;  // of evidence, findings and records
};

const Table& table(const Report& report, std::string_view name);
// The cell of a column in the first row whose first column has this text; "(no row)" when there is none.
std::string cell(const Table& table, std::string_view first, std::string_view column);
std::int64_t sum(const Table& table, std::string_view column);
std::string notes(const Report& report);

}  // namespace wardline::reports
