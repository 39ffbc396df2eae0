#include <algorithm>

#include "dataplane/enforce/snapshot.h"

namespace wardline::enforce {
namespace {

constexpr std::uint32_t kVids = 4096;

std::uint32_t leg_of(std::uint32_t bundle, Side side) {
  return bundle * 2 + static_cast<std::uint32_t>(side);
}

std::uint32_t inner_key(std::uint32_t leg, std::uint32_t outer, std::uint32_t inner) {
  return leg << 24 | outer << 12 | inner;
}

}  // namespace

// What is said of one bundle goes before what is said of every bundle, so the general entries are filed first and
// overwritten. An exact inner tag goes before "any inner tag" (see find).
SegmentMap::SegmentMap(std::span<const Entry> entries, std::uint16_t bundle_count)
    : bundles_(std::min<std::uint16_t>(bundle_count, 128)), by_outer_(std::size_t{bundles_} * 2 * kVids) {
  for (const bool general : {true, false}) {
    for (const auto& entry : entries) {
      if ((entry.bundle < 0) != general || entry.outer >= kVids || entry.inner >= static_cast<std::int32_t>(kVids))
        continue;
      const auto first = general ? 0u : static_cast<std::uint32_t>(entry.bundle);
      const auto last = general ? std::uint32_t{bundles_} : std::min<std::uint32_t>(first + 1, bundles_);
      for (auto bundle = first; bundle < last; ++bundle) {
        const auto leg = leg_of(bundle, entry.side);
        if (entry.inner < 0)
          by_outer_[leg * kVids + entry.outer] = entry.segment;
        else
          by_inner_.push_back({inner_key(leg, entry.outer, static_cast<std::uint32_t>(entry.inner)), entry.segment});
      }
    }
  }
  // Of equal keys the last one filed stands first after reversing, and unique keeps the first.
  std::ranges::reverse(by_inner_);
  std::ranges::stable_sort(by_inner_, {}, &Inner::key);
  const auto doubles = std::ranges::unique(by_inner_, {}, &Inner::key);
  by_inner_.erase(doubles.begin(), doubles.end());
}

SegmentId SegmentMap::find(std::uint16_t bundle, Side side, std::uint16_t outer, std::uint16_t inner,
                           bool has_inner) const {
  if (has_inner && inner < kVids && !by_inner_.empty()) {
    const auto key = inner_key(leg_of(bundle, side), outer, inner);
    const auto place = std::ranges::lower_bound(by_inner_, key, {}, &Inner::key);
    if (place != by_inner_.end() && place->key == key) return place->segment;
  }
  return of_outer(bundle, side, outer);
}

}  // namespace wardline::enforce
