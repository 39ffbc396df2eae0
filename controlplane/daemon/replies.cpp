#include "controlplane/daemon/replies.h"

#include <nlohmann/json.hpp>

namespace wardline::daemon {
namespace {

using Json = nlohmann::ordered_json;

std::string line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string op_of(const Json& request) {
  const auto op = request.is_object() ? request.find("op") : request.end();
  return request.is_object() && op != request.end() && op->is_string() ? op->get<std::string>() : std::string();
}

}  // namespace

std::optional<std::string> reload_request(const std::string& text) {
  const auto request = Json::parse(text, nullptr, false);
  if (op_of(request) != "policy.reload") return std::nullopt;
  const auto directory = request.find("directory");
  return directory != request.end() && directory->is_string() ? directory->get<std::string>() : std::string();
}

std::string policy_reply(const std::expected<appliance::PolicySummary, Errors>& loaded) {
  if (loaded)
    return line({{"ok", true},
                 {"policy",
                  {{"directory", loaded->directory},
                   {"site", loaded->site},
                   {"policy_hash", loaded->hash},
                   {"policy_commit", loaded->commit.empty() ? Json(nullptr) : Json(loaded->commit)},
                   {"epoch", loaded->epoch},
                   {"classes", loaded->classes},
                   {"rules", loaded->rules},
                   {"segments", loaded->segments},
                   {"signatures", loaded->signatures}}}});
  Json errors = Json::array();
  for (const auto& error : loaded.error())
    errors.push_back({{"code", error.code}, {"where", error.where}, {"what", error.what}});
  return line({{"ok", false}, {"exit", 1}, {"errors", std::move(errors)}});
}

std::string busy_reply() {
  return line({{"ok", false},
               {"exit", 1},
               {"errors",
                {{{"code", "policy.busy"},
                  {"where", ""},
                  {"what", "another policy is being loaded; ask again in a moment"}}}}});
}

std::string add_ports(std::string answer, const std::string& request, const std::vector<runtime::LegStatus>& legs,
                      const std::vector<runtime::LaneStatus>& lanes) {
  if (op_of(Json::parse(request, nullptr, false)) != "status") return answer;
  auto json = Json::parse(answer, nullptr, false);
  if (!json.is_object() || !json.contains("status")) return answer;
  Json ports = Json::array();
  for (const auto& leg : legs)
    ports.push_back({{"bundle", leg.bundle},
                     {"pair", leg.pair},
                     {"side", leg.side == Side::kDevice ? "device" : "core"},
                     {"spec", leg.spec},
                     {"driver", leg.driver},
                     {"link", leg.up ? "up" : "down"},
                     {"mtu", leg.mtu},
                     {"mac", leg.mac},
                     {"rx_frames", leg.rx_frames},
                     {"tx_frames", leg.tx_frames},
                     {"rx_bytes", leg.rx_bytes},
                     {"tx_bytes", leg.tx_bytes},
                     {"missed", leg.missed},
                     {"errors", leg.errors},
                     {"no_buffers", leg.no_buffers}});
  Json threads = Json::array();
  for (const auto& lane : lanes)
    threads.push_back({{"bundle", lane.lane.bundle},
                       {"queue", lane.lane.queue},
                       {"core", lane.lane.core},
                       {"turns", lane.turns},
                       {"busy_turns", lane.busy_turns},
                       {"busy_cycles", lane.busy_cycles},
                       {"cycles", lane.cycles}});
  json["status"]["ports"] = std::move(ports);
  json["status"]["lanes"] = std::move(threads);
  return line(json);
}

}  // namespace wardline::daemon
