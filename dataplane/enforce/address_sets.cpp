#include <algorithm>
#include <iterator>
#include <map>

#include "dataplane/enforce/snapshot.h"

namespace wardline::enforce {
namespace {

// An edge of an interval: from `at` on, `set` holds once more or once less.
struct Edge {
  Address at;
  std::uint16_t set;
  bool begins;
};

// The address after `address`; false when it is the last one.
bool step_past(Address& address) {
  for (std::size_t i = address.bytes.size(); i-- > 0;)
    if (++address.bytes[i] != 0) return true;
  return false;
}

std::vector<Edge> edges_of(std::span<const AddressSets::Entry> entries, std::uint16_t set_count) {
  std::vector<Edge> edges;
  edges.reserve(entries.size() * 2);
  for (const auto& entry : entries) {
    if (entry.set >= set_count || entry.high < entry.low) continue;
    edges.push_back({entry.low, entry.set, true});
    Address after = entry.high;
    if (step_past(after)) edges.push_back({after, entry.set, false});
  }
  std::ranges::sort(edges, {}, &Edge::at);
  return edges;
}

}  // namespace

AddressSets::AddressSets(std::span<const Entry> entries, std::uint16_t set_count)
    : words_((std::size_t{set_count} + 63) / 64) {
  if (words_ == 0) words_ = 1;
  bits_.assign(words_, 0);
  const auto edges = edges_of(entries, set_count);

  std::vector<std::uint32_t> depth(set_count, 0);  // overlapping entries of one set nest
  std::vector<std::uint64_t> now(words_, 0);
  std::map<std::vector<std::uint64_t>, std::uint32_t> known{{now, 0}};
  for (std::size_t i = 0; i < edges.size();) {
    const Address at = edges[i].at;
    for (; i < edges.size() && edges[i].at == at; ++i) {
      const auto set = edges[i].set;
      edges[i].begins ? ++depth[set] : --depth[set];
      const auto bit = std::uint64_t{1} << (set % 64);
      depth[set] > 0 ? now[set / 64] |= bit : now[set / 64] &= ~bit;
    }
    const auto [place, fresh] = known.try_emplace(now, static_cast<std::uint32_t>(bits_.size() / words_));
    if (fresh) bits_.insert(bits_.end(), now.begin(), now.end());
    if (!bitset_of_.empty() && bitset_of_.back() == place->second) continue;  // entries that touch
    starts_.push_back(at);
    bitset_of_.push_back(place->second);
  }
  take_out_v4();
}

void AddressSets::take_out_v4() {
  starts4_ = {0};
  bitset_of4_ = {find_any(Address::v4(0))};
  for (std::size_t i = 0; i < starts_.size(); ++i) {
    if (!starts_[i].is_v4() || starts_[i].v4_host_order() == 0) continue;
    starts4_.push_back(starts_[i].v4_host_order());
    bitset_of4_.push_back(bitset_of_[i]);
  }
}

// The last start that is not above the address. Halves the list without a branch, for traffic makes none predictable.
std::uint32_t AddressSets::find4(std::uint32_t address) const {
  const std::uint32_t* first = starts4_.data();
  for (std::size_t left = starts4_.size(); left > 1;) {
    const std::size_t half = left / 2;
    first += first[half] <= address ? half : 0;
    left -= half;
  }
  return bitset_of4_[static_cast<std::size_t>(first - starts4_.data())];
}

std::uint32_t AddressSets::find_any(const Address& address) const {
  const auto after = std::ranges::upper_bound(starts_, address);
  if (after == starts_.begin()) return 0;
  return bitset_of_[static_cast<std::size_t>(std::distance(starts_.begin(), after)) - 1];
}

}  // namespace wardline::enforce
