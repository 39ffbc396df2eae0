#include "dataplane/detect/watched.h"

#include <bit>

namespace wardline::detect {

WatchedDevices::WatchedDevices(std::uint32_t count, std::uint64_t seed)
    : sets_(std::bit_ceil(std::max<std::size_t>(count, kWays)) / kWays),
      seed_(seed),
      index_(make_large_array<Set>(sets_)),
      entries_(make_large_array<Watched>(sets_ * kWays)) {}

Watched& WatchedDevices::touch(std::uint64_t key, CoarseTick now) {
  const std::size_t set = mix(key, seed_) & (sets_ - 1);
  Set& places = index_[set];
  std::size_t chosen = 0;
  for (std::size_t way = 0; way < kWays; ++way) {
    if (places.keys[way] == key) {
      places.used[way] = now;
      return entries_[set * kWays + way];
    }
    if (places.keys[chosen] == 0) continue;
    if (places.keys[way] == 0 || age(now, places.used[way]) > age(now, places.used[chosen])) chosen = way;
  }
  if (places.keys[chosen] != 0) ++replaced_;
  places.keys[chosen] = key;
  places.used[chosen] = now;
  return entries_[set * kWays + chosen] = Watched{};
}

void raise(Watched& watched, const Settings& settings, Detector detector, std::uint32_t counted, CoarseTick now,
           const Note& note, Alarms& alarms) {
  constexpr CoarseTick kQuietAtLeast = coarse_duration(10 * kSecond);
  const Setting& setting = setting_of(settings, detector);
  if (!setting.enabled || counted < setting.count) return;
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
