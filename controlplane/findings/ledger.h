#pragma once
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "controlplane/findings/checks.h"
#include "controlplane/inventory/finding.h"
#include "dataplane/error.h"

namespace wardline::findings {

using inventory::Finding;
using inventory::FindingState;

// The life of every finding: open -> acknowledged -> open | resolved -> open. States only: the caller records, alerts
// and saves. What a call returns has a new state and is to be told; the rest only counts.
//
// An acknowledgement with an end holds until then, even if what was found ends and begins again; one without holds
// until what was found is over.
//
// Invariants: one finding of a kind, device and subject. Bounded, whatever devices do: see the limits.
class Ledger {
 public:
  static constexpr std::size_t kMost = 100'000, kMostOfDevice = 64, kMostOfNone = 1'024;
  static constexpr auto kCountedEvery = std::chrono::minutes(1);  // the same again within it is not counted
  static constexpr auto kResolvedKept = std::chrono::days(400);

  void restore(Finding finding);  // from the store

  // What is found of `device_id` ("" of none). `new_id` is used if it was never found before. Nothing where there is
  // no room; refused() counts that.
  std::optional<Finding> raise(const std::string& device_id, const Condition& condition, std::string new_id,
                               WallTime now);
  std::optional<Finding> resolve(std::string_view kind, const std::string& device_id, const std::string& subject,
                                 WallTime now);
  // Resolves what is not among `conditions` of the kinds that `governs` is true for.
  template <typename Governs>
  std::vector<Finding> settle(const std::string& device_id, const Conditions& conditions, Governs governs,
                              WallTime now) {
    std::vector<Finding> ended;
    for (const auto& [kind, subject] : unresolved_of(device_id)) {
      const bool there = std::ranges::any_of(
          conditions, [&](const Condition& item) { return item.kind == kind && item.subject == subject; });
      if (there || !governs(kind, subject)) continue;
      if (auto resolved = resolve(kind, device_id, subject, now)) ended.push_back(std::move(*resolved));
    }
    return ended;
  }

  Result<Finding> acknowledge(std::string_view id, std::string_view user, std::string_view note,
                              std::optional<WallTime> until, WallTime now);
  std::vector<Finding> reopen_due(WallTime now);  // whose acknowledgement has ended
  // Findings of this kind that nobody has seen for so long.
  std::vector<Finding> resolve_unseen(std::string_view kind, std::chrono::seconds silence, WallTime now);

  void forget_device(const std::string& device_id);
  void forget_old(WallTime now);  // resolved ones, after their time or where room is needed

  std::vector<const Finding*> all() const;  // by device, kind and subject
  bool is_open(std::string_view kind, const std::string& device_id, const std::string& subject) const;
  std::uint64_t refused() const { return refused_; }

  // What the store has still to hear. A transaction that failed is told with unsaved_all().
  std::vector<const Finding*> take_unsaved();
  std::vector<std::string> take_removed();
  void unsaved_all();

 private:
  using Key = std::tuple<std::string, std::string, std::string>;  // device, kind, subject
  std::vector<std::pair<std::string, std::string>> unresolved_of(const std::string& device_id) const;
  bool make_room(const std::string& device_id);
  void remove(std::map<Key, Finding>::iterator it);
  Finding changed(const Key& key, Finding& finding);

  std::map<Key, Finding> findings_;
  std::set<Key> unsaved_;
  std::vector<std::string> removed_;
  std::uint64_t refused_ = 0;
};

}  // namespace wardline::findings
