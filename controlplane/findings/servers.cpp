#include "controlplane/findings/servers.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controlplane/identity/exchange.h"

namespace wardline::findings {

Condition rogue_server(std::string_view who, std::string_view service, std::string_view subject,
                       std::string_view asker) {
  return {
      .kind = "rogue_server",
      .subject = std::string(subject),
      .explanation = fmt::format("{} answers as a {} server, which the policy does not know it for. Whoever believes "
                                 "it can be led anywhere.",
                                 who, service),
      .evidence = {fmt::format("answered {}", asker)}};
}

// When this was first seen, now that it is seen at `time`. The control plane's own clock may have been put back.
WallTime ClassServers::first(std::string_view device_class, Known& known, std::string_view app, WallTime time) {
  const auto [place, fresh] = known.try_emplace(std::string(app), time);
  if (fresh || time < place->second) {
    place->second = time;
    unsaved_.push_back({std::string(device_class), std::string(app), time});
  }
  return place->second;
}

ClassServers::Known* ClassServers::known(const inventory::Device& device) {
  if (device.device_class == "unidentified") return nullptr;
  if (classes_.size() >= kMostClasses && !classes_.contains(device.device_class)) return nullptr;
  auto& known = classes_[device.device_class];
  first(device.device_class, known, "", device.first_seen);
  return &known;
}

void ClassServers::restore(const inventory::ClassServer& server) {
  classes_[server.device_class][server.app] = server.first_seen;
}

void ClassServers::know(const inventory::Device& device) {
  auto* of_class = known(device);
  if (of_class == nullptr) return;
  for (const auto& item : device.evidence) {
    if (item.attribute != "speaks") continue;
    const auto exchange = identity::Exchange::parse(item.value);
    if (exchange && !exchange->as_client && of_class->size() <= kMostApps)
      first(device.device_class, *of_class, exchange->app, item.first_seen);
  }
}

std::optional<Condition> ClassServers::note(const inventory::Device& device, const Answer& answer, WallTime time) {
  auto* of_class = known(device);
  if (of_class == nullptr || (of_class->size() > kMostApps && !of_class->contains(answer.app))) return std::nullopt;
  const auto since = of_class->find("")->second;
  const auto seen = first(device.device_class, *of_class, answer.app, time);
  if (seen < since + kKnownAfter || time >= seen + kNewFor) return std::nullopt;
  return Condition{
      .kind = "new_server",
      .subject = std::string(answer.app),
      .explanation =
          fmt::format("{} answers as a server of {} at port {}. No {} did since {:%Y-%m-%d}; the policy {}.", device.id,
                      answer.app, answer.port, device.device_class, std::chrono::floor<std::chrono::seconds>(since),
                      answer.allowed ? "allows it" : "does not allow it"),
      .evidence = {fmt::format("speaks = {} as server, port {}", answer.app, answer.port)},
      .severity = answer.allowed ? "low" : "medium"};
}

std::vector<inventory::ClassServer> ClassServers::take_unsaved() {
  return std::exchange(unsaved_, {});
}

void ClassServers::unsaved_all() {
  unsaved_.clear();
  for (const auto& [device_class, known] : classes_)
    for (const auto& [app, time] : known) unsaved_.push_back({device_class, app, time});
}

}  // namespace wardline::findings
