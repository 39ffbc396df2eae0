#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "dataplane/ids.h"

namespace wardline::enforce {

struct PortRange;
struct Range;
struct Rule;

// Which rules of a long list may fit a flow, by the port of the side that accepts: those that name the port, and those
// that name none or very many. A list is a Range of the snapshot's rules; a short one has no index and is read whole.
// Built with the snapshot, then read by workers. Memory: 6 bytes for each port that a rule names.
class RuleIndex {
 public:
  static constexpr std::uint32_t kShortList = 32;   // rules that are read as fast as they are looked up
  static constexpr std::uint32_t kMostPorts = 256;  // a rule that names more is a candidate for every port

  RuleIndex() = default;
  RuleIndex(std::span<const Rule> rules, std::span<const PortRange> ranges, std::span<const Range> lists);

  // Calls visit(rule number) for the candidates in their order until it returns true. False, and nothing was called, if
  // the list has no index.
  template <typename Visit>
  bool each(std::uint32_t first_rule, std::uint16_t port, Visit visit) const {
    if (first_rule >= list_of_.size() || list_of_[first_rule] == 0) return false;
    const List& list = lists_[list_of_[first_rule] - 1];
    auto named = named_of(list, port);
    auto wide = std::span<const RuleId>(list.wide);
    while (!named.empty() || !wide.empty()) {
      auto& next = wide.empty() || (!named.empty() && named.front() < wide.front()) ? named : wide;
      if (visit(next.front())) return true;
      next = next.subspan(1);
    }
    return true;
  }

 private:
  struct List {
    std::vector<std::uint16_t> ports;  // ascending, one for each entry of `named`
    std::vector<RuleId> named;         // of equal ports in the order of the rules
    std::vector<RuleId> wide;          // in the order of the rules
  };
  static std::span<const RuleId> named_of(const List& list, std::uint16_t port);

  std::vector<std::uint32_t> list_of_;  // by a list's first rule: place in `lists_` + 1; 0: no index
  std::vector<List> lists_;
};

}  // namespace wardline::enforce
