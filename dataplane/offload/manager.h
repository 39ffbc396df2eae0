#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include "dataplane/enforce/device_slots.h"
#include "dataplane/offload/flow_offload.h"
#include "dataplane/offload/ledger.h"

namespace wardline::offload {

struct OffloadCounts {
  std::uint64_t flows = 0;                               // now
  std::uint64_t offered = 0, inserted = 0, flushed = 0;  // so far; flushed: because an epoch moved
  std::uint64_t refused = 0;                             // by the card, or beyond what it is given
};

// Takes what workers offer, keeps two rules for each flow, and takes them away when the flow ends or an epoch moves:
// while a rule stands no worker sees the flow. Its thread looks every millisecond, whether the control plane lives or
// not, so a quarantine that a worker made reaches the card within about two. Rules of a former policy are gone before
// the next one is published: hold(), publish, allow().
class OffloadManager {
 public:
  static constexpr std::size_t kMostFlows = 16384;

  // The references must outlive it.
  OffloadManager(FlowOffload& card, const enforce::DeviceSlots& slots, std::vector<OffloadLedger*> ledgers,
                 std::size_t most_flows = kMostFlows);
  ~OffloadManager();

  void start();  // the thread; tests call turn() themselves

  void hold();                             // returns when no rule stands; takes no offers from now on
  void allow(std::uint32_t policy_epoch);  // offers that were decided under this policy
  void turn();                             // one look: ends and epochs first, then offers, then counters
  OffloadCounts counts() const;

 private:
  struct Entry {
    OffloadLedger* ledger;
    OffloadFlow flow;
    std::array<FlowOffload::Rule, 2> rules;  // by the side that frames come in by
    std::array<Traffic, 2> seen{};
  };
  bool stands(const OffloadFlow& flow) const;
  void take_offers(OffloadLedger& ledger);
  bool insert(OffloadLedger& ledger, const OffloadFlow& flow);
  void read_traffic(Entry& entry);
  void remove(std::size_t i);

  FlowOffload& card_;
  const enforce::DeviceSlots& slots_;
  std::vector<OffloadLedger*> ledgers_;
  std::size_t most_flows_;
  mutable std::mutex mutex_;  // of all below; workers never take it
  std::vector<Entry> entries_;
  OffloadCounts counts_;
  std::uint32_t policy_epoch_ = 0;
  bool held_ = true;
  unsigned turns_ = 0;
  std::jthread thread_;
};

}  // namespace wardline::offload
