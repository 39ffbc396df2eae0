#pragma once
#include <map>
#include <utility>
#include <vector>

#include "dataplane/offload/flow_offload.h"

namespace wardline::offload {

// A card that takes every rule until it is told not to, and counts what a test says.
class FakeCard final : public FlowOffload {
 public:
  Result<Rule> insert(const OffloadFlow& flow, Side in) override {
    if (room == 0) return fail("fake", {}, "full");
    --room;
    rules[++last] = {flow, in};
    return last;
  }
  void remove(Rule rule) override { removed += rules.erase(rule); }
  Traffic traffic(Rule rule) override { return moved[rule]; }

  std::size_t room = 1000, removed = 0;
  std::map<Rule, std::pair<OffloadFlow, Side>> rules;
  std::map<Rule, Traffic> moved;

 private:
  Rule last = 0;
};

}  // namespace wardline::offload
