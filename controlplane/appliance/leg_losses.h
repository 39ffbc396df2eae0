#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/appliance/appliance.h"

namespace wardline::appliance {

// Frames that a leg lost for a while, and when: times are those of records, text that sorts by time.
struct LegLoss {
  std::string bundle, name;
  std::uint64_t lost_in = 0, lost_out = 0;  // before they were judged; after they had passed
  std::string since, until;
};

// When the legs lost frames, so that a frame which passed is not said to have left. Made of counters that are looked at
// now and then: a loss lies between two looks. Bounded: the last kMostSpells of each leg.
class LegLosses {
 public:
  static constexpr std::size_t kMostSpells = 512;
  static constexpr auto kSpell = std::chrono::seconds(10);  // losses this near are one spell

  explicit LegLosses(WallTime started = {});

  // Counters only grow; one that is less than before began anew.
  void note(const std::vector<LegCounts>& counts, WallTime time);

  // What each leg of this bundle ("": of all) may have lost within that time, the legs in the order of their names.
  std::vector<LegLoss> between(std::string_view bundle, std::string_view from, std::string_view to) const;
  const std::string& known_since() const { return known_since_; }  // of what is older nothing can be said

 private:
  struct Leg {
    std::uint64_t lost_in = 0, lost_out = 0;  // as they were counted last
    std::deque<LegLoss> spells;
    WallTime begun{};  // when the last of them was noted first
  };

  std::map<std::string, Leg> legs_;  // by bundle and name
  std::string noted_, known_since_;
};

// "lost meanwhile: 12 frames on the way out by a/core (eth2), between 03:04:05 and 03:04:15 UTC"; "" where nothing was.
std::string text_of(const std::vector<LegLoss>& losses);

}  // namespace wardline::appliance
