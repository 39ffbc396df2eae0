#pragma once
#include <cstdint>

#include "dataplane/facts/fact.h"
#include "dataplane/facts/reading.h"
#include "dataplane/flow/flow_record.h"
#include "dataplane/flow/lazy_array.h"

namespace wardline::facts {

struct KeptFacts {
  FactSet facts;
  FactMask unknown;     // that the bytes at hand did not tell yet
  std::uint32_t hello;  // the worker's place of a QuicHello that is being gathered; flow::kNoSide: none
};

// The flow-constant facts of flows of which some rule asks one, for as long as the flow lives: a flow decided again
// under another policy needs no new look at bytes that are gone. Fixed room, memory touched as it is used. Owner: one
// worker.
class FactStore {
 public:
  explicit FactStore(std::uint32_t capacity);

  // Of the flow with this number, which is never 0 and never two flows' at a time; null: none are kept.
  const KeptFacts* find(std::uint64_t flow) const;
  // Room for a flow's facts, empty unless it had some already; null when all is taken.
  KeptFacts* keep(std::uint64_t flow);
  void forget(std::uint64_t flow);
  std::uint32_t in_use() const { return in_use_; }

 private:
  struct Entry {
    std::uint64_t flow;
    std::uint32_t next;  // of the chain or of the free entries; 0: none, else a place + 1
    KeptFacts kept;
  };
  std::uint32_t& chain_of(std::uint64_t flow) { return chains_[chain_number(flow)]; }
  std::size_t chain_number(std::uint64_t flow) const;

  flow::LazyArray<std::uint32_t> chains_;  // place + 1 of the first entry; a power of two of them
  flow::LazyArray<Entry> entries_;
  std::uint32_t free_ = 0, fresh_ = 0, in_use_ = 0;
};

}  // namespace wardline::facts
