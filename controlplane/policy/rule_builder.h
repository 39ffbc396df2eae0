#pragma once
#include <map>
#include <string>
#include <vector>

#include "controlplane/policy/draft.h"

namespace wardline::policy {

// Lays rules out in the snapshot's pools, and their names and sentences beside them in the policy.
class RuleBuilder {
 public:
  // Takes roles and zones from the draft; `classes` gives every class its number.
  RuleBuilder(const PolicyDraft& draft, const std::map<std::string, ClassId>& classes, Policy& policy);

  // One list, contiguous in the pool. `infrastructure` rules may be living.
  enforce::Range add(const std::vector<const RuleDraft*>& rules, const std::string& owner, bool infrastructure);
  enforce::Range add_classes(const std::vector<Word>& names);
  void finish();  // after the last rule: address sets are cut into intervals

 private:
  void add_group(const AddressGroup& group, std::map<std::string, std::vector<AddressRange>>& shown);
  std::uint16_t add_set(const std::vector<AddressRange>& ranges);
  enforce::PeerMatch peer_of(const RuleDraft& rule);
  // The protocols that the rule's applications use, and for each the applications that use it.
  std::map<std::uint8_t, std::vector<AppId>> protocols_of(const RuleDraft& rule) const;
  static std::vector<enforce::FactTest> tests_of(const RuleDraft& rule);
  void ask_apps(const enforce::Rule& rule);
  void add_one(const RuleDraft& draft, const std::string& owner, bool living, const enforce::Rule& rule);

  const std::map<std::string, ClassId>& classes_;
  Policy& policy_;
  enforce::Snapshot& snapshot_;
  std::map<std::string, std::uint16_t> sets_;  // by role or zone
  std::vector<enforce::AddressSets::Entry> entries_;
  std::uint16_t set_count_ = 0;
};

}  // namespace wardline::policy
