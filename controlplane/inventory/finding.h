#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/inventory/device.h"

namespace wardline::inventory {

enum class FindingState : std::uint8_t { kOpen, kAcknowledged, kResolved };
std::string_view text_of(FindingState state);  // open | acknowledged | resolved
std::optional<FindingState> finding_state_named(std::string_view text);

// Something that is not as it should be, for as long as it is so. There is one of a kind, device and subject.
struct Finding {
  std::string id;
  std::string kind;       // of findings/kinds.h
  std::string severity;   // info | low | medium | high | critical
  std::string device_id;  // "" when it is of no device
  std::string subject;    // what tells findings of one kind and device apart: a segment, an address; or ""
  std::string explanation;
  std::vector<std::string> evidence{};
  FindingState state = FindingState::kOpen;
  std::string note{}, by{};  // of the person who acknowledged it; "" when nobody did
  // End of the acknowledgement. Without one it lasts until what was found is over.
  std::optional<WallTime> until{};
  WallTime first_seen{}, last_seen{};
  std::uint64_t count = 1;  // how often it was seen
};

}  // namespace wardline::inventory
