#include "dataplane/detect/watched.h"

#include <algorithm>

namespace wardline::detect {

WatchedDevices::WatchedDevices(std::uint32_t count, std::uint64_t seed)
    : sets_(std::bit_ceil(std::max<std::size_t>(count, kWays)) / kWays),
      seed_(seed),
      index_(make_large_array<Set>(sets_)),
      entries_(make_large_array<Watched>(sets_ * kWays)) {}

// The way that gives way: a free one, else the least recently used.
std::size_t WatchedDevices::Set::oldest(CoarseTick now) const {
  if (const auto free = find(0); free != kWays) return free;
  std::size_t chosen = 0;
  for (std::size_t way = 1; way < kWays; ++way)
    if (age(now, used[way]) > age(now, used[chosen])) chosen = way;
  return chosen;
}

Watched& WatchedDevices::touch(std::uint64_t key, CoarseTick now) {
  const auto set = set_of(key);
  Set& places = index_[set];
  if (const auto way = places.find(key); way != kWays) [[likely]] {
    places.used[way] = now;
    return entries_[set * kWays + way];
  }
  const auto way = places.oldest(now);
  if (places.keys[way] != 0) ++replaced_;
  places.keys[way] = key;
  places.used[way] = now;
  return entries_[set * kWays + way] = Watched{};
}

void raise_enough(Watched& watched, const Setting& setting, Detector detector, std::uint32_t counted, CoarseTick now,
                  const Note& note, Alarms& alarms) {
  constexpr CoarseTick kQuietAtLeast = coarse_duration(10 * kSecond);
  const auto place = static_cast<std::size_t>(detector);
  const std::uint32_t bit = 1U << place;
  const auto when = static_cast<std::uint16_t>(now >> 12);
  const auto quiet_for = std::min<CoarseTick>(std::max(span_of(setting), kQuietAtLeast) >> 12, 0x7fff);
  const bool quiet =
      (watched.ever_told & bit) != 0 && static_cast<std::uint16_t>(when - watched.told[place]) <= quiet_for;
  if (!quiet) {
    watched.ever_told |= bit;
    watched.told[place] = when;
  }
  alarms.add({.detector = detector, .signature = setting.signature, .count = counted, .tell = !quiet, .note = note});
}

void count_one(Watched& watched, const Settings& settings, Detector detector, CoarseTick now, const Note& note,
               Alarms& alarms) {
  static constexpr std::array<Detector, Watched::kSimple> kPlaces{
      Detector::kRogueDhcpServer,   Detector::kRogueRouter,     Detector::kClearTextPatientData,
      Detector::kClearTextPassword, Detector::kDefaultPassword, Detector::kMiraiScan,
      Detector::kSourceRoute,       Detector::kIpInIp,          Detector::kBrokenTcpOptions};
  const Setting& setting = setting_of(settings, detector);
  if (!setting.enabled) return;
  for (std::size_t i = 0; i < kPlaces.size(); ++i)
    if (kPlaces[i] == detector)
      raise(watched, settings, detector, watched.simple[i].add(1, now, span_of(setting)), now, note, alarms);
}

}  // namespace wardline::detect
