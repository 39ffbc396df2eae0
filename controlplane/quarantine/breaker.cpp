#include "controlplane/quarantine/breaker.h"

namespace wardline::quarantine {

void Breaker::add(std::string_view device_class, std::string_view segment, Tick now) {
  while (!hits_.empty() && (hits_.size() >= kMost || hits_.front().time + limits_.window < now)) hits_.pop_front();
  hits_.push_back({now, std::string(device_class), std::string(segment)});
}

std::size_t Breaker::hits(Scope scope, std::string_view name, Tick now) const {
  std::size_t count = 0;
  for (const auto& hit : hits_) {
    if (hit.time + limits_.window < now) continue;
    const bool of_it = scope == Scope::kSite || (scope == Scope::kClass ? hit.device_class : hit.segment) == name;
    count += of_it ? 1 : 0;
  }
  return count;
}

bool Breaker::open(Scope scope, std::string_view name, std::size_t devices, Tick now) const {
  const auto count = hits(scope, name, now);
  return count >= limits_.at_least && static_cast<double>(count) > limits_.share * static_cast<double>(devices);
}

}  // namespace wardline::quarantine
