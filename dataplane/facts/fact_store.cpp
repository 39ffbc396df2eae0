#include "dataplane/facts/fact_store.h"

#include <algorithm>
#include <bit>

namespace wardline::facts {

FactStore::FactStore(std::uint32_t capacity)
    : chains_(std::bit_ceil(std::max<std::uint32_t>(capacity, 1))), entries_(capacity) {}

std::size_t FactStore::chain_number(std::uint64_t flow) const {
  return (flow * 0x9e3779b97f4a7c15 >> 32) & (chains_.size() - 1);
}

const KeptFacts* FactStore::find(std::uint64_t flow) const {
  for (auto place = chains_[chain_number(flow)]; place != 0; place = entries_[place - 1].next)
    if (entries_[place - 1].flow == flow) return &entries_[place - 1].kept;
  return nullptr;
}

KeptFacts* FactStore::keep(std::uint64_t flow) {
  auto& chain = chain_of(flow);
  for (auto place = chain; place != 0; place = entries_[place - 1].next)
    if (entries_[place - 1].flow == flow) return &entries_[place - 1].kept;
  auto place = free_;
  if (place != 0)
    free_ = entries_[place - 1].next;
  else if (fresh_ < entries_.size())
    place = ++fresh_;
  else
    return nullptr;
  auto& entry = entries_[place - 1];
  entry.flow = flow;
  entry.next = chain;
  entry.kept.facts.clear();
  entry.kept.unknown = 0;
  entry.kept.hello = flow::kNoSide;
  chain = place;
  ++in_use_;
  return &entry.kept;
}

void FactStore::forget(std::uint64_t flow) {
  for (auto* place = &chain_of(flow); *place != 0; place = &entries_[*place - 1].next) {
    const auto found = *place;
    auto& entry = entries_[found - 1];
    if (entry.flow != flow) continue;
    *place = entry.next;
    entry.next = free_;
    free_ = found;
    --in_use_;
    return;
  }
}

}  // namespace wardline::facts
