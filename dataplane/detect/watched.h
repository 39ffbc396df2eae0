#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

#include "dataplane/detect/alarm.h"
#include "dataplane/detect/window.h"
#include "dataplane/large_array.h"
#include "dataplane/tick.h"

namespace wardline::detect {

// What is remembered of one device. Fixed size, so that no device can make it grow.
struct alignas(64) Watched {
  static constexpr std::size_t kSimple = 9;
  // Something that is looked at apart: a peer, a service, a domain; the one with the fewest gives way.
  struct Counted {
    std::uint32_t what = 0;
    Distinct seen;
  };
  struct Repeated {  // logins at one service
    std::uint32_t what = 0;
    Window count;
  };
  struct Rhythm {  // connections to one peer and port
    std::uint32_t what = 0;
    CoarseTick first = 0, last = 0, interval = 0;
    std::uint32_t regular = 0;
  };

  // First what a flow needs when it opens, then what one needs that ends without an answer (kOpening, kEnding).
  std::uint32_t owed = 0;       // bit per detector: raised when a flow ended, its action awaits the next packet
  std::uint32_t ever_told = 0;  // bit per detector: `told` holds
  Window syns, datagrams, echoes;
  std::array<Rhythm, 4> rhythms;
  std::array<std::uint16_t, kDetectorCount> told{};  // in units of 2^12 coarse ticks, about 4 s
  std::array<Counted, 2> ports_of_peer;              // port scan
  std::array<Counted, 3> peers_of_service;           // host scan
  Distinct long_run;                                 // slow scan

  std::array<Repeated, 3> logins;
  std::array<Window, kSimple> simple;
  Window amplified, odd_echoes, file_changes;
  std::array<Counted, 2> children_of_domain;  // DNS tunnel
  Distinct generated;
  struct EchoBody {  // the last odd echo request to one peer
    std::uint32_t peer = 0, body = 0, changes = 0;
  };
  std::array<EchoBody, 2> echo_bodies;
  std::uint32_t echo_asked = 0, echo_question = 0;  // hashes: of the last request whole, and of whom and when it asked
};
static_assert(sizeof(Watched) <= 17 * 64, "watched devices are budgeted at 17 cache lines each");
inline constexpr std::size_t kOpening = offsetof(Watched, told), kEnding = offsetof(Watched, logins);  // bytes

// The devices that detectors follow. A set of eight places by the key's hash; in it the least recently used gives way,
// so that who floods the table with forged senders cannot push out a device that is active now. Owner: one worker.
class WatchedDevices {
 public:
  explicit WatchedDevices(std::uint32_t count, std::uint64_t seed = 0);

  // The entry of the device with this key (never 0), a fresh one if it has none.
  Watched& touch(std::uint64_t key, CoarseTick now);
  // Fetched ahead, in two steps: the set that the key is looked for in, then the first bytes of its entry, if it has
  // one.
  void prefetch_set(std::uint64_t key) const;
  void prefetch_entry(std::uint64_t key, std::size_t bytes) const;
  std::uint64_t replaced() const { return replaced_; }  // entries that gave way to another device
  std::size_t size() const { return sets_ * kWays; }

 private:
  static constexpr std::size_t kWays = 8;
  struct alignas(128) Set {
    std::array<std::uint64_t, kWays> keys{};  // 0: free
    std::array<CoarseTick, kWays> used{};

    std::size_t find(std::uint64_t key) const;
    std::size_t oldest(CoarseTick now) const;
  };
  std::size_t set_of(std::uint64_t key) const { return mix(key, seed_) & (sets_ - 1); }
  std::size_t sets_;
  std::uint64_t seed_, replaced_ = 0;
  LargeArray<Set> index_;
  LargeArray<Watched> entries_;
};

// `detector` has counted `counted`: an alarm when that is enough. Told once in its window.
void raise(Watched& watched, const Settings& settings, Detector detector, std::uint32_t counted, CoarseTick now,
           const Note& note, Alarms& alarms);

// For detectors that count how often something happened and nothing else (`Watched::simple`).
void count_one(Watched& watched, const Settings& settings, Detector detector, CoarseTick now, const Note& note,
               Alarms& alarms);

inline CoarseTick span_of(const Setting& setting) {
  return coarse_duration(setting.within_seconds * kSecond);
}
inline const Setting& setting_of(const Settings& settings, Detector detector) {
  return settings[static_cast<std::size_t>(detector)];
}

}  // namespace wardline::detect
