#include "controlplane/quarantine/threshold.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "dataplane/enforce/device_slots.h"

namespace wardline::quarantine {

namespace {

std::uint64_t what_of(const Event& event) {
  char bytes[20];
  std::memcpy(bytes, event.peer_ip.bytes.data(), 16);
  const std::uint16_t port = event.opened_by == flow::OpenedBy::kPeer ? event.device_port : event.peer_port;
  std::memcpy(bytes + 16, &port, 2);
  std::memcpy(bytes + 18, &event.app, 2);
  return enforce::name_hash(std::string_view(bytes, sizeof bytes));
}

}  // namespace

bool Threshold::add(const Event& event, std::uint16_t after, std::uint16_t within_seconds) {
  const Tick window = Tick{within_seconds} * kSecond;
  while (!seen_.empty() && event.time > window && seen_.front().first < event.time - window) seen_.pop_front();
  const auto what = what_of(event);
  if (std::any_of(seen_.begin(), seen_.end(), [&](const auto& item) { return item.second == what; })) return false;
  if (seen_.size() == kMost) seen_.pop_front();
  seen_.emplace_back(event.time, what);
  return after != 0 && seen_.size() >= after;
}

}  // namespace wardline::quarantine
