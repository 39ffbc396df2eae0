#pragma once
#include <cstdint>
#include <iterator>
#include <list>
#include <string>
#include <unordered_map>
#include <utility>

#include "dataplane/events.h"

namespace wardline::appliance {

// Flows whose application was proved (kSpeaks) and whose end was not told: `trace` knows of them before their first
// report. Bounded: the one that spoke the longest ago gives way.
class OpenExchanges {
 public:
  struct Exchange {
    Event event;
    std::string device_id;  // of then: its slot may be another device's by now
  };

  explicit OpenExchanges(std::size_t most) : most_(most) {}

  void note(const Event& event, std::string device_id) {
    end(event.flow_id);
    exchanges_.push_back({event, std::move(device_id)});
    places_[event.flow_id] = std::prev(exchanges_.end());
    if (exchanges_.size() > most_) end(exchanges_.front().event.flow_id);
  }

  // The last report of this flow came.
  void end(std::uint64_t flow_id) {
    const auto place = places_.find(flow_id);
    if (place == places_.end()) return;
    exchanges_.erase(place->second);
    places_.erase(place);
  }

  const std::list<Exchange>& all() const { return exchanges_; }

 private:
  std::size_t most_;
  std::list<Exchange> exchanges_;                                            // the last that spoke at the end
  std::unordered_map<std::uint64_t, std::list<Exchange>::iterator> places_;  // by Event::flow_id
};

}  // namespace wardline::appliance
