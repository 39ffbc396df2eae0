#include <array>

#include "controlplane/inventory/store_impl.h"

namespace wardline::inventory {
namespace {

constexpr std::array kStates{QuarantineState::kPending, QuarantineState::kActive, QuarantineState::kRejected,
                             QuarantineState::kReleased, QuarantineState::kExpired};

// A word that no state has can only come from a hand at the file: a person looks at what is pending.
QuarantineState parse_state(std::string_view text) {
  for (const auto state : kStates)
    if (text_of(state) == text) return state;
  return QuarantineState::kPending;
}

Quarantine read_quarantine(Statement& row) {
  Quarantine quarantine;
  quarantine.id = row.text();
  quarantine.device_id = row.text();
  quarantine.profile = row.text();
  quarantine.state = parse_state(row.text());
  quarantine.by = row.text();
  quarantine.reason = row.text();
  quarantine.created = wall_time(row.number());
  if (!row.null()) quarantine.until = wall_time(row.number());
  return quarantine;
}

}  // namespace

Result<void> Store::save_quarantine(const Quarantine& quarantine) {
  const std::lock_guard lock(impl_->mutex);
  auto insert = impl_->statement(
      "INSERT OR REPLACE INTO quarantine(id, device_id, profile, state, \"by\", reason, created, until) "
      "VALUES(?,?,?,?,?,?,?,?)");
  if (!insert) return std::unexpected(insert.error());
  auto& row = **insert;
  row.bind(quarantine.id).bind(quarantine.device_id).bind(quarantine.profile).bind(text_of(quarantine.state));
  row.bind(quarantine.by).bind(quarantine.reason).bind(microseconds(quarantine.created));
  if (quarantine.until) {
    row.bind(microseconds(*quarantine.until));
  } else {
    row.bind_null();
  }
  return row.run();
}

Result<std::vector<Quarantine>> Store::load_quarantines() {
  const std::lock_guard lock(impl_->mutex);
  auto select = impl_->statement(
      "SELECT id, device_id, profile, state, \"by\", reason, created, until FROM quarantine ORDER BY created, id");
  if (!select) return std::unexpected(select.error());
  std::vector<Quarantine> quarantines;
  auto read = for_each_row(**select, [&](Statement& row) { quarantines.push_back(read_quarantine(row)); });
  if (!read) return std::unexpected(read.error());
  for (auto& quarantine : quarantines) {
    auto approvals = impl_->approvals("quarantine " + quarantine.id);
    if (!approvals) return std::unexpected(approvals.error());
    quarantine.approvals = std::move(*approvals);
  }
  return quarantines;
}

Result<void> Store::save_hold(const std::string& device_id, WallTime until) {
  const std::lock_guard lock(impl_->mutex);
  auto insert = impl_->statement("INSERT OR REPLACE INTO hold(device_id, until) VALUES(?,?)");
  if (!insert) return std::unexpected(insert.error());
  return (*insert)->bind(device_id).bind(microseconds(until)).run();
}

Result<std::map<std::string, WallTime>> Store::load_holds(WallTime now) {
  const std::lock_guard lock(impl_->mutex);
  auto select = impl_->statement("SELECT device_id, until FROM hold WHERE until>?");
  if (!select) return std::unexpected(select.error());
  (*select)->bind(microseconds(now));
  std::map<std::string, WallTime> holds;
  auto read = for_each_row(**select, [&](Statement& row) {
    const auto device = row.text();
    holds[device] = wall_time(row.number());
  });
  if (!read) return std::unexpected(read.error());
  return holds;
}

Result<void> Store::add_approval(const Approval& approval) {
  const std::lock_guard lock(impl_->mutex);
  auto insert = impl_->statement("INSERT OR IGNORE INTO approval(subject, user, policy_hash, time) VALUES(?,?,?,?)");
  if (!insert) return std::unexpected(insert.error());
  (*insert)->bind(approval.subject).bind(approval.user).bind(approval.policy_hash).bind(microseconds(approval.time));
  return (*insert)->run();
}

Result<std::vector<Approval>> Store::Impl::approvals(const std::string& subject) {
  auto select = statement(
      subject.empty() ? "SELECT subject, user, policy_hash, time FROM approval ORDER BY time, user"
                      : "SELECT subject, user, policy_hash, time FROM approval WHERE subject=? ORDER BY time, user");
  if (!select) return std::unexpected(select.error());
  if (!subject.empty()) (*select)->bind(subject);
  std::vector<Approval> approvals;
  auto read = for_each_row(**select, [&](Statement& row) {
    Approval approval;
    approval.subject = row.text();
    approval.user = row.text();
    approval.policy_hash = row.text();
    approval.time = wall_time(row.number());
    approvals.push_back(std::move(approval));
  });
  if (!read) return std::unexpected(read.error());
  return approvals;
}

Result<std::vector<Approval>> Store::load_approvals(const std::string& subject) {
  const std::lock_guard lock(impl_->mutex);
  return impl_->approvals(subject);
}

}  // namespace wardline::inventory
