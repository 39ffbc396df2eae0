#include "controlplane/findings/ledger.h"

#include <algorithm>
#include <utility>

#include "controlplane/findings/kinds.h"
#include "controlplane/inventory/text.h"

namespace wardline::findings {
namespace {

constexpr std::size_t kMostEvidence = 16, kMostNote = 1024;

std::string severity_of(const Condition& condition) {
  if (!condition.severity.empty()) return std::string(condition.severity);
  const auto* kind = kind_named(condition.kind);
  return std::string(kind == nullptr ? "medium" : kind->severity);
}

void describe(Finding& finding, const Condition& condition) {
  finding.severity = severity_of(condition);
  finding.explanation = condition.explanation;
  finding.evidence = condition.evidence;
  if (finding.evidence.size() > kMostEvidence) finding.evidence.resize(kMostEvidence);
}

void drop_acknowledgement(Finding& finding) {
  finding.note.clear();
  finding.by.clear();
  finding.until.reset();
}

}  // namespace

void Ledger::restore(Finding finding) {
  const Key key{finding.device_id, finding.kind, finding.subject};
  findings_.insert_or_assign(key, std::move(finding));
}

Finding Ledger::changed(const Key& key, Finding& finding) {
  unsaved_.insert(key);
  return finding;
}

void Ledger::remove(std::map<Key, Finding>::iterator it) {
  removed_.push_back(it->second.id);
  unsaved_.erase(it->first);
  findings_.erase(it);
}

// Of a device that has as many as it may, the one that was resolved first gives way.
bool Ledger::make_room(const std::string& device_id) {
  if (findings_.size() >= kMost) return false;
  std::size_t count = 0;
  auto oldest = findings_.end();
  for (auto it = findings_.lower_bound({device_id, "", ""});
       it != findings_.end() && std::get<0>(it->first) == device_id; ++it, ++count) {
    if (it->second.state != FindingState::kResolved) continue;
    if (oldest == findings_.end() || it->second.last_seen < oldest->second.last_seen) oldest = it;
  }
  if (count < (device_id.empty() ? kMostOfNone : kMostOfDevice)) return true;
  if (oldest == findings_.end()) return false;
  remove(oldest);
  return true;
}

std::optional<Finding> Ledger::raise(const std::string& device_id, const Condition& condition, std::string new_id,
                                     WallTime now) {
  const Key key{device_id, std::string(condition.kind), condition.subject};
  const auto known = findings_.find(key);
  if (known == findings_.end()) {
    if (!make_room(device_id)) {
      ++refused_;
      return std::nullopt;
    }
    Finding finding{.id = std::move(new_id),
                    .kind = std::string(condition.kind),
                    .severity = "",
                    .device_id = device_id,
                    .subject = condition.subject,
                    .explanation = "",
                    .first_seen = now,
                    .last_seen = now};
    describe(finding, condition);
    return changed(key, findings_.emplace(key, std::move(finding)).first->second);
  }
  auto& finding = known->second;
  const bool resolved = finding.state == FindingState::kResolved;
  if (!resolved && now < finding.last_seen + kCountedEvery) return std::nullopt;
  describe(finding, condition);
  finding.last_seen = now;
  ++finding.count;
  unsaved_.insert(key);
  if (!resolved) return std::nullopt;
  if (finding.until && *finding.until > now) {
    finding.state = FindingState::kAcknowledged;
  } else {
    finding.state = FindingState::kOpen;
    drop_acknowledgement(finding);
  }
  return finding;
}

std::optional<Finding> Ledger::resolve(std::string_view kind, const std::string& device_id, const std::string& subject,
                                       WallTime now) {
  const auto known = findings_.find({device_id, std::string(kind), subject});
  if (known == findings_.end() || known->second.state == FindingState::kResolved) return std::nullopt;
  auto& finding = known->second;
  finding.state = FindingState::kResolved;
  finding.last_seen = std::max(finding.last_seen, now);
  if (!finding.until) drop_acknowledgement(finding);
  return changed(known->first, finding);
}

std::vector<std::pair<std::string, std::string>> Ledger::unresolved_of(const std::string& device_id) const {
  std::vector<std::pair<std::string, std::string>> list;
  for (auto it = findings_.lower_bound({device_id, "", ""});
       it != findings_.end() && std::get<0>(it->first) == device_id; ++it)
    if (it->second.state != FindingState::kResolved) list.emplace_back(it->second.kind, it->second.subject);
  return list;
}

Result<Finding> Ledger::acknowledge(std::string_view id, std::string_view user, std::string_view note,
                                    std::optional<WallTime> until, WallTime now) {
  const auto found = std::ranges::find_if(findings_, [&](const auto& item) { return item.second.id == id; });
  if (found == findings_.end()) return fail("finding.unknown", std::string(id), "no finding has this id");
  auto& finding = found->second;
  if (finding.state == FindingState::kResolved) return fail("finding.resolved", std::string(id), "it is over already");
  if (until && *until <= now) return fail("finding.until", std::string(id), "the end lies in the past");
  finding.state = FindingState::kAcknowledged;
  finding.by = user;
  finding.note = inventory::clean_text(note, kMostNote);
  finding.until = until;
  return changed(found->first, finding);
}

std::vector<Finding> Ledger::reopen_due(WallTime now) {
  std::vector<Finding> reopened;
  for (auto& [key, finding] : findings_) {
    if (finding.state != FindingState::kAcknowledged || !finding.until || *finding.until > now) continue;
    finding.state = FindingState::kOpen;
    drop_acknowledgement(finding);
    reopened.push_back(changed(key, finding));
  }
  return reopened;
}

std::vector<Finding> Ledger::resolve_unseen(std::string_view kind, std::chrono::seconds silence, WallTime now) {
  std::vector<Finding> ended;
  for (const auto& [key, finding] : findings_)
    if (finding.kind == kind && finding.last_seen + silence <= now)
      if (auto resolved = resolve(kind, finding.device_id, finding.subject, now)) ended.push_back(std::move(*resolved));
  return ended;
}

void Ledger::forget_device(const std::string& device_id) {
  auto it = findings_.lower_bound({device_id, "", ""});
  while (it != findings_.end() && std::get<0>(it->first) == device_id) remove(it++);
}

void Ledger::forget_old(WallTime now) {
  std::vector<std::pair<WallTime, Key>> resolved;
  for (const auto& [key, finding] : findings_)
    if (finding.state == FindingState::kResolved) resolved.emplace_back(finding.last_seen, key);
  std::ranges::sort(resolved);
  auto crowded = findings_.size() > kMost / 8 * 7 ? findings_.size() - kMost / 4 * 3 : 0;
  for (const auto& [last_seen, key] : resolved) {
    if (crowded == 0 && last_seen + kResolvedKept > now) return;
    if (crowded != 0) --crowded;
    remove(findings_.find(key));
  }
}

std::vector<const Finding*> Ledger::all() const {
  std::vector<const Finding*> list;
  list.reserve(findings_.size());
  for (const auto& [key, finding] : findings_) list.push_back(&finding);
  return list;
}

bool Ledger::is_open(std::string_view kind, const std::string& device_id, const std::string& subject) const {
  const auto known = findings_.find({device_id, std::string(kind), subject});
  return known != findings_.end() && known->second.state != FindingState::kResolved;
}

std::vector<const Finding*> Ledger::take_unsaved() {
  std::vector<const Finding*> list;
  for (const auto& key : unsaved_) list.push_back(&findings_.at(key));
  unsaved_.clear();
  return list;
}

std::vector<std::string> Ledger::take_removed() {
  return std::exchange(removed_, {});
}

void Ledger::unsaved_all() {
  for (const auto& [key, finding] : findings_) unsaved_.insert(key);
}

}  // namespace wardline::findings
