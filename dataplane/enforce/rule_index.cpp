#include "dataplane/enforce/rule_index.h"

#include <algorithm>
#include <utility>

#include "dataplane/enforce/snapshot.h"

namespace wardline::enforce {
namespace {

std::uint32_t ports_of(std::span<const PortRange> ranges) {
  std::uint32_t count = 0;
  for (const auto& range : ranges) count += range.high - std::uint32_t{range.low} + 1;
  return count;
}

}  // namespace

RuleIndex::RuleIndex(std::span<const Rule> rules, std::span<const PortRange> ranges, std::span<const Range> lists)
    : list_of_(rules.size()) {
  for (const Range list : lists) {
    if (list.count <= kShortList || list_of_[list.first] != 0) continue;
    List built;
    std::vector<std::pair<std::uint16_t, RuleId>> named;
    for (std::uint32_t number = list.first; number < list.first + list.count; ++number) {
      const auto own = ranges.subspan(rules[number].ports.first, rules[number].ports.count);
      if (own.empty() || ports_of(own) > kMostPorts) {
        built.wide.push_back(number);
        continue;
      }
      for (const auto& range : own)
        for (std::uint32_t port = range.low; port <= range.high; ++port)
          named.emplace_back(static_cast<std::uint16_t>(port), number);
    }
    std::ranges::sort(named);
    const auto repeated = std::ranges::unique(named);  // ranges of one rule may overlap
    named.erase(repeated.begin(), repeated.end());
    for (const auto& [port, number] : named) {
      built.ports.push_back(port);
      built.named.push_back(number);
    }
    lists_.push_back(std::move(built));
    list_of_[list.first] = static_cast<std::uint32_t>(lists_.size());
  }
}

std::span<const RuleId> RuleIndex::named_of(const List& list, std::uint16_t port) {
  const auto equal = std::ranges::equal_range(list.ports, port);
  const auto first = static_cast<std::size_t>(equal.begin() - list.ports.begin());
  return std::span(list.named).subspan(first, equal.size());
}

void Snapshot::index_rules() {
  std::vector<Range> lists{infrastructure};
  for (const auto& device_class : classes) lists.push_back(device_class.rules);
  for (const auto& set : exceptions) lists.push_back(set.rules);
  std::erase_if(lists, [](Range list) { return list.count == 0; });
  rule_index = RuleIndex(rules, port_ranges, lists);
  port_classes = PortClasses(port_ranges);
}

}  // namespace wardline::enforce
