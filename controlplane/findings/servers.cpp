#include "controlplane/findings/servers.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

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

ClassServers::Known& ClassServers::known(const inventory::Device& device) {
  auto& known = classes_.try_emplace(device.device_class, Known{device.first_seen, {}}).first->second;
  known.since = std::min(known.since, device.first_seen);
  return known;
}

void ClassServers::know(const inventory::Device& device) {
  if (device.device_class == "unidentified") return;
  auto& of_class = known(device);
  for (const auto& item : device.evidence) {
    if (item.attribute != "speaks") continue;
    const auto exchange = identity::Exchange::parse(item.value);
    if (!exchange || exchange->as_client) continue;
    auto& first = of_class.apps.try_emplace(exchange->app, item.first_seen).first->second;
    first = std::min(first, item.first_seen);
  }
}

std::optional<Condition> ClassServers::note(const inventory::Device& device, const Answer& answer, WallTime time) {
  if (device.device_class == "unidentified") return std::nullopt;
  auto& of_class = known(device);
  const auto first = of_class.apps.try_emplace(std::string(answer.app), time).first->second;
  if (first < of_class.since + kKnownAfter || time >= first + kNewFor) return std::nullopt;
  return Condition{
      .kind = "new_server",
      .subject = std::string(answer.app),
      .explanation = fmt::format("{} answers as a server of {} at port {}. No {} did since {:%Y-%m-%d}; the policy {}.",
                                 device.id, answer.app, answer.port, device.device_class,
                                 std::chrono::floor<std::chrono::seconds>(of_class.since),
                                 answer.allowed ? "allows it" : "does not allow it"),
      .evidence = {fmt::format("speaks = {} as server, port {}", answer.app, answer.port)},
      .severity = answer.allowed ? "low" : "medium"};
}

}  // namespace wardline::findings
