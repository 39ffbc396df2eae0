// Frames that the ports and the queues between workers lose: what the daemon does about them, and who is told.
#include <spdlog/spdlog.h>

#include "controlplane/daemon/daemon.h"

namespace wardline::daemon {

// Such losses mean that the workers cannot follow: inspection is shed
// until a second went without.
void Daemon::watch_load(Tick now, const std::vector<runtime::LegStatus>& legs) {
  std::uint64_t lost = 0;
  for (const auto& leg : legs) lost += leg.missed + leg.no_buffers;
  for (const auto& worker : workers_)
    lost += worker->counters().dropped[static_cast<std::size_t>(Reason::kDistributionFull)].read();
  const bool was_overloaded = overloaded_until_ != 0;
  if (lost > lost_frames_)
    overloaded_until_ = now + kSecond;
  else if (now > overloaded_until_)
    overloaded_until_ = 0;
  const bool overloaded = overloaded_until_ != 0;
  if (overloaded != was_overloaded) {
    for (auto& worker : workers_) worker->set_overloaded(overloaded);
    if (overloaded)
      spdlog::warn("overloaded: {} frames were lost before they could be judged; new flows follow on_failure.overload",
                   lost - lost_frames_);
    else
      spdlog::info("no longer overloaded");
  }
  lost_frames_ = lost;
}

// For `trace`. What the polling worker could not hand on is of no leg.
void Daemon::see_legs(const std::vector<runtime::LegStatus>& legs, appliance::WallTime wall) {
  std::vector<appliance::LegCounts> counts;
  for (const auto& leg : legs) counts.push_back({leg.bundle, leg.name(), leg.lost_in(), leg.lost_out()});
  const auto lanes = runtime_->lanes();
  for (std::size_t i = 0; i < lanes.size(); ++i)
    if (lanes[i].queue == 0)
      counts.push_back({config_.ports.bundles[lanes[i].bundle].name, "the queues between its workers",
                        workers_[i]->counters().dropped[static_cast<std::size_t>(Reason::kDistributionFull)].read()});
  appliance_->see_legs(counts, wall);
}

}  // namespace wardline::daemon
