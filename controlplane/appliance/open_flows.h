#pragma once
#include <cstdint>
#include <iterator>
#include <list>
#include <string>
#include <unordered_map>
#include <utility>

#include "dataplane/events.h"

namespace wardline::appliance {

// Flows of one kind whose end was not told, each with the last event of it: `trace` knows of them before their first
// report. Bounded: the one that was told of the longest ago gives way.
class OpenFlows {
 public:
  struct Flow {
    Event event;
    std::string device_id;  // of then: its slot may be another device's by now
  };

  explicit OpenFlows(std::size_t most) : most_(most) {}

  void note(const Event& event, std::string device_id) {
    end(event.flow_id);
    flows_.push_back({event, std::move(device_id)});
    places_[event.flow_id] = std::prev(flows_.end());
    if (flows_.size() > most_) end(flows_.front().event.flow_id);
  }

  // Its last report came, or it is of this kind no more.
  void end(std::uint64_t flow_id) {
    const auto place = places_.find(flow_id);
    if (place == places_.end()) return;
    flows_.erase(place->second);
    places_.erase(place);
  }

  bool contains(std::uint64_t flow_id) const { return places_.contains(flow_id); }
  const std::list<Flow>& all() const { return flows_; }

 private:
  std::size_t most_;
  std::list<Flow> flows_;                                                // the last that was told of at the end
  std::unordered_map<std::uint64_t, std::list<Flow>::iterator> places_;  // by Event::flow_id
};

}  // namespace wardline::appliance
