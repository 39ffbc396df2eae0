#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/appliance/leg_losses.h"

namespace wardline::appliance {

// One flow between two ends, as its records tell it together. Times are those of records: text that sorts by time.
struct TracedFlow {
  std::string id;           // of the flow; of its violation where there is no flow record
  std::string first, last;  // when it began, and what its newest record reaches to
  bool counted = false;     // a report of its packets is here; else its violations alone speak
  bool open = false;        // its end was not told
  std::string device_id, segment, bundle, mode, opened_by;  // bundle "": not known
  std::string proto, client_ip, server_ip;
  std::uint16_t client_port = 0, server_port = 0;  // 0: none, or several
  std::string app, app_state, verdict, applied, rule, rule_at, step, reason;
  std::string policy_hash, policy_commit, explanation;
  std::uint64_t flows = 1;
  std::uint64_t packets_there = 0, packets_back = 0;  // from the client, and to it
  std::uint64_t blocked = 0;                          // packets that its violations tell of as dropped
  std::string blocked_reason;                         // of the last of them
  std::vector<LegLoss> lost;  // what the legs of its bundle lost while it lived: it may be among them
  bool lost_known = true;     // of all that time
};

// What a flow or violation record says; nothing of another record, or of what is none.
std::optional<TracedFlow> read_traced(std::string_view record);

// Records of one flow become one.
class TracedFlows {
 public:
  void add(TracedFlow one);
  std::vector<TracedFlow> newest_first() const;

 private:
  std::map<std::string, TracedFlow> by_id_;
};

// What became of it: a word for programs, a sentence for a tired person.
struct Outcome {
  std::string word;  // dropped | would_block | answered | unanswered | may_be_lost | one_sided
  std::string sentence;
};
Outcome outcome_of(const TracedFlow& flow);

}  // namespace wardline::appliance
