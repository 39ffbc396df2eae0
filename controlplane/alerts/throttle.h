#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dataplane/tick.h"

namespace wardline::alerts {

// Keeps a scanner from flooding the SIEM: the first violation of a kind (device, rule or reason, accepting port and
// application) goes out at once, the like of it within the window only add to a count, which goes out when the window
// ends. A rate bounds the whole. Nothing is forgotten silently: what could not be told is counted.
//
// `Payload` is what the caller needs to make the alert again (records::Facts). Single-threaded, bounded memory.
template <typename Payload>
class Throttle {
 public:
  struct Limits {
    Tick window = 60 * kSecond;
    std::size_t kinds = 4096;       // followed at once
    std::uint32_t per_second = 20;  // alerts, with a burst of as many
  };
  struct Due {
    Payload payload;
    std::uint64_t count;
  };
  Throttle() = default;
  explicit Throttle(Limits limits) : limits_(limits) {}

  // The count to send now; nothing when it is added to a count that goes out later, or withheld.
  std::optional<std::uint64_t> pass(const std::string& kind, const Payload& payload, std::uint64_t count, Tick now) {
    const auto it = kinds_.find(kind);
    if (it != kinds_.end()) {
      it->second.count += count;
      it->second.payload = payload;
      if (now < it->second.since + limits_.window || !take_token(now)) return std::nullopt;
      it->second.since = now;
      return std::exchange(it->second.count, 0);
    }
    if (kinds_.size() >= limits_.kinds || !take_token(now)) {
      withheld_ += count;
      return std::nullopt;
    }
    kinds_.emplace(kind, Kind{now, 0, payload});
    return count;
  }

  // The counts whose window has ended. Kinds without any are forgotten.
  std::vector<Due> due(Tick now) {
    std::vector<Due> list;
    for (auto it = kinds_.begin(); it != kinds_.end();) {
      auto& kind = it->second;
      if (now < kind.since + limits_.window) {
        ++it;
      } else if (kind.count == 0) {
        it = kinds_.erase(it);
      } else if (take_token(now)) {
        list.push_back({std::move(kind.payload), kind.count});
        it = kinds_.erase(it);
      } else {
        break;  // its turn comes with the next second's tokens
      }
    }
    return list;
  }

  std::uint64_t withheld() const { return withheld_; }

 private:
  struct Kind {
    Tick since;
    std::uint64_t count;
    Payload payload;
  };
  bool take_token(Tick now) {
    if (now >= second_ + kSecond) {
      second_ = now;
      tokens_ = limits_.per_second;
    }
    if (tokens_ == 0) return false;
    --tokens_;
    return true;
  }

  Limits limits_;
  std::unordered_map<std::string, Kind> kinds_;
  Tick second_ = 0;
  std::uint32_t tokens_ = limits_.per_second;
  std::uint64_t withheld_ = 0;
};

}  // namespace wardline::alerts
