// A value that two devices show tells of neither of them: only what both entries say follows from it.
#include "controlplane/fingerprint_import/agreement.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace wardline::fingerprint_import {
namespace {

void keep_what_both_say(SameValue& group, const Entry& first, const Entry& other) {
  auto& sets = group.told->sets;
  const auto before = sets.size();
  std::erase_if(sets,
                [&](const auto& each) { return std::ranges::find(other.told->sets, each) == other.told->sets.end(); });
  if (sets.empty())
    group.told = std::unexpected(fmt::format(
        "the entries of lines {} and {} look for the same value and agree on nothing", first.line, other.line));
  else if (sets.size() < before)
    group.told->notes.push_back(fmt::format("only what the entry of line {} says, too", other.line));
}

}  // namespace

std::vector<SameValue> same_values(const std::vector<Entry>& entries) {
  std::vector<SameValue> groups;
  std::map<std::pair<std::string, std::string>, std::size_t> known;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto& told = entries[i].told;
    if (!told) continue;
    const auto [place, fresh] = known.emplace(std::pair(told->attribute, told->pattern), groups.size());
    if (fresh) groups.push_back({{}, *told});
    auto& group = groups[place->second];
    group.entries.push_back(i);
    if (!fresh && group.told) keep_what_both_say(group, entries[group.entries.front()], entries[i]);
  }
  return groups;
}

}  // namespace wardline::fingerprint_import
