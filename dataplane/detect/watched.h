#pragma once
#include <emmintrin.h>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "dataplane/detect/alarm.h"
#include "dataplane/detect/window.h"
#include "dataplane/large_array.h"
#include "dataplane/prefetch.h"
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
  using Place = std::uint32_t;  // of an entry; another device may take it at any touch()

  explicit WatchedDevices(std::uint32_t count, std::uint64_t seed = 0);

  // The entry of the device with this key (never 0), a fresh one if it has none.
  Watched& touch(std::uint64_t key, CoarseTick now);
  // The same where the device has its entry at this place, as it was when somebody looked ahead; nullptr where it has
  // not.
  Watched* touch_at(Place place, std::uint64_t key, CoarseTick now) {
    Set& set = index_[place / kWays];
    if (set.keys[place % kWays] != key) [[unlikely]]
      return nullptr;
    set.used[place % kWays] = now;
    return &entries_[place];
  }
  // Fetched ahead, in two steps: the set that the key is looked for in, then the first bytes of its entry, if it has
  // one. The first says which set that is, the second in which place the entry is; some place where there is none.
  std::size_t prefetch_set(std::uint64_t key) const {
    const auto set = set_of(key);
    fetch_line_to_write(&index_[set].keys);
    fetch_line_to_write(&index_[set].used);
    return set;
  }
  template <std::size_t kBytes>
  Place prefetch_entry(std::uint64_t key, std::size_t set) const {
    constexpr std::size_t kLine = 64;
    const auto way = index_[set].find(key);
    if (way == kWays) return 0;
    const auto place = set * kWays + way;
    const auto* entry = reinterpret_cast<const char*>(&entries_[place]);
#pragma GCC unroll 16
    for (std::size_t at = 0; at < kBytes; at += kLine) fetch_line_to_write(entry + at);
    return static_cast<Place>(place);
  }
  std::uint64_t replaced() const { return replaced_; }  // entries that gave way to another device
  std::size_t size() const { return sets_ * kWays; }

 private:
  static constexpr std::size_t kWays = 8;
  struct alignas(128) Set {
    std::array<std::uint64_t, kWays> keys{};  // 0: free
    std::array<CoarseTick, kWays> used{};

    std::size_t find(std::uint64_t key) const;
    std::size_t oldest(CoarseTick now) const;
    __m128i hits_in_four(std::size_t first, __m128i sought) const;
  };
  std::size_t set_of(std::uint64_t key) const { return mix(key, seed_) & (sets_ - 1); }
  std::size_t sets_;
  std::uint64_t seed_, replaced_ = 0;
  LargeArray<Set> index_;
  LargeArray<Watched> entries_;
};

// A lane for each of four keys. Without SSE4 there are compares of halves alone.
inline __m128i WatchedDevices::Set::hits_in_four(std::size_t first, __m128i sought) const {
  const auto halves_of = [&](std::size_t two) {
    return _mm_castsi128_ps(_mm_cmpeq_epi32(_mm_load_si128(reinterpret_cast<const __m128i*>(&keys[two])), sought));
  };
  const auto one = halves_of(first), other = halves_of(first + 2);
  const auto low = _mm_shuffle_ps(one, other, _MM_SHUFFLE(2, 0, 2, 0));
  return _mm_castps_si128(_mm_and_ps(low, _mm_shuffle_ps(one, other, _MM_SHUFFLE(3, 1, 3, 1))));
}

// The way whose key this is, kWays if none. Without a branch for each: which one it is cannot be foreseen.
inline std::size_t WatchedDevices::Set::find(std::uint64_t key) const {
  static_assert(kWays == 8);
  const auto sought = _mm_set1_epi64x(static_cast<std::int64_t>(key));
  const auto hits = _mm_packs_epi32(hits_in_four(0, sought), hits_in_four(4, sought));
  const auto ways = static_cast<unsigned>(_mm_movemask_epi8(_mm_packs_epi16(hits, _mm_setzero_si128())));
  return static_cast<std::size_t>(std::countr_zero(ways | 1U << kWays));
}

inline CoarseTick span_of(const Setting& setting) {
  return coarse_duration(setting.within_seconds * kSecond);
}
inline const Setting& setting_of(const Settings& settings, Detector detector) {
  return settings[static_cast<std::size_t>(detector)];
}

// `detector` has counted `counted`, which is enough: an alarm. Told once in its window.
void raise_enough(Watched& watched, const Setting& setting, Detector detector, std::uint32_t counted, CoarseTick now,
                  const Note& note, Alarms& alarms);

// `detector` has counted `counted`: an alarm when that is enough.
inline void raise(Watched& watched, const Settings& settings, Detector detector, std::uint32_t counted, CoarseTick now,
                  const Note& note, Alarms& alarms) {
  const Setting& setting = setting_of(settings, detector);
  if (setting.enabled && counted >= setting.count) [[unlikely]]
    raise_enough(watched, setting, detector, counted, now, note, alarms);
}

// For detectors that count how often something happened and nothing else (`Watched::simple`).
void count_one(Watched& watched, const Settings& settings, Detector detector, CoarseTick now, const Note& note,
               Alarms& alarms);

}  // namespace wardline::detect
