#include "controlplane/policy/detection_tables.h"

#include <algorithm>

namespace wardline::policy {
namespace {

bool fits(const DetectionDraft& draft, const SignatureText& text) {
  const auto& severities = draft.severities;
  if (!severities.empty() && std::ranges::find(severities, text.severity) == severities.end()) return false;
  if (!draft.groups.empty() && std::ranges::find_first_of(draft.groups, text.groups) == draft.groups.end())
    return false;
  const auto& ids = draft.signatures;
  return ids.empty() || std::ranges::find(ids, text.id, &Word::text) != ids.end();
}

}  // namespace

enforce::DetectionAction action_of(const SignatureText& text, std::span<const DetectionDraft> own,
                                   std::span<const DetectionDraft> site) {
  for (const auto list : {own, site})
    for (const auto& draft : list)
      if (fits(draft, text)) return draft.action;
  return text.action.value_or(enforce::DetectionAction::kAlert);
}

DetectionTables::DetectionTables(const SignatureSet& signatures, std::span<const DetectionDraft> site)
    : signatures_(signatures), site_(site) {
  table_of({});
}

std::uint16_t DetectionTables::table_of(std::span<const DetectionDraft> own) {
  if (own.empty() && !tables_.empty()) return 0;  // most classes: thousands of them, by thousands of signatures
  Table table;
  for (const auto& text : signatures_.texts) table.push_back(action_of(text, own, site_));
  const auto known = std::ranges::find(tables_, table);
  const auto number = static_cast<std::uint16_t>(known - tables_.begin());
  if (known == tables_.end()) tables_.push_back(std::move(table));
  return number;
}

}  // namespace wardline::policy
